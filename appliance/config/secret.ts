/** Owns a value that nobody may read by accident: printed, logged or made JSON of, it says only that it is there. */
import {inspect} from 'node:util';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Only for the door it is meant for, and for the rules that judge its strength. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
