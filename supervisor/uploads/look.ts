/**
 * Owns the look into an upload before it is a job: one confined process that sees that file and no other, for ten
 * seconds. Believes nothing that it says beyond its shape, and never decides what becomes of the upload.
 */
import {join} from 'node:path';
import {Looked} from '../../appliance/film.ts';
import type {UploadId} from '../../appliance/upload.ts';
import {answerOf} from '../confine/answer.ts';
import type {Confined} from '../confine/confine.ts';

export interface LookPlace {
  /** A folder of the look's own: what is in it goes with it. */
  readonly folder: string;
  /** The one file to be seen. */
  readonly file: string;
}

export interface LookParts {
  readonly confine: (place: LookPlace) => Confined;
  /** Where the folders of looks are: what is left there is cleared at a start. */
  readonly folder: string;
  /** MAX_VIDEO_MIN, in seconds; null is no limit. */
  readonly longestSeconds: number | null;
  readonly limitMs?: number;
}

export interface LookAsk {
  readonly id: UploadId;
  readonly file: string;
  /** What the film is called where it is refused: where it lies is told nobody. */
  readonly name: string;
  readonly signal: AbortSignal;
}

export type Looking = (ask: LookAsk) => Promise<Looked | null>;

const usualLimitMs = 10_000;
const answerLimitBytes = 64 << 10;
const atOnce = 2;

/** Null when there is no answer in time: nothing is known of the film then, and its job will see. Never rejects. */
export function lookerOf(parts: LookParts): Looking {
  const free: (() => void)[] = [];
  let running = 0;
  return async ask => {
    if (running >= atOnce) await new Promise<void>(resolve => free.push(resolve));
    else running += 1;
    try {
      return judged(await look(parts, ask), ask.name, parts.longestSeconds);
    } catch {
      return null;
    } finally {
      // Whoever waits takes over the place.
      const next = free.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

async function look({confine, folder: above, limitMs}: LookParts, ask: LookAsk): Promise<Looked | null> {
  const {id, file, signal} = ask;
  const said = await answerOf({
    folder: join(above, `look-${id}`),
    confine: folder => confine({folder, file}),
    ...{signal, limitMs: limitMs ?? usualLimitMs, limitBytes: answerLimitBytes},
  });
  return said === null
    ? null
    : (Looked.safeParse(JSON.parse(said.toString().split('\n', 1)[0] ?? '')).data ?? null);
}

function judged(looked: Looked | null, name: string, longest: number | null): Looked | null {
  if (looked?.is === 'film' && longest !== null && looked.film.seconds > longest) {
    const {seconds} = looked.film;
    return {is: 'refused', why: {reason: 'too-long', path: name, seconds, mostSeconds: longest}};
  }
  if (looked?.is !== 'refused') return looked;
  // Trouble of the box is not the film's.
  if (!ofTheFilm.has(looked.why.reason)) return null;
  return {is: 'refused', why: {...looked.why, ...('path' in looked.why ? {path: name} : {})}};
}

const ofTheFilm: ReadonlySet<string> = new Set([
  ...['empty-file', 'not-media', 'playlist', 'truncated', 'no-video', 'no-audio', 'no-duration'],
]);
