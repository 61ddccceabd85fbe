/** Owns which engines work on this machine: asked of a confined program, and remembered for some minutes. Believes only its form. */
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {EnginesShown} from '../appliance/api/room-rows.ts';
import type {Engines} from '../web/room.ts';
import {answerOf} from './confine/answer.ts';
import type {SayingsParts} from './sayings.ts';

const limitBytes = 256 << 10;
/** Each engine is started once, one after the other on a busy machine. */
const limitMs = 30_000;
/** So long they are taken to be as they were. */
const knownMs = 300_000;

export class HomeEngines implements Engines {
  readonly #parts: SayingsParts;
  readonly #stop = new AbortController();
  #known: {readonly at: number; readonly shown: EnginesShown} | undefined;
  #asking: Promise<EnginesShown | null> | undefined;

  constructor(parts: SayingsParts) {
    this.#parts = parts;
  }

  /** Ends what is being asked; resolves when nothing of it is left. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#asking?.catch(() => undefined);
  }

  /** Null where they cannot be asked now. Whoever comes while others wait waits for the same answer. */
  async list(): Promise<EnginesShown | null> {
    const at = this.#parts.steady();
    if (this.#known !== undefined && at - this.#known.at < knownMs) return this.#known.shown;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const shown = await this.#asking;
    if (shown !== null) this.#known = {at, shown};
    return shown;
  }

  async #ask(): Promise<EnginesShown | null> {
    const {confine, folders} = this.#parts;
    if (confine === null) return null;
    const answer = await answerOf({
      ...{limitBytes, limitMs, signal: this.#stop.signal},
      folder: join(folders.uploads, `look-engines-${randomBytes(6).toString('hex')}`),
      asked: '{}',
      confine: (folder, file) => confine({folder, file}),
    });
    if (answer === null) return null;
    try {
      return EnginesShown.parse(JSON.parse(answer.toString('utf8')));
    } catch {
      return null;
    }
  }
}
