/**
 * Owns the benchmarks: `npm run bench` dubs a clip, again, and with one line edited; `npm run bench -- film` dubs long
 * films, 10 minutes and 2 hours or as many minutes as are named, and `growing` watches such films while they are dubbed;
 * `daemon`, `store`, `serving`, `upload`, `proxied`, `said`, `phone` and `room` measure what is around the dubs.
 * Each prints ratios within one run, and rewrites its own section of docs/benchmarks.md. Never a test: nothing fails on
 * a clock.
 */
import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {availableParallelism, cpus, tmpdir, totalmem} from 'node:os';
import {join} from 'node:path';
import {benchClip} from './bench/clip.ts';
import {benchDaemon} from './bench/daemon.ts';
import {benchFilm} from './bench/film.ts';
import {benchGrowing} from './bench/growing.ts';
import {benchPhone} from './bench/phone.ts';
import {benchProxied} from './bench/proxied.ts';
import {benchRoom} from './bench/room.ts';
import {benchSaid} from './bench/said.ts';
import {benchServing} from './bench/serving.ts';
import {benchStore} from './bench/store.ts';
import {benchUpload} from './bench/upload.ts';

const page = new URL('../docs/benchmarks.md', import.meta.url).pathname;

interface Bench {
  readonly title: string;
  /** Lines of its section; it may leave things in the folder. */
  measure(folder: string): Promise<readonly string[]>;
}

const benches: Readonly<Record<string, Bench>> = {
  clip: {title: 'A clip of 60 s', measure: benchClip},
  film: {title: 'Long films', measure: folder => benchFilm(folder, lengths())},
  growing: {
    title: 'A film that is watched while it is dubbed',
    measure: folder => benchGrowing(folder, lengths()),
  },
  daemon: {title: 'The daemon', measure: benchDaemon},
  store: {title: 'The store', measure: benchStore},
  serving: {title: 'Lists and films', measure: benchServing},
  phone: {title: 'The pages on a slow phone', measure: benchPhone},
  room: {title: 'The terminal screen', measure: benchRoom},
  said: {
    title: 'The search in what is said',
    measure: folder => benchSaid(folder, Number(process.argv[3] ?? 10_000)),
  },
  upload: {title: 'Uploads', measure: folder => benchUpload(folder, Number(process.argv[3] ?? 2048))},
  proxied: {
    title: 'A large upload through nginx',
    measure: folder => benchProxied(folder, Number(process.argv[3] ?? 3072)),
  },
};

async function main(what: string): Promise<void> {
  const bench = benches[what];
  if (bench === undefined)
    throw new Error(`There is no bench ${what}; there are ${Object.keys(benches).join(', ')}.`);
  const folder = await mkdtemp(join(tmpdir(), 'dubstead-bench-'));
  try {
    const section = [machine(), '', ...(await bench.measure(folder))].join('\n');
    process.stdout.write(`${section}\n`);
    await writeFile(page, withSection(await readFile(page, 'utf8').catch(() => ''), {what, bench, section}));
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** Minutes of the films to make. */
function lengths(): readonly number[] {
  const named = process.argv.slice(3).map(Number);
  return named.length > 0 ? named : [10, 120];
}

function machine(): string {
  const ffmpeg = /version (\S+)/.exec(execFileSync('ffmpeg', ['-version'], {encoding: 'utf8'}))?.[1];
  const [model] = cpus();
  return [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} processors (${model?.model ?? 'unknown'}),`,
    `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ffmpeg ${ffmpeg}; a shared machine: read ratios.`,
  ].join(' ');
}

/** The page with one section replaced; sections begin with a heading and a mark that people do not see. */
function withSection(
  text: string,
  {what, bench, section}: {readonly what: string; readonly bench: Bench; readonly section: string},
): string {
  const mark = `<!-- ${what} -->`;
  const more = what === 'film' ? ` ${lengths().join(' ')}` : '';
  const command = what === 'clip' ? 'npm run bench' : `npm run bench -- ${what}${more}`;
  const fresh = `${mark}\n## ${bench.title}\n\n\`${command}\` · ${section}\n`;
  const intro = '# Benchmarks\n\nWritten by `scripts/bench.ts`. Ratios are within one run.\n\n';
  const body = text.startsWith('# Benchmarks') ? text : intro;
  const start = body.indexOf(mark);
  if (start === -1) return `${body.trimEnd()}\n\n${fresh}`;
  const next = body.indexOf('<!-- ', start + mark.length);
  return `${body.slice(0, start)}${fresh}${next === -1 ? '' : `\n${body.slice(next)}`}`;
}

await main(process.argv[2] ?? 'clip');
