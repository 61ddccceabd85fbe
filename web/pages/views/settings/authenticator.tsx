/** Owns one's own authenticator: setting one up, its recovery codes, doing without. The codes are shown once. */
import {useState} from 'preact/hooks';
import type {Me} from '../../../../appliance/api/account-shapes.ts';
import type {Problem} from '../../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../../around.tsx';
import type {Answered} from '../../call.ts';
import {Copy} from '../../parts/copy.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Field, Form} from '../../parts/form.tsx';
import {Square} from '../../parts/square.tsx';
import {SureButton} from '../../parts/sure.tsx';
import {words} from '../settings.words.ts';

type Stage =
  | {readonly is: 'rest'}
  | {readonly is: 'setup'; readonly secret: string; readonly address: string}
  | {readonly is: 'codes'; readonly codes: readonly string[]};

export function Authenticator({me}: {readonly me: Me}) {
  const {call, became, say} = useAround();
  const text = useWords(words).totp;
  const [stage, go] = useState<Stage>({is: 'rest'});
  const renewed = async (): Promise<void> => {
    const answer = await call('auth.me', {});
    if (answer.ok) became(answer.value);
  };
  const begin = async (): Promise<void> => {
    const answer = await call('auth.totp_setup', {});
    if (answer.ok) go({is: 'setup', ...answer.value});
    else if (answer.why.code !== 'not-fresh') say({is: 'trouble', why: answer.why});
  };
  const showCodes = async (
    answer: Answered<{readonly codes: readonly string[]}>,
  ): Promise<Problem | null> => {
    if (!answer.ok) return answer.why;
    go({is: 'codes', codes: answer.value.codes});
    await renewed();
    return null;
  };
  const disable = async (): Promise<Problem | null> => {
    const answer = await call('auth.totp_disable', {});
    if (!answer.ok) return answer.why;
    go({is: 'rest'});
    await renewed();
    return null;
  };
  return (
    <Fold id="authenticator" title={text.title} note={me.totp ? text.isOn : text.isOff}>
      <p class="quiet">{text.about}</p>
      {stage.is === 'setup' && (
        <Setup
          {...stage}
          verify={async code => showCodes(await call('auth.totp_verify', {body: {code}}))}
          leave={() => go({is: 'rest'})}
        />
      )}
      {stage.is === 'codes' && <Codes codes={stage.codes} done={() => go({is: 'rest'})} />}
      {stage.is === 'rest' && !me.totp && (
        <button type="button" class="main" onClick={() => void begin()}>
          {text.begin}
        </button>
      )}
      {stage.is === 'rest' && me.totp && (
        <>
          <p>{text.left(me.recovery)}</p>
          <div class="row">
            <SureButton
              act={text.fresh}
              about={text.freshSure}
              go={async () => showCodes(await call('auth.recovery', {}))}
              isHarmless
            />
            <SureButton act={text.disable} about={text.disableSure} go={disable} />
          </div>
        </>
      )}
    </Fold>
  );
}

interface SetupParts {
  readonly secret: string;
  readonly address: string;
  readonly verify: (code: string) => Promise<Problem | null>;
  readonly leave: () => void;
}

function Setup({secret, address, verify, leave}: SetupParts) {
  const text = useWords(words).totp;
  return (
    <>
      <p>{text.scan}</p>
      <Square text={address} label={text.square} />
      <p>
        <a href={address}>{text.here}</a>
      </p>
      <Copy label={text.secret} text={secret} />
      <Form label={text.verify} send={typed => verify(typed('code').replaceAll(' ', ''))}>
        <Field
          label={text.code}
          name="code"
          autocomplete="one-time-code"
          inputMode="numeric"
          maxLength={10}
          isExact
          required
        />
      </Form>
      <button type="button" class="plain" onClick={leave}>
        {text.leave}
      </button>
    </>
  );
}

function Codes({codes, done}: {readonly codes: readonly string[]; readonly done: () => void}) {
  const text = useWords(words).totp;
  const whole = codes.join('\n');
  const keep = (): void => {
    const address = URL.createObjectURL(new Blob([`${whole}\n`], {type: 'text/plain'}));
    const link = Object.assign(document.createElement('a'), {href: address, download: 'dubstead-codes.txt'});
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <div class="card">
      <p role="status">{text.codes}</p>
      <ul class="codes">
        {codes.map(code => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Copy label={text.allCodes} text={codes.join(' ')} />
      <div class="row">
        <button type="button" onClick={keep}>
          {text.keep}
        </button>
        <button type="button" class="main" onClick={done}>
          {text.kept}
        </button>
      </div>
    </div>
  );
}
