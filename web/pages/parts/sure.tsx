/** Owns asking before something is taken away: the way back comes first, and leaving the dialog is a no. */
import type {ComponentChildren} from 'preact';
import {useId} from 'preact/hooks';

export interface SureParts {
  readonly question: string;
  /** What it is about. */
  readonly children?: ComponentChildren;
  readonly keep: string;
  readonly go: string;
  readonly answer: (isSure: boolean) => void;
}

export function Sure({question, children, keep, go, answer}: SureParts) {
  const id = useId();
  return (
    <dialog ref={show} onCancel={() => answer(false)} aria-labelledby={id}>
      <p id={id}>{question}</p>
      {children}
      <div class="row">
        <button type="button" autofocus onClick={() => answer(false)}>
          {keep}
        </button>
        <button type="button" class="danger" onClick={() => answer(true)}>
          {go}
        </button>
      </div>
    </dialog>
  );
}

const show = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};
