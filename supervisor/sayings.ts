/**
 * Owns having a few words said at once, for somebody who edits a line: by a confined program, one after the other. Keeps none of it,
 * and believes of what comes back only that it is a short WAV.
 */
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import type {Say} from '../appliance/say.ts';
import type {Sayings} from '../web/lines.ts';
import {answerOf} from './confine/answer.ts';
import type {Confined} from './confine/confine.ts';
import type {DataFolders} from './folders.ts';

export interface SayingsParts {
  readonly folders: Pick<DataFolders, 'uploads'>;
  /** Null where nothing small can be confined. */
  readonly confine: ((place: {readonly folder: string; readonly file: string}) => Confined) | null;
}

/** A minute at 22 kHz. */
const limitBytes = 3 << 20;
const limitMs = 15_000;
const waitingLimit = 8;

export class HomeSayings implements Sayings {
  readonly #parts: SayingsParts;
  readonly #stop = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: SayingsParts) {
    this.#parts = parts;
  }

  /** Ends what is being said; resolves when nothing of it is left. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#last;
  }

  async say(say: Say, signal: AbortSignal): Promise<Uint8Array | null> {
    if (this.#waiting >= waitingLimit) return null;
    this.#waiting += 1;
    const said = this.#last.then(() => this.#said(say, AbortSignal.any([signal, this.#stop.signal])));
    this.#last = said.catch(() => undefined);
    try {
      return await said;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #said(say: Say, signal: AbortSignal): Promise<Uint8Array | null> {
    const {confine, folders} = this.#parts;
    if (confine === null) return null;
    const wav = await answerOf({
      ...{limitBytes, limitMs, signal},
      folder: join(folders.uploads, `look-say-${randomBytes(6).toString('hex')}`),
      asked: JSON.stringify(say),
      confine: (folder, asked) => confine({folder, file: asked}),
    });
    return wav !== null && isWav(wav) ? wav : null;
  }
}

function isWav(bytes: Buffer): boolean {
  return (
    bytes.length > 44 &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WAVE'
  );
}
