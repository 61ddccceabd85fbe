/** Owns letting a device in by one's own square code: shows it, and then who asked with it. */
import {useEffect, useState} from 'preact/hooks';
import type {IntentShown} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import {Asker} from '../../parts/asker.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Trouble} from '../../parts/form.tsx';
import {Square} from '../../parts/square.tsx';
import {words} from '../settings.words.ts';

type Stage =
  | {readonly is: 'rest' | 'approved' | 'denied' | 'late'}
  | {readonly is: 'offered'; readonly url: string}
  | {readonly is: 'asked'; readonly intent: IntentShown}
  | {readonly is: 'no'; readonly why: Problem};

/** As long as the box keeps the code. */
const patienceMs = 120_000;
const askMs = 1_500;

export function Guest() {
  const {call, again} = useAround();
  const text = useWords(words).guest;
  const [stage, go] = useState<Stage>({is: 'rest'});
  const url = stage.is === 'offered' ? stage.url : null;
  useEffect(() => {
    if (url === null) return;
    let isGone = false;
    const until = performance.now() + patienceMs;
    const look = async (): Promise<void> => {
      if (performance.now() > until) return go({is: 'late'});
      const answer = await call('auth.qr_pending', {});
      const intent = answer.ok ? answer.value.intents[0] : undefined;
      if (!isGone && intent !== undefined) go({is: 'asked', intent});
    };
    const timer = setInterval(() => void look(), askMs);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [url, call]);
  const offer = async (): Promise<void> => {
    const answer = await call('auth.qr_offer', {body: {}});
    go(answer.ok ? {is: 'offered', url: answer.value.url} : {is: 'no', why: answer.why});
  };
  const decided = (is: 'approved' | 'denied'): void => {
    go({is});
    if (is === 'approved') again();
  };
  return (
    <Fold id="guest" title={text.title}>
      <p class="quiet">{text.about}</p>
      {stage.is === 'offered' && (
        <>
          <p>{text.scan}</p>
          <Square text={stage.url} label={text.alt} />
          <p class="quiet" role="status">
            {text.waiting}
          </p>
        </>
      )}
      {stage.is === 'asked' && <Asker intent={stage.intent} decided={decided} />}
      {(stage.is === 'approved' || stage.is === 'denied' || stage.is === 'late') && (
        <p role="status">{text[stage.is]}</p>
      )}
      {stage.is === 'no' && <Trouble why={stage.why} />}
      {stage.is !== 'offered' &&
        stage.is !== 'asked' &&
        (stage.is !== 'no' || stage.why.code !== 'qr-off') && (
          <button type="button" onClick={() => void offer()}>
            {text.begin}
          </button>
        )}
    </Fold>
  );
}
