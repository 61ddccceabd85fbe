/**
 * Owns what a record may say: the one place where secrets, what people say in films, and sheer size are taken out of
 * values on their way to the log and the audit. Never writes anything and never throws, whatever it is given.
 *
 * A value is copied into plain JSON: what it is, not what its toJSON or the getters of its fields would say.
 */
import type {Json} from './digest.ts';
import {meaningOf} from './redact/names.ts';
import {hidden, withoutSecrets} from './redact/shapes.ts';

export interface Redaction {
  /** True leaves what is said in films readable. */
  readonly transcripts: boolean;
  /** Characters of one text. */
  readonly textLimit: number;
  /** Characters in all, counting a few for every value that is no text. */
  readonly sizeLimit: number;
}

const defaults: Redaction = {transcripts: false, textLimit: 4000, sizeLimit: 32_000};
const depthLimit = 8;
/** Entries of one list, fields of one object. */
const entryLimit = 100;
/** What a number or a comma costs of the size, so that a million empty lists are no way around it. */
const valueCost = 8;

/** A copy that is safe to keep and to show: bounded, plain, without secrets. */
export function redact(value: unknown, how: Partial<Redaction> = {}): Json {
  return new Copy({...defaults, ...how}).of(value);
}

/** The same for what should be fields: anything else becomes the one field `value`. */
export function redactFields(
  fields: unknown,
  how: Partial<Redaction> = {},
): {readonly [name: string]: Json | undefined} {
  const clean = redact(fields ?? {}, how);
  return clean === null || typeof clean !== 'object' || isList(clean) ? {value: clean} : clean;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The same for words alone. */
export function redactText(text: string, limit: number = defaults.textLimit): string {
  // Much more is looked at than is kept, so that no secret is cut in half before it is known for one.
  const looked = text.slice(0, limit * 2 + 1000);
  const clean = withoutSecrets(looked.toWellFormed());
  const whole = looked.length === text.length ? clean : withoutLastWord(clean);
  if (whole.length <= limit && looked.length === text.length) return whole;
  return `${cut(whole, limit)}… (${text.length} characters)`;
}

/** Hiding makes room for the end of what was looked at, and that end may be the first half of `user:password@`. */
function withoutLastWord(text: string): string {
  return text.slice(0, Math.max(text.search(/\s\S*$/), text.length - 1000, 0));
}

/**
 * Escapes what would break a line or steer a terminal. Serves JSON as well as plain text: the text of JSON has such
 * characters only inside strings, where the escape means the same.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu, character => {
    if (character === '\n') return '\\n';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

class Copy {
  readonly #how: Redaction;
  /** The objects this one lies in: meeting one of them again is a circle. */
  readonly #above = new Set<object>();
  #left: number;

  constructor(how: Redaction) {
    this.#how = how;
    this.#left = how.sizeLimit;
  }

  of(value: unknown): Json {
    this.#left -= valueCost;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.#text(String(value));
      case 'object':
        return value === null ? null : this.#object(value);
      case 'undefined':
        return null;
      case 'symbol':
      case 'function':
        return `[${typeof value}]`;
    }
  }

  #text(text: string): string {
    if (this.#left <= 0) return '[cut]';
    const clean = redactText(text, Math.min(this.#how.textLimit, this.#left));
    this.#left -= clean.length;
    return clean;
  }

  #object(value: object): Json {
    if (this.#above.has(value)) return '[circular]';
    if (this.#above.size >= depthLimit) return '[deep]';
    this.#above.add(value);
    try {
      return this.#inside(value);
    } catch {
      return '[unreadable]';
    } finally {
      this.#above.delete(value);
    }
  }

  #inside(value: object): Json {
    if (Array.isArray(value)) return this.#list(value, value.length);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
    if (value instanceof Map) return this.#fields(value, value.size);
    if (value instanceof Set) return this.#list(value, value.size);
    if (value instanceof String) return this.#text(String.prototype.toString.call(value));
    if (value instanceof URL || value instanceof RegExp) return this.#text(String(value));
    if (value instanceof Error) return this.#fields(fieldsOfError(value), Number.POSITIVE_INFINITY);
    const names = Object.keys(value);
    return this.#fields(
      names.values().map(name => [name, readField(value, name)]),
      names.length,
    );
  }

  #list(values: Iterable<unknown>, length: number): Json {
    const kept: Json[] = [];
    let before: unknown;
    for (const value of values) {
      if (kept.length >= entryLimit || this.#left <= 0) {
        kept.push(`[${length - kept.length} more]`);
        break;
      }
      // Raw headers and command lines name a secret in one entry and give it in the next.
      kept.push(announcesSecret(before) ? this.#hide(value) : this.of(value));
      before = value;
    }
    return kept;
  }

  #fields(fields: Iterable<readonly [unknown, unknown]>, length: number): Json {
    const kept = new Map<string, Json>();
    for (const [key, value] of fields) {
      if (kept.size >= entryLimit || this.#left <= 0) {
        kept.set('…', Number.isFinite(length) ? `[${length - kept.size} more]` : '[more]');
        break;
      }
      if (value === undefined || typeof key === 'object') continue;
      kept.set(this.#name(String(key)), this.#field(String(key), value));
    }
    return Object.fromEntries(kept);
  }

  #field(name: string, value: unknown): Json {
    const {secret, speaks} = meaningOf(name);
    if (secret) return this.#hide(value);
    const spoken = speaks === 'all' || (speaks === 'text' && isText(value));
    return spoken && !this.#how.transcripts ? this.#hide(value) : this.of(value);
  }

  /** Whether there is one at all may be said. */
  #hide(value: unknown): Json {
    this.#left -= valueCost;
    return value === null || typeof value === 'boolean' ? value : hidden;
  }

  #name(name: string): string {
    // As an own key it is harmless here, but not in whatever reads the record.
    const clean = name === '__proto__' ? '[__proto__]' : redactText(name, 100);
    this.#left -= clean.length;
    return clean;
  }
}

function announcesSecret(value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{1,60}$/.test(value) && meaningOf(value).secret;
}

/** A text, or a list with one in it. */
function isText(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === 'string';
  return value.slice(0, entryLimit).some(entry => typeof entry === 'string');
}

function readField(value: object, name: string): unknown {
  const field = Object.getOwnPropertyDescriptor(value, name);
  return field?.get === undefined ? field?.value : '[computed]';
}

function* fieldsOfError(error: Error): Generator<readonly [string, unknown]> {
  yield ['name', error.name];
  yield ['message', error.message];
  for (const name of Object.keys(error)) {
    if (name !== 'name' && name !== 'message') yield [name, readField(error, name)];
  }
  if (error instanceof AggregateError) yield ['errors', error.errors];
  yield ['cause', error.cause];
  yield ['stack', error.stack];
}

/** Cut between characters, so that no half of one is left. */
function cut(text: string, limit: number): string {
  return text
    .slice(0, limit)
    .toWellFormed()
    .replace(/\ufffd$/, '');
}
