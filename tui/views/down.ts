/** Owns how the appliance looks while its daemon is down: its last words, and what lies in the inbox. Pure. */
import {z} from 'zod';
import {printable} from '../clean.ts';
import type {Found, LastWords, Waiting} from '../down.ts';
import {field} from '../table.ts';
import {clipped} from '../width.ts';
import {momentOf, size} from '../words.ts';

const filesShown = 10;
const lineColumns = 800;

export function downLines(
  {log, inbox}: Found,
  {columns, zone}: {readonly columns: number; readonly zone: string},
): readonly string[] {
  return ['', ...logPart(log, columns, zone), '', ...inboxPart(inbox, columns)];
}

function logPart({file, lines, trouble}: LastWords, columns: number, zone: string): readonly string[] {
  if (trouble !== null) return [`Its log in ${file} cannot be shown: ${trouble}.`];
  if (lines.length === 0) return [`Its log in ${file} is empty.`];
  return [
    `The last lines of its log, ${file}:`,
    ...lines.flatMap(line =>
      field('', clipped(printable(logLine(line, zone)), lineColumns), {nameColumns: 2, columns}),
    ),
  ];
}

const Line = z.looseObject({level: z.string(), time: z.iso.datetime(), msg: z.string().default('')});

/** The daemon writes JSON lines; whatever else stands there is shown as it is. */
function logLine(text: string, zone: string): string {
  const line = Line.safeParse(jsonOf(text));
  if (!line.success) return text;
  const {level, time, msg, ...fields} = line.data;
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [momentOf(Date.parse(time), zone), level.padEnd(5), msg, ...rest].join(' ');
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
