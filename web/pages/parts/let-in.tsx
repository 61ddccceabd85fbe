/** Owns waiting to be let in by somebody's phone: the square code or the number, asking until there is an answer, and going in. */
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import type {IntentShown} from '../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {words} from '../views/login.words.ts';
import {Trouble} from './form.tsx';
import {Square} from './square.tsx';

type Waiting =
  | {readonly is: 'begun' | 'denied' | 'late'}
  | {readonly is: 'shown'; readonly number: string; readonly url: string | null}
  | {readonly is: 'no'; readonly why: Problem};

/** As long as the box keeps the question. */
const patienceMs = 120_000;
/** Until it is asked again after the network was away. */
const restMs = 2_000;

export interface LetInParts {
  /** What was read from somebody's own square code; null to show one. */
  readonly offer: string | null;
  readonly entered: () => void;
}

export function LetIn({offer, entered}: LetInParts) {
  const {call} = useAround();
  const text = useWords(words).scan;
  const [waiting, wait] = useState<Waiting>({is: 'begun'});
  const round = useRef(0);

  const answered = useCallback(
    async (intent: IntentShown['id'], isMine: () => boolean): Promise<void> => {
      const until = performance.now() + patienceMs;
      while (isMine() && performance.now() < until) {
        const polled = await call('auth.qr_poll', {params: {intent}});
        if (!isMine()) return;
        if (!polled.ok && polled.why.code === 'unreached') {
          await new Promise(done => setTimeout(done, restMs));
          continue;
        }
        if (!polled.ok) break;
        if (polled.value.state === 'denied') return wait({is: 'denied'});
        if (polled.value.state !== 'approved') continue;
        const redeemed = await call('auth.qr_redeem', {params: {intent}, body: {}});
        return redeemed.ok ? entered() : wait({is: 'no', why: redeemed.why});
      }
      if (isMine()) wait({is: 'late'});
    },
    [call, entered],
  );

  const ask = useCallback(
    async (given: string | null): Promise<void> => {
      const mine = ++round.current;
      const isMine = (): boolean => mine === round.current;
      const answer = await call('auth.qr_init', {body: given === null ? {} : {offer: given}});
      if (!isMine()) return;
      if (!answer.ok) return wait({is: 'no', why: answer.why});
      const {id, number, url} = answer.value;
      wait({is: 'shown', number, url: given === null ? url : null});
      await answered(id, isMine);
    },
    [call, answered],
  );

  useEffect(() => {
    void ask(offer);
    return () => {
      round.current += 1;
    };
  }, [ask, offer]);

  if (waiting.is === 'begun') return <p role="status">{text.waiting}</p>;
  if (waiting.is === 'no') return <Trouble why={waiting.why} />;
  if (waiting.is !== 'shown')
    return (
      <>
        <p role="alert">{text[waiting.is]}</p>
        {/* What was read from a screen is used up: the screen shows another. */}
        <button type="button" class="wide" onClick={() => void ask(null)}>
          {text.again}
        </button>
      </>
    );
  return (
    <div class="let-in">
      <p>{waiting.url === null ? text.offered : text.about}</p>
      {waiting.url !== null && <Square text={waiting.url} label={text.alt} />}
      <p>
        {text.number} <strong class="number">{waiting.number}</strong>
      </p>
      <p class="quiet" role="status">
        {text.waiting}
      </p>
    </div>
  );
}
