/**
 * Owns the way of waiting pushes to the server: one at a time, oldest first, until each is taken, refused or too old.
 * Never writes a row and never decides what is worth one.
 *
 * A push arrives at least once. Twice is possible where the server took it and this process does not know or could not
 * keep it: it died, or its disk failed and then it died, before the rows were gone from the store, or the answer was
 * lost on the way. Such a push goes again under the same id, which servers from 2.16 on pass to the phone, and the
 * phone then shows the one in the other's place.
 */
import type {PushState} from '../../appliance/api/status.ts';
import type {Secret} from '../../appliance/config/secret.ts';
import type {At, UserName} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {fold, longestRestMs, type Pace, type Sent} from './fold.ts';
import {type Batch, messageOf, type PushMessage, testMessage} from './message.ts';
import {type After, type Answer, publish} from './ntfy.ts';
import {restMs} from './rest.ts';
import {freshPushId, type PushId, type PushKind, type PushRow} from './row.ts';
import type {PushMode} from './settings.ts';

/** Where the rows are: the store, in which they were written with the change that they tell of. */
export interface PushRows {
  pending(): readonly PushRow[];
  /** Resolves when it is on disk; a row that is gone meanwhile is no error. */
  commit(change: PushChange): Promise<void>;
}

export interface PushChange {
  readonly remove: readonly PushId[];
  readonly again: readonly Pick<PushRow, 'id' | 'attempts' | 'notBefore'>[];
}

/** For the log and the audit: no titles, no token. */
export type PushTold =
  | {readonly is: 'withheld'; readonly why: string}
  | {readonly is: 'sent'; readonly kind: PushKind; readonly count: number; readonly id: PushId}
  | {readonly is: 'put-off'; readonly why: string; readonly until: At}
  | {readonly is: 'dropped'; readonly count: number; readonly why: string}
  | {readonly is: 'broken'; readonly cause: unknown};

/** Since start. */
export interface PushCounts {
  /** Messages that the server took. */
  readonly sent: number;
  /** Rows that went without having been told. */
  readonly dropped: number;
}

export interface PushParts {
  readonly mode: PushMode;
  readonly rows: PushRows;
  /** Where somebody's pushes go; null is where the box's do. */
  readonly topicOf: (owner: PushRow['owner']) => Secret | null;
  readonly pace: Pace;
  readonly now: () => At;
  readonly after: After;
  /** From 0 up to 1. */
  readonly chance: () => number;
  readonly told: (what: PushTold) => void;
}

/** What is on its way when we stop may arrive: cut off at once, it would be sent again after the start. */
const stopGraceMs = 3_000;

/** Tries that are remembered. */
const lastLimit = 5;

interface Tried {
  readonly id: PushId;
  readonly at: At;
  readonly title: string;
  readonly ok: boolean;
}

interface Sleep {
  readonly until: At | null;
  readonly end: () => void;
}

export class PushOutbox {
  readonly #parts: PushParts;
  readonly #cut = new AbortController();
  /** Settled here, still in the store because it could not be written: never sent again. */
  readonly #settled = new Set<PushId>();
  #running: Promise<void> | undefined;
  #stop: Promise<void> | undefined;
  #sleep: Sleep | undefined;
  #woken = false;
  #lately: readonly Sent[] = [];
  #failures = 0;
  #restsUntil: At = 0;
  #lastSent: At | null = null;
  #last: readonly Tried[] = [];
  /** Over as soon as something is taken. */
  #trouble: string | null = null;
  #sent = 0;
  #dropped = 0;

  constructor(parts: PushParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#running !== undefined || this.#stop !== undefined) return;
    const {mode, told} = this.#parts;
    if (mode.is === 'withheld') told({is: 'withheld', why: mode.why});
    // A server that was down when we went is not taken for a new one.
    this.#failures = this.#waiting().reduce((most, {attempts}) => Math.max(most, attempts), 0);
    this.#running = this.#run().catch(cause => {
      this.#trouble =
        'A fault in Dubstead itself stopped pushes: the log has it. Restart the daemon, and please report it.';
      told({is: 'broken', cause});
    });
  }

  /** To be called when rows were added. */
  wake(): void {
    const sleep = this.#sleep;
    if (sleep === undefined) {
      this.#woken = true;
      return;
    }
    const {now, pace} = this.#parts;
    // Nothing new can be due before it has gathered: ten thousand rows in a second are looked through once.
    if (sleep.until !== null && sleep.until <= Math.max(this.#restsUntil, now() + pace.gatherMs)) return;
    sleep.end();
  }

  stop(): Promise<void> {
    this.#stop ??= this.#end();
    return this.#stop;
  }

  state(): PushState {
    const {mode} = this.#parts;
    if (mode.is !== 'on') return {is: 'off', why: mode.why};
    return {
      is: 'on',
      server: mode.target.url.host,
      waiting: this.#waiting().length,
      lastSent: this.#lastSent,
      trouble: this.#trouble,
      last: this.#last.map(({at, title, ok}) => ({at, title, ok})),
    };
  }

  get counts(): PushCounts {
    return {sent: this.#sent, dropped: this.#dropped};
  }

  /** Sends somebody one at once, past all that waits; null when the server took it, else why not. */
  async test(owner: UserName, signal: AbortSignal): Promise<string | null> {
    const {mode, now, after, topicOf} = this.#parts;
    if (mode.is !== 'on') return mode.why;
    const topic = topicOf(owner) ?? mode.target.topic;
    const exchange = {signal: AbortSignal.any([signal, this.#cut.signal]), now, after};
    const message = testMessage(freshPushId());
    const answer = await publish({...mode.target, topic}, message, exchange);
    this.#tried(message, answer.is === 'accepted');
    return answer.is === 'accepted' ? null : answer.why;
  }

  async #end(): Promise<void> {
    this.#sleep?.end();
    const callOff = this.#parts.after(stopGraceMs, () => this.#cut.abort());
    await this.#running;
    callOff();
  }

  async #run(): Promise<void> {
    while (this.#stop === undefined) {
      const until = await this.#step();
      if (until !== 'again' && this.#stop === undefined) await this.#sleepUntil(until);
    }
  }

  /** Does one thing, and says when to look again; null waits to be woken. */
  async #step(): Promise<At | null | 'again'> {
    const {mode, now, pace} = this.#parts;
    // A clock that went back would make a rest of days out of one of minutes.
    if (this.#restsUntil - now() > longestRestMs) this.#restsUntil = now();
    if (this.#settled.size > 0) {
      if (this.#restsUntil > now()) return this.#restsUntil;
      return (await this.#forget()) ? 'again' : this.#restsUntil;
    }
    const waiting = this.#waiting();
    if (waiting.length === 0) return null;
    if (mode.is !== 'on') return this.#drop(waiting, mode.why);
    this.#lately = this.#lately.filter(({at}) => now() - at < pace.windowMs);
    const {due, nextAt, stale} = fold(waiting, {now: now(), sent: this.#lately, pace});
    if (stale.length > 0) return this.#drop(stale, 'They waited too long to be news, or too many wait.');
    const [batch] = due;
    if (batch === undefined) return nextAt;
    if (this.#restsUntil > now()) return this.#restsUntil;
    return this.#send(batch, mode);
  }

  async #send(batch: Batch, {target, wording}: Extract<PushMode, {is: 'on'}>): Promise<At | 'again'> {
    const {now, after, topicOf} = this.#parts;
    const topic = topicOf(batch[0].owner) ?? target.topic;
    const exchange = {signal: this.#cut.signal, now, after};
    const message = messageOf(batch, wording);
    const answer = await publish({...target, topic}, message, exchange);
    if (answer.is === 'accepted' || !this.#cut.signal.aborted) this.#tried(message, answer.is === 'accepted');
    switch (answer.is) {
      case 'accepted':
        return this.#taken(batch);
      case 'refused':
        this.#trouble = answer.why;
        return this.#drop(batch, answer.why);
      case 'unavailable':
        // We hung up: that says nothing about the server.
        return this.#cut.signal.aborted ? 'again' : this.#putOff(batch, answer);
      default:
        return unreachable(answer);
    }
  }

  #tried({sequence_id: id, title}: PushMessage, ok: boolean): void {
    const [newest, ...older] = this.#last;
    const others = newest === undefined || newest.id === id ? older : [newest, ...older];
    this.#last = [{id, at: this.#parts.now(), title, ok}, ...others].slice(0, lastLimit);
  }

  async #taken(batch: Batch): Promise<At | 'again'> {
    const {now, told} = this.#parts;
    const [{id, about, owner}] = batch;
    this.#failures = 0;
    this.#trouble = null;
    this.#sent += 1;
    this.#lastSent = now();
    this.#lately = [...this.#lately, {kind: about.kind, owner, at: now()}];
    told({is: 'sent', kind: about.kind, count: batch.length, id});
    return (await this.#forget(batch)) ? 'again' : this.#restsUntil;
  }

  /** A push of last week is noise, and one that may not leave is none: they go, and are counted. */
  async #drop(rows: readonly PushRow[], why: string): Promise<At | 'again'> {
    this.#dropped += rows.length;
    this.#parts.told({is: 'dropped', count: rows.length, why});
    return (await this.#forget(rows)) ? 'again' : this.#restsUntil;
  }

  async #putOff(batch: Batch, answer: Extract<Answer, {is: 'unavailable'}>): Promise<At> {
    const until = this.#rest(answer.why, answer.retryAfterMs);
    const [{id, attempts}] = batch;
    // The oldest stands for all: ten thousand rows are not written anew at every try. And where even that one cannot
    // be written, the next process only asks a little sooner.
    const again = [{id, attempts: attempts + 1, notBefore: until}];
    await this.#parts.rows.commit({remove: [], again}).catch(() => undefined);
    return until;
  }

  /** Takes rows out of the store. Where that fails they are remembered here, so that they are not sent again. */
  async #forget(rows: readonly PushRow[] = []): Promise<boolean> {
    for (const {id} of rows) this.#settled.add(id);
    const remove = [...this.#settled];
    try {
      await this.#parts.rows.commit({remove, again: []});
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      this.#rest(`Pushes that are settled cannot be taken out of the store: ${detail}.`, null);
      return false;
    }
    for (const id of remove) this.#settled.delete(id);
    return true;
  }

  #rest(why: string, retryAfterMs: number | null): At {
    const {now, chance, told} = this.#parts;
    this.#failures += 1;
    const until = now() + restMs({failures: this.#failures, retryAfterMs, chance: chance()});
    this.#restsUntil = until;
    this.#trouble = why;
    told({is: 'put-off', why, until});
    return until;
  }

  #waiting(): readonly PushRow[] {
    const pending = this.#parts.rows.pending();
    return this.#settled.size === 0 ? pending : pending.filter(({id}) => !this.#settled.has(id));
  }

  async #sleepUntil(until: At | null): Promise<void> {
    if (this.#woken) {
      this.#woken = false;
      return;
    }
    const {promise, resolve} = Promise.withResolvers<void>();
    const callOff =
      until === null ? undefined : this.#parts.after(Math.max(0, until - this.#parts.now()), resolve);
    this.#sleep = {until, end: resolve};
    await promise;
    this.#sleep = undefined;
    callOff?.();
  }
}
