/** Owns the door to the speaker engine that needs no download. Never analyses sound in the job's own process. */
import {fileURLToPath} from 'node:url';
import {z} from 'zod';
import {Failed} from '../../../appliance/failure.ts';
import {Speaker, Speakers} from '../../documents.ts';
import type {Tools} from '../../tool.ts';
import type {Diarizer} from '../kinds.ts';

const script = fileURLToPath(new URL('./child.ts', import.meta.url));
/**
 * A small young generation keeps two hours of speech under 140 MB. One thread: for a clip of a minute the others cost
 * a sixth more processor time than they save; two hours take 21 s of it instead of 16.
 */
const nodeOptions = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', '--single-threaded'];
/** Of a film of any length: two hours take about a minute. */
const limitMs = 1_800_000;
/** The engine's first grouping is twice this. */
const mostSpeakers = 6;

export const speakerClusters: Diarizer = {
  name: 'speaker-clusters',
  kind: 'diarizer',
  about: 'Tells 1 to 6 speakers apart by pitch and timbre; needs nothing beyond Dubstead itself.',

  async ready() {
    return {ready: true, version: '2'};
  },

  diarize({wav, regions, most}, {tools}) {
    const atMost = Math.min(mostSpeakers, Math.max(1, most));
    const stdin = regions.map(({start, end}) => `${start} ${end}\n`).join('');
    return ask(tools, {argv: [wav, String(atMost)], stdin}, Speakers);
  },

  measure({wav, people}, {tools}) {
    const lines = people.flatMap((regions, i) => regions.map(({start, end}) => `${start} ${end} ${i}\n`));
    return ask(tools, {argv: [wav, 'known'], stdin: lines.join('')}, z.array(Pitch));
  },
};

const Pitch = Speaker.pick({gender: true, pitchHz: true});

interface Question {
  readonly argv: readonly string[];
  readonly stdin: string;
}

async function ask<T>(tools: Tools, {argv, stdin}: Question, schema: z.ZodType<T>): Promise<T> {
  const {stdout, stderr} = await tools.run({
    tool: process.execPath,
    argv: [...nodeOptions, script, ...argv],
    ...{stdin, limitMs},
  });
  const answer = schema.safeParse(parsed(stdout));
  if (answer.success) return answer.data;
  throw new Failed({
    reason: 'tool-failed',
    tool: 'speaker-clusters',
    stage: 'diarize',
    exit: 'exit 0 without an answer',
    stderr: stderr.slice(-3000),
  });
}

/** What JSON says, or undefined where it is none. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
