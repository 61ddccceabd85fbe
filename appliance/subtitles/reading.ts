/**
 * Owns what the readers of all subtitle formats share: numbered lines, the clock, the bounds, and the complaint that
 * names a line. Knows no format.
 */
import {no, ok, type Result} from '../result.ts';
import type {Cue} from './cue.ts';

export interface Complaint {
  /** Counts from 1 in the file. */
  readonly line: number;
  readonly detail: string;
}

export interface Line {
  readonly number: number;
  readonly text: string;
}

export const bounds = {
  fileBytes: 16 << 20,
  cues: 50_000,
  cueCharacters: 2000,
  cueLines: 4000,
  cueMarkup: 65_536,
} as const;

/** One at a time: sixteen million empty lines in an array would weigh more than the file. */
export function* linesOf(text: string): Generator<Line> {
  let at = 0;
  for (let number = 1; at <= text.length; number++) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    yield {number, text: text.slice(at, end)};
    at = end + 1;
  }
}

/** Four groups: hours (may be missing), minutes, seconds, fraction (may be missing). Spaces as players allow them. */
export const clockPattern = String.raw`(?:(\d{1,3})\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,3})(?:\s*[.,:]\s*(\d{1,9}))?`;

const wholeClock = new RegExp(`^${clockPattern}$`);

export function readClock(text: string): number | undefined {
  const found = wholeClock.exec(text.trim());
  return found === null ? undefined : secondsOf(found.slice(1));
}

/** Seconds of the four groups of `clockPattern`; more than 59 minutes or seconds add up, as in players. */
export function secondsOf(groups: readonly (string | undefined)[]): number {
  const [hours = '0', minutes = '0', seconds = '0', fraction = '0'] = groups;
  // Milliseconds as a whole number first: 1.1 + 60 is not 61.1.
  const milliseconds = Math.round(Number(`0.${fraction}`) * 1000);
  return (
    (Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + milliseconds) / 1000
  );
}

/** Cues as they are read; the first complaint ends the reading. */
export class CueList {
  readonly #cues: Cue[] = [];

  /** Takes the cues that stand at `line`; those without words are dropped. */
  add(cues: readonly Cue[], line: number): Complaint | undefined {
    for (const cue of cues) {
      if (cue.text === '') continue;
      if (cue.text.length > bounds.cueCharacters) {
        return {
          line,
          detail: `a subtitle of ${cue.text.length} characters; the limit is ${bounds.cueCharacters}`,
        };
      }
      if (this.#cues.length === bounds.cues) {
        return {line, detail: `more than ${bounds.cues} subtitles`};
      }
      this.#cues.push(cue);
    }
    return undefined;
  }

  /** All of them, sorted by start; a file without any is a complaint too. */
  end(): Result<Cue[], Complaint> {
    if (this.#cues.length === 0) return no({line: 1, detail: 'there is no subtitle with words in it'});
    return ok(this.#cues.sort((a, b) => a.start - b.start));
  }
}
