/** Owns using up a code: `/setup#CODE` of the first admin, `/join#TICKET.CODE` of everybody after. */
import {useEffect, useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {definePage} from '../define.tsx';
import {Field, Form, type Typed} from '../parts/form.tsx';
import {NewPassword} from '../parts/new-password.tsx';
import {words} from './redeem.words.ts';

export const page = definePage<null>({
  title: (_, language) => words[language].join,
  load: async () => ({ok: true, value: null}),
  View: Redeem,
});

function Redeem() {
  const {call} = useAround();
  const text = useWords(words);
  const [code, setCode] = useState('');
  const [isSetup, setIsSetup] = useState(true);
  useEffect(() => {
    setIsSetup(location.pathname === '/setup');
    setCode(decodeURIComponent(location.hash.slice(1)));
    // What lets somebody in has no place in the history.
    history.replaceState(null, '', location.pathname);
  }, []);
  const send = async (typed: Typed): Promise<Problem | null> => {
    const whole = typed('code').trim();
    const [ticket = '', ...rest] = whole.split('.');
    const part = isSetup ? {ticket: null, code: whole} : {ticket, code: rest.join('.')};
    const name = typed('username').trim();
    const body = {...part, password: typed('password'), ...(name !== '' && {name})};
    // A ticket that is none is told so by the box.
    const answer = await call('auth.redeem', {body: body as Body});
    if (!answer.ok) return answer.why;
    location.replace('/welcome');
    return null;
  };
  return (
    <section class="door">
      <h1>{isSetup ? text.setup : text.join}</h1>
      <p>{isSetup ? text.setupAbout : text.joinAbout}</p>
      <Form send={send} label={text.go}>
        <Field
          label={text.code}
          name="code"
          value={code}
          onInput={setCode}
          autocomplete="off"
          isExact
          required
        />
        <Field
          label={text.name}
          hint={isSetup ? text.nameHint : text.nameGiven}
          name="username"
          autocomplete="username"
          isExact
          required={isSetup}
        />
        <NewPassword label={text.password} name="password" />
      </Form>
    </section>
  );
}

type Body = Parameters<ReturnType<typeof useAround>['call']>[1] extends infer I
  ? I extends {readonly body: infer B}
    ? B
    : never
  : never;
