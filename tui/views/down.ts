/** Owns how the appliance looks while its daemon is down: its last words, and what lies in the inbox. Pure. */
import {printable} from '../clean.ts';
import type {Found, LastWords, Waiting} from '../down.ts';
import {field} from '../table.ts';
import {clipped} from '../width.ts';
import {momentOf, size, type Zone} from '../words.ts';

const filesShown = 10;
const lineColumns = 800;

export function downLines(
  {log, inbox}: Found,
  {columns, zone}: {readonly columns: number; readonly zone: Zone},
): readonly string[] {
  return ['', ...logPart(log, columns, zone), '', ...inboxPart(inbox, columns)];
}

function logPart({file, lines, trouble}: LastWords, columns: number, zone: Zone): readonly string[] {
  if (trouble !== null) return [`Its log in ${file} cannot be shown: ${trouble}.`];
  if (lines.length === 0) return [`Its log in ${file} is empty.`];
  return [
    `The last lines of its log, ${file}:`,
    ...lines.flatMap(line =>
      field('', clipped(printable(logLine(line, zone)), lineColumns), {nameColumns: 2, columns}),
    ),
  ];
}

/** The daemon writes JSON lines; whatever else stands there is shown as it is. */
function logLine(text: string, zone: Zone): string {
  const fields = fieldsOf(text);
  const {level, time, msg, ...rest} = fields ?? {};
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (typeof level !== 'string' || Number.isNaN(at)) return text;
  const told = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [momentOf(at, zone), level.padEnd(5), typeof msg === 'string' ? msg : '', ...told].join(' ');
}

/** Without a schema, which would take longer to load than all the rest of the screen. */
function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = jsonOf(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inboxPart({folder, files, more, trouble}: Waiting, columns: number): readonly string[] {
  if (trouble !== null) return [`The inbox ${folder} cannot be looked into: ${trouble}.`];
  if (files.length === 0) return [`The inbox ${folder} is empty.`];
  const shown = files.slice(0, filesShown);
  const amount = more ? `over ${files.length}` : String(files.length);
  const word = files.length === 1 && !more ? 'file' : 'files';
  return [
    `In the inbox ${folder}: ${amount} ${word}${files.length > shown.length ? `, the first ${shown.length} of them:` : ''}`,
    ...shown.map(({name, bytes}) => `  ${clipped(printable(name), columns - 14)}  ${size(bytes)}`),
  ];
}
