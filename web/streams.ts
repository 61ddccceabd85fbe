/** Owns the event streams that are open: how many there may be, and their end with the listener's. */
import type {ServerResponse} from 'node:http';
import {NotAnswered, problems} from './problem.ts';
import {type Every, type StreamEnd, sendEvents} from './sse.ts';

export interface StreamsSetting {
  readonly limit: number;
  readonly every: Every;
  /** Aborted when the listener stops. */
  readonly stopping: AbortSignal;
}

export class Streams {
  readonly #setting: StreamsSetting;
  #open = 0;

  constructor(setting: StreamsSetting) {
    this.#setting = setting;
  }

  get open(): number {
    return this.#open;
  }

  /** Throws NotAnswered, before anything is sent, when there are too many. */
  async send(
    res: ServerResponse,
    feedUntil: (signal: AbortSignal) => AsyncIterable<string>,
  ): Promise<StreamEnd> {
    const {limit, every, stopping} = this.#setting;
    if (this.#open >= limit) throw new NotAnswered(problems.tooManyStreams(limit));
    this.#open += 1;
    // Not AbortSignal.any: `stopping` lives as long as the daemon, and would keep a trace of every stream there was.
    const over = new AbortController();
    const end = (): void => over.abort();
    stopping.addEventListener('abort', end);
    res.once('close', end);
    if (stopping.aborted || res.closed) end();
    try {
      res.statusCode = 200;
      res.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
      // Some proxies gather an answer until it is whole.
      res.setHeader('X-Accel-Buffering', 'no');
      res.flushHeaders();
      return await sendEvents(res, feedUntil(over.signal), every);
    } finally {
      this.#open -= 1;
      stopping.removeEventListener('abort', end);
      res.off('close', end);
    }
  }
}
