/** Owns the benchmark of watching a film while it is dubbed: how soon there is something to see and to hear, and whether it stays ahead. */
import {spawn} from 'node:child_process';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {Duplex} from 'node:stream';
import {Event, receive, send} from '../../appliance/wire.ts';
import {workerEnvironment, workerFlags} from '../../appliance/worker-program.ts';
import {loop} from './film.ts';
import {orderFor} from './job.ts';

const worker = new URL('../../pipeline/worker.ts', import.meta.url).pathname;
/** Long enough to see whether who watches is caught up with. */
const watchedSeconds = 180;

/** Nothing is given: the words are recognised, as in a film that comes alone. */
export async function benchGrowing(folder: string, lengths: readonly number[]): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const minutes of lengths) rows.push(await row(minutes, folder));
  return [
    `The sample in a loop, wanted at once and watched for ${watchedSeconds} s from the first words on; all in seconds since the job began.`,
    'Ahead: the least that was dubbed beyond what had been watched.',
    '',
    '| film | picture and its own sound | first words dubbed (wanted: within 20) | dubbed by then | ahead at least | the whole film cut |',
    '|---|---|---|---|---|---|',
    ...rows,
  ];
}

interface Seen {
  picture: number | null;
  words: number | null;
  cut: number | null;
  /** Seconds of the film, by seconds since the job began. */
  readonly dubbed: (readonly [number, number])[];
}

async function row(minutes: number, folder: string): Promise<string> {
  const film = join(folder, 'film.mp4');
  loop(film, minutes);
  const out = join(folder, 'out');
  const seen = await watch(film, out);
  await Promise.all([film, out].map(path => rm(path, {recursive: true, force: true})));
  const {picture, words, cut, dubbed} = seen;
  const text = (seconds: number | null | undefined): string => seconds?.toFixed(1) ?? '–';
  const ahead = words === null ? null : leastAhead(dubbed, words, minutes * 60);
  const cells = [
    `${minutes} min`,
    text(picture),
    text(words),
    text(dubbed.find(([, to]) => to > 0)?.[1]),
    text(ahead),
    text(cut),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Just before each step what had been dubbed was least ahead of who watches. */
function leastAhead(dubbed: Seen['dubbed'], began: number, filmSeconds: number): number {
  let [least, reached] = [Number.POSITIVE_INFINITY, 0];
  for (const [at, to] of [...dubbed, [began + watchedSeconds, Number.NaN] as const]) {
    if (at > began && reached < filmSeconds - 1) least = Math.min(least, reached - (at - began));
    if (!Number.isNaN(to)) reached = to;
  }
  return least;
}

async function watch(film: string, out: string): Promise<Seen> {
  const child = spawn(process.execPath, [...workerFlags, worker], {
    env: {...process.env, ...workerEnvironment},
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const wire = child.stdio[3];
  if (!(wire instanceof Duplex)) throw new Error('no wire to the job process');
  const began = performance.now();
  const at = (): number => (performance.now() - began) / 1000;
  send(wire, {v: 1, do: 'dub', order: orderFor(film, out)});
  send(wire, {v: 1, do: 'preview'});
  const seen: Seen = {picture: null, words: null, cut: null, dubbed: []};
  let enough: NodeJS.Timeout | undefined;
  for await (const event of receive(wire, Event)) {
    if (event.is === 'finished' && event.node === 'detect') seen.cut = at();
    if (event.is !== 'preview') continue;
    if (event.trouble !== null) throw new Error(event.trouble);
    const now = at();
    seen.picture ??= now;
    if (event.seconds > 0 && seen.words === null) {
      seen.words = now;
      enough = setTimeout(() => send(wire, {v: 1, do: 'stop'}), watchedSeconds * 1000);
    }
    seen.dubbed.push([now, event.seconds]);
  }
  clearTimeout(enough);
  return seen;
}
