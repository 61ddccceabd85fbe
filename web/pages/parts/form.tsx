/** Owns fields and forms: labels, hints, one send at a time, and what went wrong beside it. Never knows what is sent. */
import type {ComponentChildren, JSX} from 'preact';
import {useId, useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';

export interface FieldParts {
  readonly label: string;
  readonly hint?: string;
  readonly name: string;
  readonly type?: 'text' | 'password' | 'email' | 'number' | 'search' | 'date';
  readonly autocomplete?: string;
  readonly inputMode?: 'text' | 'numeric' | 'decimal' | 'search';
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
  readonly pattern?: string;
  /** A name, a code: nothing to be corrected. */
  readonly isExact?: boolean;
  readonly value?: string;
  readonly onInput?: (text: string) => void;
}

export function Field({label, hint, isExact = false, value, onInput, type = 'text', ...more}: FieldParts) {
  const id = useId();
  const described = hint === undefined ? {} : {'aria-describedby': `${id}-hint`};
  const exact = isExact ? ({autocapitalize: 'none', spellcheck: false} as const) : {};
  // What somebody is typing stays when the page around it is drawn anew.
  const held = value === undefined ? {} : onInput === undefined ? {defaultValue: value} : {value};
  const parts = {id, type, ...described, ...exact, ...held, ...more};
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {/* One type of field each is what the types know; here it is any of them. */}
      <input
        {...(parts as JSX.IntrinsicElements['input'])}
        onInput={event => onInput?.(event.currentTarget.value)}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

export interface SelectParts {
  readonly label: string;
  readonly name: string;
  /** What is chosen at first; with `onPick`, what is chosen now. */
  readonly value: string;
  readonly hint?: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onPick?: (value: string) => void;
}

export function Select({label, hint, name, value, options, onPick}: SelectParts) {
  const id = useId();
  const described = hint === undefined ? {} : {'aria-describedby': `${id}-hint`};
  const held = onPick === undefined ? {} : {value};
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        {...described}
        {...held}
        onChange={event => onPick?.(event.currentTarget.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each} selected={each === value}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** The text fields of a form by their names. */
export type Typed = (name: string) => string;

export interface FormParts {
  /** Null when it went well. */
  readonly send: (typed: Typed, form: HTMLFormElement) => Promise<Problem | null>;
  readonly label: string;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** One send at a time; what went wrong stands above the button and is read out. */
export function Form({send, label, children, class: kind}: FormParts) {
  const [why, setWhy] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const typed = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setWhy(null);
    setWhy(await send(typed, form));
    setBusy(false);
  };
  return (
    <form
      class={kind}
      onSubmit={event => {
        event.preventDefault();
        if (!busy) void submit(event.currentTarget);
      }}
    >
      {children}
      <Trouble why={why} />
      <button type="submit" class="main" disabled={busy}>
        {label}
      </button>
    </form>
  );
}

export function Trouble({why}: {readonly why: Problem | null}) {
  return (
    <p class="trouble" role="alert">
      {why === null ? '' : `${why.what} ${why.fix}`}
    </p>
  );
}
