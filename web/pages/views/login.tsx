/** Owns the way in: name and password, and a code where the account wants one. */
import {useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {definePage} from '../define.tsx';
import {Field, Form, type Typed} from '../parts/form.tsx';
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

function Login({model}: {readonly model: Model}) {
  const {call} = useAround();
  const text = useWords(words);
  const [wantsCode, wantCode] = useState(false);
  const send = async (typed: Typed, form: HTMLFormElement): Promise<Problem | null> => {
    const code = typed('code').trim();
    const given = {name: typed('username').trim(), password: typed('password')};
    const answer = await call('auth.login', {body: {...given, ...(code !== '' && {code})}});
    if (answer.ok) {
      location.assign(model.next);
      return null;
    }
    if (answer.why.code !== 'code-needed') return answer.why;
    wantCode(true);
    setTimeout(() => form.querySelector<HTMLInputElement>('[name=code]')?.focus());
    return null;
  };
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
      <p class="quiet">
        {text.first} <a href="/setup">{text.setup}</a>.
      </p>
    </section>
  );
}
