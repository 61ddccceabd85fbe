/** Owns the way in: name and password, a code where the account wants one, or somebody's phone that is in already. */
import {useCallback, useEffect, useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {definePage} from '../define.tsx';
import {Field, Form, type Typed} from '../parts/form.tsx';
import {LetIn} from '../parts/let-in.tsx';
import {words} from './login.words.ts';

interface Model {
  /** Where somebody wanted to go. */
  readonly next: string;
}

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load: async (_, {query}) => ({ok: true, value: {next: ownPath(query.get('next'))}}),
  View: Login,
});

/** A path of this box and nothing else: a link must not lead through the login to a stranger. */
export function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w/?=&.%-]*$/.test(next) ? next : '/';
}

type Scan = {readonly is: 'off'} | {readonly is: 'on'; readonly offer: string | null};

/** Whom somebody was about to let in who turned out not to be logged in. */
const isIntent = /^#[0-9a-hjkmnp-tv-z]{16}$/;

function Login({model}: {readonly model: Model}) {
  const {call} = useAround();
  const text = useWords(words);
  const [wantsCode, wantCode] = useState(false);
  const [next, setNext] = useState(model.next);
  const [scan, setScan] = useState<Scan>({is: 'off'});
  const enter = useCallback(() => location.assign(next), [next]);
  useEffect(() => {
    const {hash} = location;
    // What lets somebody in has no place in the history.
    if (hash !== '') history.replaceState(null, '', location.pathname + location.search);
    if (hash.startsWith('#qr.')) setScan({is: 'on', offer: hash.slice(4)});
    else if (model.next === '/approve' && isIntent.test(hash)) setNext(model.next + hash);
  }, [model.next]);
  const send = async (typed: Typed, form: HTMLFormElement): Promise<Problem | null> => {
    const code = typed('code').trim();
    const given = {name: typed('username').trim(), password: typed('password')};
    const answer = await call('auth.login', {body: {...given, ...(code !== '' && {code})}});
    if (answer.ok) {
      enter();
      return null;
    }
    if (answer.why.code !== 'code-needed') return answer.why;
    wantCode(true);
    setTimeout(() => form.querySelector<HTMLInputElement>('[name=code]')?.focus());
    return null;
  };
  if (scan.is === 'on')
    return (
      <section class="door">
        <h1>{text.title}</h1>
        <LetIn offer={scan.offer} entered={enter} />
        <button type="button" class="plain wide" onClick={() => setScan({is: 'off'})}>
          {text.scan.back}
        </button>
      </section>
    );
  return (
    <section class="door">
      <h1>{text.title}</h1>
      <Form send={send} label={text.go}>
        <Field label={text.name} name="username" autocomplete="username" isExact required />
        <Field
          label={text.password}
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
        {wantsCode && (
          <Field
            label={text.code}
            hint={text.codeHint}
            name="code"
            autocomplete="one-time-code"
            isExact
            required
          />
        )}
      </Form>
      <button type="button" class="plain wide" onClick={() => setScan({is: 'on', offer: null})}>
        {text.scan.begin}
      </button>
      <p class="quiet">
        {text.first} <a href="/setup">{text.setup}</a>.
      </p>
    </section>
  );
}
