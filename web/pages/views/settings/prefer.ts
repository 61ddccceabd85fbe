/** Owns changing what somebody likes: all of it is sent, with what has changed, and the page goes on from the answer. */
import type {Me} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {words} from '../settings.words.ts';

export type Preferences = Me['preferences'];

/** Null when it went well, which is said. */
export function usePrefer(me: Me): (change: Partial<Preferences>) => Promise<Problem | null> {
  const {call, became, say} = useAround();
  const text = useWords(words);
  return async change => {
    const preferences = {...me.preferences, ...change};
    const answer = await call('auth.preferences', {body: {preferences}});
    if (!answer.ok) {
      say({is: 'trouble', why: answer.why});
      return answer.why;
    }
    became(answer.value);
    say({is: 'done', text: text.saved});
    return null;
  };
}
