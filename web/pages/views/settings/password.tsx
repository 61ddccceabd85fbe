/** Owns choosing another password. */
import {useAround, useWords} from '../../around.tsx';
import {Fold} from '../../parts/fold.tsx';
import {Field, Form} from '../../parts/form.tsx';
import {NewPassword} from '../../parts/new-password.tsx';
import {words} from '../settings.words.ts';

export function PasswordChange() {
  const {call, me, again, say} = useAround();
  const text = useWords(words).password;
  return (
    <Fold id="password" title={text.title}>
      <p class="quiet">{text.about}</p>
      <Form
        label={text.save}
        send={async (typed, form) => {
          const body = {password: typed('password'), next: typed('next')};
          const answer = await call('auth.password', {body});
          if (!answer.ok) return answer.why;
          form.reset();
          say({is: 'done', text: text.done});
          again();
          return null;
        }}
      >
        {/* Whose it is, for what keeps passwords. */}
        <input type="text" hidden autocomplete="username" value={me?.name} readOnly />
        <Field label={text.old} name="password" type="password" autocomplete="current-password" required />
        <NewPassword label={text.next} name="next" />
      </Form>
    </Fold>
  );
}
