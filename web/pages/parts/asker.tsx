/** Owns the question whether a device is let in: which it is, from where, the number to compare, yes and no. */
import {useState} from 'preact/hooks';
import type {IntentShown} from '../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {words} from './asker.words.ts';
import {Trouble} from './form.tsx';

export interface AskerParts {
  readonly intent: IntentShown;
  readonly decided: (state: 'approved' | 'denied') => void;
}

export function Asker({intent: {id, device, address, number}, decided}: AskerParts) {
  const {call} = useAround();
  const text = useWords(words);
  const [why, setWhy] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const decide = async (state: 'approved' | 'denied'): Promise<void> => {
    setBusy(true);
    const about = {params: {intent: id}};
    const answer = await (state === 'approved'
      ? call('auth.qr_approve', {...about, body: {number}})
      : call('auth.qr_deny', about));
    setBusy(false);
    if (answer.ok) decided(state);
    else setWhy(answer.why);
  };
  return (
    <div class="card asker">
      <dl class="facts">
        <div>
          <dt>{text.device}</dt>
          <dd dir="auto">{device}</dd>
        </div>
        <div>
          <dt>{text.address}</dt>
          <dd>{address}</dd>
        </div>
      </dl>
      <p>{text.compare}</p>
      <p class="number">{number}</p>
      <p class="quiet">{text.care}</p>
      <Trouble why={why} />
      <div class="row">
        <button type="button" disabled={isBusy} onClick={() => void decide('denied')}>
          {text.deny}
        </button>
        <button type="button" class="main" disabled={isBusy} onClick={() => void decide('approved')}>
          {text.approve}
        </button>
      </div>
    </div>
  );
}
