/** Owns asking before something is taken away: what it is about, the way back first, and what went wrong. Leaving it is a no. */
import type {ComponentChildren} from 'preact';
import {useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useWords} from '../around.tsx';
import {Trouble} from './form.tsx';
import {words} from './sure.words.ts';

export interface SureParts {
  readonly question: ComponentChildren;
  /** What it is about. */
  readonly children?: ComponentChildren;
  readonly keep: string;
  readonly go: string;
  readonly isBusy?: boolean;
  /** It takes nothing away, and is asked about all the same. */
  readonly isHarmless?: boolean;
  readonly answer: (isSure: boolean) => void;
}

export function Sure({question, children, keep, go, answer, isBusy = false, isHarmless = false}: SureParts) {
  return (
    <dialog ref={show} onCancel={() => answer(false)} aria-label={go}>
      <div class="about">{question}</div>
      {children}
      <div class="row">
        <button type="button" autofocus onClick={() => answer(false)}>
          {keep}
        </button>
        <button
          type="button"
          class={isHarmless ? 'main' : 'danger'}
          disabled={isBusy}
          onClick={() => answer(true)}
        >
          {go}
        </button>
      </div>
    </dialog>
  );
}

export interface SureButtonParts {
  /** What is to be done, as its button says it. */
  readonly act: string;
  readonly about: ComponentChildren;
  /** Null when it went well. */
  readonly go: () => Promise<Problem | null>;
  readonly isQuiet?: boolean;
  readonly isHarmless?: boolean;
}

/** A button that asks before it acts. */
export function SureButton({act, about, go, isQuiet = false, isHarmless = false}: SureButtonParts) {
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
        <Sure
          question={about}
          keep={text.cancel}
          go={act}
          isBusy={isBusy}
          isHarmless={isHarmless}
          answer={isSure => (isSure ? void goOn() : leave())}
        >
          <Trouble why={why} />
        </Sure>
      )}
    </>
  );
}

const show = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};
