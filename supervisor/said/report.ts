/** Owns what the search reads of a finished job's report: its lines. Never believes its size, nor more lines than a day of film has. */
import type {FileHandle} from 'node:fs/promises';
import {z} from 'zod';
import type {Job} from '../../appliance/job.ts';
import type {Result} from '../../appliance/result.ts';
import type {Output} from '../../appliance/wire.ts';
import type {Spoken} from './text.ts';

const kind = 'report for programs';
/** Of a film of many hours it is 3 MB. */
const reportLimitBytes = 16 << 20;
const lineLimit = 20_000;
/** Of one line: some sentences. */
const wordsLimit = 2000;

const words = z
  .string()
  .catch('')
  .transform(text => text.slice(0, wordsLimit));
const Line = z.object({
  source: z.object({start: z.number().min(0).max(1e6)}),
  text: words,
  translation: words,
});
const Lines = z.object({lines: z.array(z.unknown())});

export function reportIn({state}: Job): Output | undefined {
  return state.is === 'done' ? state.outputs.find(output => output.kind === kind) : undefined;
}

/** Undefined when it is not there any more, or is not what was recorded. Closes the file. */
export async function spokenIn<Why>(
  opened: Result<FileHandle, Why>,
  {bytes}: Pick<Output, 'bytes'>,
): Promise<Spoken[] | undefined> {
  if (!opened.ok) return undefined;
  await using file = opened.value;
  const {size} = await file.stat();
  if (size !== bytes || size > reportLimitBytes) return undefined;
  return linesOf(await file.readFile('utf8'));
}

function linesOf(text: string): Spoken[] | undefined {
  let found: z.infer<typeof Lines> | undefined;
  try {
    found = Lines.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
  return found?.lines.slice(0, lineLimit).flatMap(each => {
    const line = Line.safeParse(each).data;
    if (line === undefined) return [];
    return [{at: line.source.start, text: line.text, translation: line.translation}];
  });
}
