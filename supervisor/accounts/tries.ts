/**
 * Owns how often a wrong password or code may be tried: a name from one address, then that address with any name. Never
 * by the name alone, which would let anybody lock its owner out. What was tried outlives the daemon.
 */
import {z} from 'zod';
import {digestOf} from '../../appliance/digest.ts';
import {At} from '../../appliance/job.ts';
import {Limiter, networkOf} from '../../web/limiter.ts';
import type {BoxStore} from '../state.ts';

/** What was tried, under the digest of who tried: a list of names and addresses is nobody's business. */
export const Tried = z.object({
  kind: z.enum(['pair', 'address']),
  points: z.number().int().positive(),
  until: At,
});
export type Tried = z.infer<typeof Tried>;

const windowSeconds = 15 * 60;
/** Wrong tries in a quarter of an hour. */
const limits = {pair: 5, address: 40} as const;
type Kind = keyof typeof limits;
const rowLimit = 5000;

export class Tries {
  readonly #store: BoxStore;
  readonly #now: () => number;
  readonly #limiters: Readonly<Record<Kind, Limiter>>;

  constructor(store: BoxStore, now: () => number) {
    this.#store = store;
    this.#now = now;
    const limiter = (kind: Kind): Limiter => new Limiter({points: limits[kind], seconds: windowSeconds});
    this.#limiters = {pair: limiter('pair'), address: limiter('address')};
  }

  /** Takes up where the daemon before this one ended. */
  async start(): Promise<void> {
    const now = this.#now();
    const over: string[] = [];
    for (const [id, {kind, points, until}] of this.#store.all('tries')) {
      const seconds = Math.ceil((until - now) / 1000);
      if (seconds <= 0 || seconds > windowSeconds) over.push(id);
      else await this.#limiters[kind].set(id, points, seconds);
    }
    if (over.length === 0) return;
    await this.#store.commit(draft => {
      for (const id of over) draft.delete('tries', id);
    });
  }

  /**
   * Counts one try as wrong beforehand, so that many at once are no more than the limit. How long to wait where that was
   * one too many; 0 to go on.
   */
  async begin(name: string, address: string | null): Promise<number> {
    if (address === null) return 0;
    for (const [kind, id] of idsOf(name, address)) {
      const waitMs = await this.#limiters[kind].take(id);
      if (waitMs > 0) return waitMs;
    }
    return 0;
  }

  /** It was wrong: that is kept. */
  async wrong(name: string, address: string | null): Promise<void> {
    if (address === null) return;
    const rows: [string, Tried][] = [];
    for (const [kind, id] of idsOf(name, address)) {
      const found = await this.#limiters[kind].counted(id);
      if (found !== null && found.points > 0)
        rows.push([id, {kind, points: found.points, until: this.#now() + Math.round(found.leftMs)}]);
    }
    await this.#store.commit(draft => {
      const known = this.#store.all('tries');
      if (known.size > rowLimit) {
        const now = this.#now();
        // What is over goes first; then what came first, so that nobody fills the store with tries.
        const byAge = [...known].toSorted(([, a], [, b]) => a.until - b.until);
        const surplus = known.size - rowLimit;
        byAge.forEach(([id, {until}], at) => {
          if (until <= now || at < surplus) draft.delete('tries', id);
        });
      }
      for (const [id, row] of rows) draft.put('tries', id, row);
    });
  }

  /** It was no try after all. */
  async neither(name: string, address: string | null): Promise<void> {
    if (address === null) return;
    for (const [kind, id] of idsOf(name, address)) await this.#limiters[kind].giveBack(id);
  }

  /** It was right: what the same one tried before from there counts no more. */
  async right(name: string, address: string | null): Promise<void> {
    if (address === null) return;
    const [pair, whole] = idsOf(name, address);
    await this.#limiters.pair.forget(pair[1]);
    await this.#limiters.address.giveBack(whole[1]);
    if (this.#store.get('tries', pair[1]) !== undefined)
      await this.#store.commit(draft => draft.delete('tries', pair[1]));
  }
}

type Id = readonly [kind: Kind, id: string];

function idsOf(name: string, address: string): readonly [pair: Id, address: Id] {
  const network = networkOf(address);
  return [
    ['pair', digestOf(`pair\0${name}\0${network}`)],
    ['address', digestOf(`address\0${network}`)],
  ];
}
