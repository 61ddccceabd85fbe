/** Owns the field for a password that somebody chooses. Never for one that they have. */
import {useWords} from '../around.tsx';
import {Field} from './form.tsx';
import {words} from './new-password.words.ts';

export function NewPassword({label, name}: {readonly label: string; readonly name: string}) {
  return (
    <Field
      {...{label, name}}
      hint={useWords(words).length}
      type="password"
      autocomplete="new-password"
      minLength={12}
      required
    />
  );
}
