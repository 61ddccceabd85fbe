/** Owns asking the queue whether there is room for an owner's film, seldom enough for ten thousand that wait. */
import type {UserName} from '../../appliance/job.ts';

/** Why there is none; null when there is. */
export type AskRoom = (owner: UserName, bytes: number) => string | null;

/** So long nothing of an owner is taken after the queue sent a film back. */
const pressedMs = 30_000;

export class Room {
  readonly #ask: AskRoom;
  readonly #pressed = new Map<UserName, {readonly until: number; readonly why: string}>();

  constructor(ask: AskRoom) {
    this.#ask = ask;
  }

  /** The queue did not take a film of this owner, although there had seemed to be room. */
  press(owner: UserName, why: string, steady: number): void {
    this.#pressed.set(owner, {until: steady + pressedMs, why});
  }

  /** For one pass over the list: whoever was told that there is no room for a film is not asked for one as large. */
  asking(steady: number): AskRoom {
    const refused = new Map<UserName, {readonly bytes: number; readonly why: string}>();
    for (const [owner, {until, why}] of this.#pressed) {
      if (steady < until) refused.set(owner, {bytes: 0, why});
      else this.#pressed.delete(owner);
    }
    return (owner, bytes) => {
      const known = refused.get(owner);
      if (known !== undefined && bytes >= known.bytes) return known.why;
      const why = this.#ask(owner, bytes);
      if (why !== null) refused.set(owner, {bytes, why});
      return why;
    };
  }
}
