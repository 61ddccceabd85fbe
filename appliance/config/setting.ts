/** Owns what a row of the table of settings is, and the four ways to make one. Never names a setting, save the folder that others lie in. */
import {folder, type Kind} from './kinds.ts';
import type {Secret} from './secret.ts';

/** What holds when nothing is written. */
export type Default =
  | {readonly is: 'text'; readonly text: string}
  /** A folder of that name in DATA_DIR. */
  | {readonly is: 'in-data-dir'; readonly name: string}
  /** Null; `words` say what that comes to. */
  | {readonly is: 'none'; readonly words: string};

export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly default: Default;
  /** For the admin: what it does, and what depends on it. */
  readonly meaning: string;
  readonly isSecret: boolean;
}

/** The default is a text like any other, and read like one. */
export function setting<T>(kind: Kind<T>, text: string, meaning: string): Setting<T> {
  return {kind, default: {is: 'text', text}, meaning, isSecret: false};
}

export function inDataDir(name: string, meaning: string): Setting<string> {
  return {kind: folder, default: {is: 'in-data-dir', name}, meaning, isSecret: false};
}

/** `words` say what holds while it is not set. */
export function optional<T>(kind: Kind<T>, words: string, meaning: string): Setting<T | null> {
  return {kind: orNull(kind), default: {is: 'none', words}, meaning, isSecret: false};
}

export function secret(kind: Kind<Secret>, meaning: string): Setting<Secret | null> {
  return {...optional(kind, 'not set', meaning), isSecret: true};
}

function orNull<T>(kind: Kind<T>): Kind<T | null> {
  return {
    ...kind,
    write: value => (value === null ? '' : kind.write(value)),
    placed: (value, root) => (value === null ? null : kind.placed(value, root)),
  };
}
