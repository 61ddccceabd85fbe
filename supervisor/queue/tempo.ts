/** Owns how fast this machine dubs, from what its last jobs took. Told of every change, as the ledger is. Never promises anything. */
import type {Job, JobId} from '../../appliance/job.ts';

interface Took {
  readonly id: JobId;
  readonly at: number;
  /** Seconds of work a second of film. */
  readonly ratio: number;
}

/** Older ones ran on another load, and perhaps other engines. */
const looksAt = 20;

export class Tempo {
  #took: readonly Took[] = [];

  tell(is: Job | undefined): void {
    const took = is === undefined ? undefined : tookOf(is);
    if (took === undefined) return;
    const others = this.#took.filter(({id}) => id !== took.id);
    this.#took = [...others, took].toSorted((a, b) => b.at - a.at).slice(0, looksAt);
  }

  /**
   * Three of four took no longer, seconds of work a second of film; null before anything was done. Not the middle one: what was
   * changed in a line and dubbed again took next to nothing.
   */
  get usual(): number | null {
    const ratios = this.#took.map(({ratio}) => ratio).toSorted((a, b) => a - b);
    return ratios[Math.floor((ratios.length * 3) / 4)] ?? null;
  }
}

function tookOf({id, state}: Job): Took | undefined {
  if (state.is !== 'done' || state.filmSeconds === undefined || state.filmSeconds <= 0) return undefined;
  return {id, at: state.at, ratio: state.seconds / state.filmSeconds};
}
