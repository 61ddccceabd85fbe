/** Owns how often each group of routes may be asked, by a person and by an address. Never knows what the routes do. */
import type {Bucket} from '../appliance/api/row.ts';
import type {UserName} from '../appliance/job.ts';
import {Limiter, networkOf} from './limiter.ts';

/** In a minute, by one person. A page asks a few dozen times; a player a few hundred; nobody who is not a program more. */
export const usualQuotas: Readonly<Record<Bucket, number>> = {
  ...{probe: 600, list: 600, detail: 1200, submit: 60, change: 300, logs: 240, events: 60, files: 3000},
  ...{login: 30, refresh: 60, upload: 6000, sockets: 60, assets: 3000},
};

/** A family shares one address. */
const peopleAnAddress = 4;

export class Quotas {
  readonly #people = new Map<Bucket, Limiter>();
  readonly #addresses = new Map<Bucket, Limiter>();

  constructor(quotas: Readonly<Record<Bucket, number>> = usualQuotas) {
    for (const [bucket, points] of Object.entries(quotas) as [Bucket, number][]) {
      this.#people.set(bucket, new Limiter({points, seconds: 60}));
      this.#addresses.set(bucket, new Limiter({points: points * peopleAnAddress, seconds: 60}));
    }
  }

  /** How long until this may be asked again; 0 to go on. */
  async take(bucket: Bucket, user: UserName | null, address: string): Promise<number> {
    const [person, place] = [this.#people.get(bucket), this.#addresses.get(bucket)];
    if (person === undefined || place === undefined) throw new Error(`no quota for ${bucket}`);
    const network = networkOf(address);
    // Whoever is not known is as many as the address is.
    const waitMs = user === null ? 0 : await person.take(user);
    return waitMs > 0 ? waitMs : place.take(network);
  }
}
