/** Owns films made for tests, and a stand-in for the runner that runs one stage on them with the real tools. */
import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {Test} from 'tap';
import {digestOf, type Json} from '../../appliance/digest.ts';
import {Failed, type Failure} from '../../appliance/failure.ts';
import type {Probe} from '../../pipeline/documents.ts';
import {type Film, readFilm} from '../../pipeline/ffprobe.ts';
import type {Documents, Inputs, Stage} from '../../pipeline/stage.ts';
import {lookAt} from '../../pipeline/stages/probe.ts';
import {Tools} from '../../pipeline/tool.ts';

const run = promisify(execFile);

/** ffmpeg without ceremony, for making inputs and looking at outputs. */
export async function ffmpeg(...argv: readonly string[]): Promise<string> {
  const {stdout} = await run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...argv], {
    maxBuffer: 1 << 26,
  });
  return stdout;
}

export const picture = (seconds: number, size = '320x180', rate = '24'): string[] => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
];

export const tone = (seconds: number, hz = 300): string[] => [
  ...['-f', 'lavfi', '-i', `sine=${hz}:d=${seconds}:sample_rate=48000`],
];

/** Dialogue in the centre, a bed on all sides. */
export const surround = (seconds: number): string[] => {
  const bed = [400, 410, 0, 60, 420, 430].map(hz => `0.05*sin(${hz}*2*PI*t)`);
  bed[2] = '0.3*sin(300*2*PI*t)';
  return ['-f', 'lavfi', '-i', `aevalsrc=${bed.join('|')}:c=5.1:s=48000:d=${seconds}`];
};

export const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

export function toolsIn(dir: string, signal: AbortSignal = new AbortController().signal): Tools {
  return new Tools({stage: 'test', dir, signal, niceness: 0});
}

/** `test/pipeline` names of tap's testdir are long enough already: a short one inside it. */
export const sandbox = (t: Test): Promise<string> => mkdtemp(join(t.testdir(), 'x-'));

export const sourceAt = (path: string): {path: string; digest: ReturnType<typeof digestOf>} => ({
  path,
  digest: digestOf(path),
});

export async function filmAt(path: string, dir: string): Promise<Film> {
  return readFilm(path, toolsIn(dir));
}

export async function probeOf(path: string, dir: string): Promise<Probe> {
  const probe = await lookAt(path, {title: 'film', from: null}, toolsIn(dir));
  if (!probe.ok) throw new Failed(probe.why);
  return probe.value;
}

export interface Made {
  readonly dir: string;
  readonly shares: readonly number[];
  /** A document that the stage wrote. */
  doc(name: string): Promise<unknown>;
}

export interface Before {
  readonly docs?: Partial<{readonly [K in keyof Documents]: Documents[K]}>;
  /** Documents of stages that run once a scene. */
  readonly scenes?: Partial<{readonly [K in keyof Documents]: readonly Documents[K][]}>;
  /** Paths by `stage/name`. */
  readonly files?: Readonly<Record<string, string | readonly string[]>>;
}

/** What the stages before would have handed over. */
function inputsOf({docs = {}, scenes = {}, files = {}}: Before): Inputs {
  const wanted = (stage: string, name: string): string | readonly string[] => {
    const found = files[`${stage}/${name}`];
    if (found === undefined) throw new Error(`${stage} wrote no ${name}`);
    return found;
  };
  return {
    doc: async stage => {
      const document = docs[stage];
      if (document === undefined) throw new Error(`${stage} wrote no document`);
      return document;
    },
    all: async stage => scenes[stage] ?? [],
    previous: async () => undefined,
    file: (stage, name) => String(wanted(stage, name)),
    files: (stage, name) => [wanted(stage, name)].flat(),
  };
}

export async function runStage<P extends Json>(
  stage: Stage<P>,
  base: string,
  before: Before = {},
): Promise<Made> {
  const inputs = inputsOf(before);
  const dir = await mkdtemp(join(base, `${stage.name}-`));
  const scratch = `${dir}-scratch`;
  await mkdir(scratch);
  const shares: number[] = [];
  const signal = new AbortController().signal;
  const place = {of: 'job'} as const;
  const params = await stage.params(inputs, place);
  await stage.run({
    ...{place, params, inputs, dir, scratch, signal},
    tools: new Tools({stage: stage.name, dir: scratch, signal, niceness: 0}),
    progress: share => shares.push(share),
    write: (name, document) => writeFile(join(dir, `${name}.json`), JSON.stringify(document)),
  });
  return {
    ...{dir, shares},
    doc: async name => JSON.parse(await readFile(join(dir, `${name}.json`), 'utf8')),
  };
}

/** Samples of one stream as 32-bit floats, channels interleaved. */
export async function samplesOf(path: string, ...argv: readonly string[]): Promise<Float32Array> {
  const {stdout} = await run(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', '-i', `file:${path}`, ...argv, '-f', 'f32le', '-'],
    {maxBuffer: 1 << 28, encoding: 'buffer'},
  );
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength));
}

/** Works through a table two rows at a time: most of a row is waiting for one tool after another. */
export async function twoAtATime<T>(rows: readonly T[], work: (row: T) => Promise<void>): Promise<void> {
  const left = rows.values();
  const next = async (): Promise<void> => {
    for (const row of left) await work(row);
  };
  await Promise.all([next(), next()]);
}

/** The failure that work ends with; a word of surprise when it ends well. */
export async function failureOf(work: Promise<unknown>): Promise<Failure | 'no failure'> {
  try {
    await work;
    return 'no failure';
  } catch (cause) {
    if (cause instanceof Failed) return cause.failure;
    throw cause;
  }
}

/** Seconds at which key frames of the picture stand. */
export async function keyFrames(path: string): Promise<readonly number[]> {
  const show = ['-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0'];
  const {stdout} = await run('ffprobe', ['-loglevel', 'error', ...show, `file:${path}`]);
  return stdout.split('\n').flatMap(line => (line.includes('K') ? [Number(line.split(',')[0])] : []));
}

/** MD5 of the packets of each of these streams. */
export async function packetHashes(path: string, streams: readonly number[]): Promise<readonly string[]> {
  const maps = streams.flatMap(stream => ['-map', `0:${stream}`]);
  const hashed = ['-c', 'copy', '-f', 'streamhash', '-hash', 'md5', '-'];
  const out = await ffmpeg('-i', `file:${path}`, ...maps, ...hashed);
  const hashes = [...out.matchAll(/MD5=([0-9a-f]{32})/g)].map(([, hash = '']) => hash);
  if (hashes.length !== streams.length) throw new Error(`${hashes.length} of ${streams.length} hashes`);
  return hashes;
}

/** Second at which the first packet of a stream is to be shown or heard. */
export async function firstShown(path: string, stream: number): Promise<number> {
  const wanted = ['-select_streams', String(stream), '-show_entries', 'packet=pts_time', '-of', 'csv=p=0'];
  const {stdout} = await run('ffprobe', ['-v', 'error', ...wanted, `file:${path}`], {maxBuffer: 1 << 26});
  return Math.min(...stdout.trim().split('\n').map(Number));
}
