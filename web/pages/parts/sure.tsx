/** Owns asking before something is taken away: what it is about, Cancel first, and what went wrong. */
import type {ComponentChildren} from 'preact';
import {useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useWords} from '../around.tsx';
import {Trouble} from './form.tsx';
import {words} from './sure.words.ts';

export interface SureParts {
  /** What is to be done, as its button says it. */
  readonly act: string;
  readonly about: ComponentChildren;
  /** Null when it went well. */
  readonly go: () => Promise<Problem | null>;
  readonly isQuiet?: boolean;
  /** It takes nothing away, and is asked about all the same. */
  readonly isHarmless?: boolean;
}

/** A button that asks before it acts. */
export function SureButton({act, about, go, isQuiet = false, isHarmless = false}: SureParts) {
  const text = useWords(words);
  const [isAsked, ask] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [why, setWhy] = useState<Problem | null>(null);
  const leave = (): void => {
    ask(false);
    setWhy(null);
  };
  const goOn = async (): Promise<void> => {
    setBusy(true);
    const problem = await go();
    setBusy(false);
    if (problem === null) leave();
    else setWhy(problem);
  };
  return (
    <>
      <button
        type="button"
        class={isHarmless ? '' : isQuiet ? 'plain danger' : 'danger'}
        onClick={() => ask(true)}
      >
        {act}
      </button>
      {isAsked && (
        <dialog ref={show} onCancel={leave} aria-label={act}>
          <div class="about">{about}</div>
          <Trouble why={why} />
          <div class="row">
            <button type="button" autofocus onClick={leave}>
              {text.cancel}
            </button>
            <button
              type="button"
              class={isHarmless ? 'main' : 'danger'}
              disabled={isBusy}
              onClick={() => void goOn()}
            >
              {act}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}

const show = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};
