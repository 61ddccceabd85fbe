/**
 * Owns the file of what is said in one film: how it is written and how a line is found in it. Never decides whether
 * there may be one. `jobs/ID/said`, mode 0600, a line of the film a row:
 *
 *   dubstead-said 1 DIGEST                     of the report that it was made from
 *   START ⇥ heard ⇥ heard ⇥ words ⇥ words     of the original and of the translation
 */
import {constants} from 'node:fs';
import {open, rename, rm} from 'node:fs/promises';
import type {SaidLine} from '../../appliance/api/library-shapes.ts';
import {Digest} from '../../appliance/digest.ts';
import {freshBeside} from '../../appliance/files.ts';
import {codeOf} from '../inbox/folder.ts';
import {heard} from './words.ts';

export interface Spoken {
  /** Seconds from the start of the film. */
  readonly at: number;
  readonly text: string;
  readonly translation: string;
}

/** What is found in one film. */
export const linesLimit = 3;
/** Of a line as it is shown; all of it is looked through. */
export const shownLimit = 300;
/** A day of talk; what is larger was not written here. */
const fileLimitBytes = 8 << 20;
const mark = 'dubstead-said 1 ';
const headLength = mark.length + 64 + 1;

export type SaidFile =
  | {readonly is: 'none'}
  /** It is not what is written here. */
  | {readonly is: 'broken'}
  | {readonly is: 'there'; readonly of: Digest; readonly bytes: Buffer};

export function textOf(of: Digest, lines: readonly Spoken[]): string {
  return `${mark}${of}\n${lines.map(row).join('')}`;
}

function row({at, text, translation}: Spoken): string {
  const fields = [heard(text), heard(translation), plain(text), plain(translation)];
  return `${[at.toFixed(2), ...fields].join('\t')}\n`;
}

function plain(text: string): string {
  const words = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').toWellFormed();
  return words.length > shownLimit ? `${words.slice(0, shownLimit - 1).toWellFormed()}…` : words;
}

/** There is the old one or the new one, whole. */
export async function writeSaid(path: string, text: string): Promise<void> {
  const fresh = freshBeside(path);
  try {
    {
      await using file = await open(fresh, 'wx', 0o600);
      await file.writeFile(text);
      await file.datasync();
    }
    await rename(fresh, path);
  } catch (cause) {
    await rm(fresh, {force: true});
    throw cause;
  }
}

/** A link is broken, and is not followed. */
export async function readSaid(path: string, headOnly = false): Promise<SaidFile> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile() || found.size < headLength || found.size > fileLimitBytes) return {is: 'broken'};
    const bytes = Buffer.allocUnsafe(headOnly ? headLength : found.size);
    const {bytesRead} = await file.read(bytes, 0, bytes.length, 0);
    const head = bytes.toString('latin1', 0, headLength);
    const of = Digest.safeParse(head.slice(mark.length, -1));
    const isOurs = bytesRead === bytes.length && head.startsWith(mark) && head.endsWith('\n') && of.success;
    return isOurs ? {is: 'there', of: of.data, bytes: bytes.subarray(headLength)} : {is: 'broken'};
  } catch (cause) {
    const code = codeOf(cause);
    return code === 'ENOENT' || code === 'ENOTDIR' ? {is: 'none'} : {is: 'broken'};
  }
}

/** The first lines in which it is said; `wanted` is as `heard` gives it, and not empty. Rows are the content after the head. */
export function linesWith(rows: Buffer, wanted: string): SaidLine[] {
  const found: SaidLine[] = [];
  const needle = Buffer.from(wanted);
  for (let at = rows.indexOf(needle); at >= 0 && found.length < linesLimit; ) {
    const end = rows.indexOf(0x0a, at);
    // Also where there is no line before it: −1, and one more.
    const start = rows.lastIndexOf(0x0a, at) + 1;
    const line = lineOf(rows.toString('utf8', start, end < 0 ? rows.length : end), wanted);
    if (line !== undefined) found.push(line);
    at = end < 0 ? -1 : rows.indexOf(needle, end);
  }
  return found;
}

/** Undefined when it is found only in what is shown, or across two fields. */
function lineOf(fields: string, wanted: string): SaidLine | undefined {
  const [start = '', original = '', dubbed = '', text = '', translation = ''] = fields.split('\t');
  const at = Number(start);
  const isIn = original.includes(wanted) || dubbed.includes(wanted);
  return isIn && Number.isFinite(at) && at >= 0 ? {at, text, translation} : undefined;
}
