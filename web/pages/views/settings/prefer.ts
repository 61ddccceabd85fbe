/** Owns changing what somebody likes: all of it is sent, with what has changed, and the page goes on from the answer. */
import type {Me} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {words} from '../settings.words.ts';

export type Preferences = Me['preferences'];

/** One after the other: what is sent is all that somebody likes, so a change begins where the last one ended, in another tab too. */
let last: Promise<unknown> = Promise.resolve();

type Change = (before: Preferences) => Partial<Preferences>;

/** Null when it went well, which is said. */
export function usePrefer(): (change: Change) => Promise<Problem | null> {
  const {call, became, say} = useAround();
  const text = useWords(words);
  const send = async (change: Change): Promise<Problem | null> => {
    const now = await call('auth.me', {});
    if (!now.ok) return now.why;
    const before = now.value.preferences;
    const answer = await call('auth.preferences', {body: {preferences: {...before, ...change(before)}}});
    if (!answer.ok) return answer.why;
    became(answer.value);
    // In the language that was, it would be odd; and that it changed is plain to see.
    say(before.language === answer.value.preferences.language ? {is: 'done', text: text.saved} : null);
    return null;
  };
  return async change => {
    const sent = last.then(() => send(change));
    last = sent;
    const why = await sent;
    if (why !== null) say({is: 'trouble', why});
    return why;
  };
}
