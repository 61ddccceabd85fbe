/**
 * Owns the last events of this run, numbered, for those who follow them. A follower is a place in the ring and nothing
 * more: however slow it is, nothing is kept on its account, and one that falls behind the ring is told so.
 */
import {
  type Audience,
  type BoxEvent,
  type BoxNews,
  EventId,
  hears,
  ownerOf,
} from '../appliance/api/events.ts';
import type {Sight} from '../appliance/api/permissions.ts';
import type {UserName} from '../appliance/job.ts';
import {frameOf} from './sse.ts';

export interface RingLimits {
  readonly events: number;
  /** Of all frames together. */
  readonly bytes: number;
}

const defaultLimits: RingLimits = {events: 10_000, bytes: 8 << 20};

/** A follower that has much to catch up on gets it in pieces of about this many characters, one after another. */
const pieceLength = 16 * 1024;

interface Kept {
  readonly frame: string;
  readonly bytes: number;
  readonly owner: UserName | null;
  readonly audience: Audience;
}

type Piece =
  | {readonly is: 'text'; readonly text: string; readonly next: number}
  | {readonly is: 'nothing'; readonly next: number};

export class EventRing {
  readonly #run: string;
  readonly #limits: RingLimits;
  /** The event of number `n` is at `n - #first`, plus the head that was given up but not yet cut off. */
  #kept: (Kept | undefined)[] = [];
  #gone = 0;
  #first = 1;
  #bytes = 0;
  #open = true;
  readonly #waiting = new Set<() => void>();
  #followers = 0;
  /** The piece made last, and for what. */
  #last: {readonly key: string; readonly piece: Piece} | undefined;

  /** `run` is eight hex digits of this run's own: chance makes them, so that no other run has them. */
  constructor(run: string, limits: RingLimits = defaultLimits) {
    EventId.parse(`${run}-0`);
    this.#run = run;
    this.#limits = limits;
  }

  /** How many follow. */
  get followers(): number {
    return this.#followers;
  }

  /** What the ring holds now. */
  get size(): {readonly events: number; readonly bytes: number} {
    return {events: this.#kept.length - this.#gone, bytes: this.#bytes};
  }

  append(event: BoxNews, audience: Audience = 'owner'): void {
    if (!this.#open) return;
    const frame = frameOf(event, this.#id(this.#next));
    const bytes = Buffer.byteLength(frame);
    this.#kept.push({frame, bytes, owner: ownerOf(event), audience});
    this.#bytes += bytes;
    while (this.size.events > this.#limits.events || this.#bytes > this.#limits.bytes) this.#giveUpFirst();
    this.#wake();
  }

  /** Ends every stream, and takes no more events. May be called twice. */
  close(): void {
    this.#open = false;
    this.#wake();
  }

  /**
   * Frames, whole ones and several at once, of what `sight` sees after the event `after`, until the signal or `close`.
   * Starts with a reset unless it can go on right behind that event.
   */
  async *follow(after: EventId | null, sight: Sight, signal: AbortSignal): AsyncGenerator<string> {
    this.#followers += 1;
    try {
      const start = this.#startAfter(after);
      let next = start.next;
      if (start.why !== null) yield this.#reset(start.why, next);
      while (this.#open && !signal.aborted) {
        if (next < this.#first) {
          next = this.#next;
          yield this.#reset('too-old', next);
          continue;
        }
        const piece = this.#pieceFrom(next, sight);
        next = piece.next;
        if (piece.is === 'text') yield piece.text;
        else await this.#news(signal);
      }
    } finally {
      this.#followers -= 1;
    }
  }

  /** The number that the next event will get. */
  get #next(): number {
    return this.#first + this.#kept.length - this.#gone;
  }

  #id(number: number): EventId {
    return `${this.#run}-${number}`;
  }

  #startAfter(after: EventId | null): {
    readonly next: number;
    readonly why: Extract<BoxEvent, {is: 'reset'}>['why'] | null;
  } {
    if (after === null) return {next: this.#next, why: 'new'};
    const [run, number] = after.split('-');
    const next = Number(number) + 1;
    if (run !== this.#run || next > this.#next) return {next: this.#next, why: 'restarted'};
    return next < this.#first ? {next: this.#next, why: 'too-old'} : {next, why: null};
  }

  /** Its number is that of the event before the next one, so that a stream which breaks right here goes on there. */
  #reset(why: Extract<BoxEvent, {is: 'reset'}>['why'], next: number): string {
    return frameOf({is: 'reset', why} satisfies BoxEvent, this.#id(next - 1));
  }

  /** Most followers are at the same place and see the same, so the piece made last is the one wanted next. */
  #pieceFrom(from: number, sight: Sight): Piece {
    const key = `${from} ${this.#next} ${sight.is === 'own' ? sight.user : `(${sight.is})`}`;
    if (this.#last?.key !== key) this.#last = {key, piece: this.#gather(from, sight)};
    return this.#last.piece;
  }

  #gather(from: number, sight: Sight): Piece {
    let text = '';
    let next = from;
    while (next < this.#next && text.length < pieceLength) {
      const kept = this.#kept[next - this.#first + this.#gone];
      if (kept !== undefined && hears(sight, kept.owner, kept.audience)) text += kept.frame;
      next += 1;
    }
    return text === '' ? {is: 'nothing', next} : {is: 'text', text, next};
  }

  /** Slots that were given up are cut off many at a time: to shift a long array by one is to move all of it. */
  #giveUpFirst(): void {
    this.#bytes -= this.#kept[this.#gone]?.bytes ?? 0;
    this.#kept[this.#gone] = undefined;
    this.#gone += 1;
    this.#first += 1;
    if (this.#gone >= 1024 && this.#gone * 2 >= this.#kept.length) {
      this.#kept = this.#kept.slice(this.#gone);
      this.#gone = 0;
    }
  }

  /** Nothing is awaited between the look and this, so no event can slip by. */
  async #news(signal: AbortSignal): Promise<void> {
    if (!this.#open || signal.aborted) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    this.#waiting.delete(wake);
    signal.removeEventListener('abort', wake);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
