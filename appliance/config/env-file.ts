/**
 * Owns the grammar of `dubstead.env` and `.env.secrets`: one `NAME=value` a line. Never reads a disk, never knows which
 * names there are, and never repeats in a complaint what it read: it may be a password.
 *
 * Every line that is taken means the same to a shell; what a shell would expand, split or run is refused instead of
 * guessed at.
 *
 *     # a comment                 export NAME=value       NAME=              (empty: the default)
 *     NAME=value  # a comment     NAME='as it stands'     NAME="with \" \\ \$ \` escaped"
 */

export interface EnvLine {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

export interface BadLine {
  readonly line: number;
  /** What is wrong, and the way out; goes on from "Line 7 …". */
  readonly what: string;
}

export interface EnvFile {
  readonly lines: readonly EnvLine[];
  readonly bad: readonly BadLine[];
}

export function parseEnvFile(text: string): EnvFile {
  const lines: EnvLine[] = [];
  const bad: BadLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*(?:#|$)/.test(raw)) continue;
    const line = index + 1;
    const read = readLine(raw);
    if ('what' in read) bad.push({line, what: read.what});
    else lines.push({line, ...read});
  }
  return {lines, bad};
}

type Read<T> = T | {readonly what: string};

function readLine(raw: string): Read<{readonly name: string; readonly value: string}> {
  if (/[^\P{Cc}\t]/u.test(raw)) return {what: 'holds a control character'};
  const [, name, rest] = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(raw) ?? [];
  if (name === undefined || rest === undefined) {
    const isSpaced = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]+=/.test(raw);
    return {what: isSpaced ? 'has a space before its =; take it away' : 'is not NAME=value'};
  }
  const read = readValue(rest);
  if ('what' in read) return read;
  if (!/^[ \t]*$|^[ \t]+#/.test(read.tail)) return {what: afterValue};
  return {name, value: read.value};
}

const quoting = 'put the value between single quotes (nothing is expanded)';
const afterValue = 'has something after its value; put a value with spaces or quotes between quotes';

/** The value at the start of the text, and what follows it. */
function readValue(text: string): Read<{readonly value: string; readonly tail: string}> {
  if (text.startsWith("'")) {
    const end = text.indexOf("'", 1);
    if (end === -1) return {what: "opens a ' and does not close it"};
    return {value: text.slice(1, end), tail: text.slice(end + 1)};
  }
  if (text.startsWith('"')) return readQuoted(text);
  if (text.startsWith('#')) return {what: 'has a value that begins with #; put it between quotes'};
  const [value = ''] = /^[^ \t]*/.exec(text) ?? [];
  const [special] = /["'`$\\;&|<>()]|^~/.exec(value) ?? [];
  if (special !== undefined) return {what: `has a ${special} in a value without quotes; ${quoting}`};
  if (value === '' && /^[ \t]+[^# \t]/.test(text)) return {what: 'has a space after its =; take it away'};
  return {value, tail: text.slice(value.length)};
}

function readQuoted(text: string): Read<{readonly value: string; readonly tail: string}> {
  const [all, inner] = /^"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  if (all === undefined || inner === undefined) return {what: 'opens a " and does not close it'};
  const [odd] = inner.replaceAll(/\\["\\$`]/g, '').match(/[\\$`]/) ?? [];
  if (odd !== undefined) return {what: `has a ${odd} between double quotes; ${quoting}`};
  return {value: inner.replaceAll(/\\(.)/g, '$1'), tail: text.slice(all.length)};
}
