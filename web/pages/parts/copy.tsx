/** Owns a text that is to be taken elsewhere: shown whole, copied by a button. Never kept. */
import {useId, useRef, useState} from 'preact/hooks';
import {useWords} from '../around.tsx';
import {words} from './copy.words.ts';

export function Copy({label, text}: {readonly label: string; readonly text: string}) {
  const said = useWords(words);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    field.current?.select();
    setCopied(await copied(text));
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row tight">
        <input ref={field} id={id} value={text} readOnly spellcheck={false} />
        <button type="button" onClick={() => void copy()}>
          {said.copy}
        </button>
      </div>
      <small role="status">{isCopied ? said.copied : ''}</small>
    </div>
  );
}

/** Browsers lend the clipboard to pages that came over TLS; to the others as to a person who presses a key, of what is selected. */
async function copied(text: string): Promise<boolean> {
  if (!window.isSecureContext) return document.execCommand('copy');
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => document.execCommand('copy'),
  );
}
