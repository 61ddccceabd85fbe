/** Owns what each person uses of the box and what they may: the box's settings, and over them what an admin gave somebody. */
import {noQuotas, type Quotas} from '../appliance/accounts/quotas.ts';
import type {Usage} from '../appliance/api/usage-shapes.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {UserName} from '../appliance/job.ts';
import type {UsageBook} from '../web/usage.ts';
import type {JobLedger} from './queue/ledger.ts';
import {quotasOf} from './setting.ts';
import type {BoxStore} from './state.ts';

const dayMs = 86_400_000;
const usersLimit = 1000;

export class HomeUsage implements UsageBook {
  readonly #store: Pick<BoxStore, 'get' | 'all'>;
  readonly #ledger: JobLedger;
  readonly #box: Quotas;
  readonly #now: () => number;

  constructor(parts: {
    readonly store: Pick<BoxStore, 'get' | 'all'>;
    readonly ledger: JobLedger;
    readonly settings: Settings;
    readonly now: () => number;
  }) {
    this.#store = parts.store;
    this.#ledger = parts.ledger;
    this.#box = quotasOf(parts.settings);
    this.#now = parts.now;
  }

  /** What holds for somebody; null is no limit. */
  quotas(user: UserName): Quotas {
    const own = this.#store.get('users', user)?.quotas ?? noQuotas;
    return {
      keptBytes: own.keptBytes ?? this.#box.keptBytes,
      jobsPerDay: own.jobsPerDay ?? this.#box.jobsPerDay,
      queued: own.queued ?? this.#box.queued,
      running: own.running ?? this.#box.running,
      uploadMb: own.uploadMb ?? this.#box.uploadMb,
    };
  }

  of(user: UserName): Usage {
    const {sourceBytes, outputBytes, jobs} = this.#ledger.kept.of(user);
    const count = (state: keyof Usage['jobs']): number => jobs.get(state) ?? 0;
    return {
      ...{user, sourceBytes, outputBytes},
      jobs: {
        ...{queued: count('queued'), running: count('running'), pausing: count('pausing')},
        ...{paused: count('paused'), stopping: count('stopping'), done: count('done')},
        ...{failed: count('failed'), cancelled: count('cancelled')},
        ...{'set-aside': count('set-aside'), deleted: count('deleted')},
      },
      jobsToday: this.#ledger.submittedSince(user, this.#now() - dayMs).length,
      quotas: this.quotas(user),
      tempo: this.#ledger.tempo.usual,
    };
  }

  all(): readonly Usage[] {
    const users = new Set<UserName>(this.#ledger.kept.owners);
    for (const {name} of this.#store.all('users').values()) users.add(name);
    return [...users]
      .toSorted()
      .slice(0, usersLimit)
      .map(user => this.of(user));
  }
}
