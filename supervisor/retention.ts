/**
 * Owns what is told of how long things are kept: the settings, the last sweep and the next, and what one would take now,
 * rehearsed while nobody waits. Never decides what goes or when.
 */
import type {RetentionShown} from '../appliance/api/retention-rows.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {Log} from '../appliance/log.ts';
import type {Retention} from '../web/retention.ts';
import {describeDoubt} from './sweep/clock.ts';
import {totalOf} from './sweep/words.ts';
import type {Sweeping} from './sweeping.ts';

export interface RetentionParts {
  readonly settings: Settings;
  readonly sweeping: () => Pick<Sweeping, 'state' | 'rehearse' | 'sweep'>;
  readonly log: Log;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
}

const kept = {
  uploads: 'UPLOADS_KEEP_DAYS',
  intermediates: 'INTERMEDIATES_KEEP_DAYS',
  outputs: 'OUTPUTS_KEEP_DAYS',
  logs: 'LOGS_KEEP_DAYS',
  deleted: 'TRASH_KEEP_DAYS',
} as const;

/** A rehearsal looks into every job that is past its days. */
const dueMs = 300_000;

export class HomeRetention implements Retention {
  readonly #parts: RetentionParts;
  #due: RetentionShown['due'] = null;
  #rehearsedAtMs: number | undefined;
  #rehearsing: Promise<void> | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  shown(): RetentionShown {
    const {settings, sweeping, steady} = this.#parts;
    const {next, running, doubt, last} = sweeping().state;
    const isOld = this.#rehearsedAtMs === undefined || steady() - this.#rehearsedAtMs > dueMs;
    if (isOld && !running) void this.rehearse();
    const kinds = Object.keys(kept) as (keyof typeof kept)[];
    return {
      ...{next, running, last, due: this.#due},
      waits: doubt === null ? null : describeDoubt(doubt),
      keeps: kinds.map(kind => ({kind, days: settings[kept[kind]], setting: kept[kind]})),
    };
  }

  /** Resolves when it is known what would go; what goes wrong is in the log. */
  rehearse(): Promise<void> {
    this.#rehearsing ??= this.#rehearse().finally(() => {
      this.#rehearsing = undefined;
    });
    return this.#rehearsing;
  }

  async sweep(): Promise<RetentionShown> {
    await this.#parts.sweeping().sweep('command');
    // One that began before counts what has just gone.
    await this.#rehearsing;
    await this.rehearse();
    return this.shown();
  }

  async #rehearse(): Promise<void> {
    const {sweeping, log, steady} = this.#parts;
    try {
      const rehearsed = await sweeping().rehearse();
      this.#due = rehearsed.is === 'waits' ? null : totalOf(rehearsed.sums);
    } catch (cause) {
      this.#due = null;
      log.warn({err: cause}, 'what is past its days is not known');
    }
    this.#rehearsedAtMs = steady();
  }
}
