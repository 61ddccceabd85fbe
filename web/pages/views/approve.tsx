/** Owns the page that a square code of a waiting device leads to: `/approve#INTENT`. Whoever is logged in says yes or no. */
import {useEffect, useState} from 'preact/hooks';
import type {IntentId, IntentShown} from '../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {definePage} from '../define.tsx';
import {Asker} from '../parts/asker.tsx';
import {Trouble} from '../parts/form.tsx';
import {words} from './approve.words.ts';

type Found =
  | {readonly is: 'none' | 'looking' | 'approved' | 'denied'}
  | {readonly is: 'waiting'; readonly intent: IntentShown}
  | {readonly is: 'no'; readonly why: Problem};

export const page = definePage<null>({
  title: (_, language) => words[language].title,
  load: async () => ({ok: true, value: null}),
  View: Approve,
});

function Approve() {
  const {call} = useAround();
  const text = useWords(words);
  const [found, find] = useState<Found>({is: 'looking'});
  useEffect(() => {
    const id = location.hash.slice(1);
    // Who waits is nobody's business who looks through the history.
    history.replaceState(null, '', location.pathname);
    if (id === '') return find({is: 'none'});
    // What is no intent's id is told so by the box.
    void call('auth.qr_get', {params: {intent: id as IntentId}}).then(answer => {
      if (!answer.ok) find({is: 'no', why: answer.why});
      else if (answer.value.state === 'waiting') find({is: 'waiting', intent: answer.value});
      else find({is: answer.value.state});
    });
  }, [call]);
  return (
    <section class="door">
      <h1>{text.title}</h1>
      {found.is === 'waiting' ? (
        <Asker intent={found.intent} decided={is => find({is})} />
      ) : found.is === 'no' ? (
        <Trouble why={found.why} />
      ) : (
        <p role="status">{text[found.is]}</p>
      )}
      {(found.is === 'approved' || found.is === 'denied' || found.is === 'no') && (
        <a class="button wide" href="/">
          {text.home}
        </a>
      )}
    </section>
  );
}
