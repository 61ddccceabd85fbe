/** Owns one upload while the daemon runs: its row, whose turn it is, the hash so far. Never writes a byte of it. */
import {createHash, type Hash} from 'node:crypto';
import type {Looked} from '../../appliance/film.ts';
import type {UploadNow} from '../../web/upload-desk.ts';
import type {UploadRow} from './row.ts';
import {Turns} from './turns.ts';

export class Slot {
  readonly turns = new Turns();
  /** As it is stored. */
  row: UploadRow;
  #looking: Promise<Looked | null> | undefined;
  readonly #noMore = new AbortController();
  #hash: {readonly of: Hash; readonly offset: number} | null;

  constructor(row: UploadRow) {
    this.row = row;
    this.#hash = row.offset === 0 ? {of: createHash('sha256'), offset: 0} : null;
  }

  get isOpen(): boolean {
    return this.row.state.is === 'open';
  }

  /** Of all that is there; null when that came to an earlier daemon, or was not hashed to its end. */
  get hash(): Hash | null {
    return this.#hash?.offset === this.row.offset ? this.#hash.of : null;
  }

  hashed(of: Hash | null, offset: number): void {
    this.#hash = of === null ? null : {of, offset};
  }

  /** A film of which all is there, and which nobody has seen. */
  get isToBeSeen(): boolean {
    const {kind, offset, length, film} = this.row;
    return this.isOpen && kind === 'film' && offset === length && film === null;
  }

  /** One look, whoever asks for what it comes to. */
  looked(look: (signal: AbortSignal) => Promise<Looked | null>): Promise<Looked | null> {
    this.#looking ??= look(this.#noMore.signal);
    return this.#looking;
  }

  /** Resolves when nothing looks into it any more. */
  async endLook(): Promise<void> {
    this.#noMore.abort();
    await this.#looking;
  }

  now(expireMs: number): UploadNow {
    const {id, name, length, offset, begun, touched, metadata, film, state} = this.row;
    const refused = state.is === 'refused' ? state.why : null;
    return {id, name, length, offset, begun, expires: touched + expireMs, metadata, film, refused};
  }
}
