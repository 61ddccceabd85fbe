/** Owns asking who it is once more: a dialog for the password or a code, and what the box says to it. */
import type {Problem} from '../../appliance/api/shapes.ts';
import type {Language} from './language.ts';
import {words} from './shell.words.ts';

export type Prove = (given: {readonly password: string} | {readonly code: string}) => Promise<Problem | null>;

/** True once it was proven; false when the dialog was left. Made by hand: it stands over whatever page there is. */
export function proveIt(language: Language, hasCode: boolean, prove: Prove): Promise<boolean> {
  const text = words[language].fresh;
  const dialog = document.createElement('dialog');
  const form = document.createElement('form');
  const field = (id: string, label: string, options: Partial<HTMLInputElement>) => {
    const [name, input] = [document.createElement('label'), document.createElement('input')];
    const pair = Object.assign(document.createElement('div'), {className: 'field'});
    Object.assign(name, {htmlFor: id, textContent: label});
    Object.assign(input, {id, ...options});
    pair.append(name, input);
    form.append(pair);
    return input;
  };
  const title = Object.assign(document.createElement('h2'), {id: 'prove-title', textContent: text.title});
  form.append(title, Object.assign(document.createElement('p'), {textContent: text.about}));
  const password = field('prove-password', text.password, {
    type: 'password',
    autocomplete: 'current-password',
  });
  const code = hasCode
    ? field('prove-code', `${text.or} ${text.code}`, {autocomplete: 'one-time-code', inputMode: 'numeric'})
    : null;
  const trouble = Object.assign(document.createElement('p'), {className: 'trouble'});
  trouble.setAttribute('role', 'alert');
  const [ok, cancel] = [document.createElement('button'), document.createElement('button')];
  Object.assign(ok, {textContent: text.go, className: 'main'});
  Object.assign(cancel, {textContent: text.cancel, type: 'button'});
  const buttons = Object.assign(document.createElement('div'), {className: 'row'});
  buttons.append(cancel, ok);
  form.append(trouble, buttons);
  dialog.append(form);
  dialog.setAttribute('aria-labelledby', title.id);
  document.body.append(dialog);
  const {promise, resolve} = Promise.withResolvers<boolean>();
  const leave = (proven: boolean): void => {
    dialog.close();
    dialog.remove();
    resolve(proven);
  };
  cancel.addEventListener('click', () => leave(false));
  dialog.addEventListener('cancel', () => leave(false));
  form.addEventListener('submit', event => {
    event.preventDefault();
    ok.disabled = true;
    const typed = code?.value.trim() ?? '';
    void prove(typed === '' ? {password: password.value} : {code: typed}).then(why => {
      ok.disabled = false;
      if (why === null) return leave(true);
      trouble.textContent = `${why.what} ${why.fix}`;
      password.focus();
    });
  });
  dialog.showModal();
  password.focus();
  return promise;
}
