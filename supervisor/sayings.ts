/**
 * Owns having a few words said at once, for somebody who edits a line, and which voices there are for it: by a confined program,
 * one after the other. Keeps nothing that is said, and believes of what comes back only that it is a short WAV or a list of voices.
 */
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import type {LanguageTag} from '../appliance/languages.ts';
import {type AskedOfVoices, type Say, type Voice, VoiceList} from '../appliance/say.ts';
import type {Sayings} from '../web/lines.ts';
import {answerOf} from './confine/answer.ts';
import type {Confined} from './confine/confine.ts';
import type {DataFolders} from './folders.ts';

export interface SayingsParts {
  readonly folders: Pick<DataFolders, 'uploads'>;
  /** Null where nothing small can be confined. */
  readonly confine: ((place: {readonly folder: string; readonly file: string}) => Confined) | null;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
}

/** A minute at 22 kHz. */
const limitBytes = 3 << 20;
const limitMs = 15_000;
const waitingLimit = 8;
/** So long a list of voices is taken to be as it was. */
const knownMs = 300_000;

export class HomeSayings implements Sayings {
  readonly #parts: SayingsParts;
  readonly #stop = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #voices = new Map<LanguageTag, {readonly at: number; readonly list: readonly Voice[]}>();

  constructor(parts: SayingsParts) {
    this.#parts = parts;
  }

  /** Ends what is being said; resolves when nothing of it is left. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#last;
  }

  async say(say: Say, signal: AbortSignal): Promise<Uint8Array | null> {
    const wav = await this.#inTurn(say, signal);
    return wav !== null && isWav(wav) ? wav : null;
  }

  async voices(language: LanguageTag, signal: AbortSignal): Promise<readonly Voice[] | null> {
    const known = this.#voices.get(language);
    const at = this.#parts.steady();
    if (known !== undefined && at - known.at < knownMs) return known.list;
    const answer = await this.#inTurn({voicesOf: language}, signal);
    const list = answer === null ? null : listIn(answer);
    if (list === null) return null;
    if (list.length > 0) this.#voices.set(language, {at, list});
    return list;
  }

  async #inTurn(asked: AskedOfVoices, signal: AbortSignal): Promise<Buffer | null> {
    if (this.#waiting >= waitingLimit) return null;
    this.#waiting += 1;
    const answered = this.#last.then(() =>
      this.#answered(asked, AbortSignal.any([signal, this.#stop.signal])),
    );
    this.#last = answered.catch(() => undefined);
    try {
      return await answered;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #answered(asked: AskedOfVoices, signal: AbortSignal): Promise<Buffer | null> {
    const {confine, folders} = this.#parts;
    if (confine === null) return null;
    return answerOf({
      ...{limitBytes, limitMs, signal},
      folder: join(folders.uploads, `look-say-${randomBytes(6).toString('hex')}`),
      asked: JSON.stringify(asked),
      confine: (folder, file) => confine({folder, file}),
    });
  }
}

function listIn(answer: Buffer): readonly Voice[] | null {
  try {
    return VoiceList.parse(JSON.parse(answer.toString('utf8')));
  } catch {
    return null;
  }
}

function isWav(bytes: Buffer): boolean {
  return (
    bytes.length > 44 &&
    bytes.toString('latin1', 0, 4) === 'RIFF' &&
    bytes.toString('latin1', 8, 12) === 'WAVE'
  );
}
