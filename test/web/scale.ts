/** Owns uploads in memory that are weighed: how much came and what it was, not the bytes. */
import {createHash} from 'node:crypto';
import {Digest} from '../../appliance/digest.ts';
import {ok} from '../../appliance/result.ts';
import type {AppendAsk, BeginAsk, UploadNow} from '../../web/upload-desk.ts';
import {MemoryUploads} from './memory-uploads.ts';

export class Scale extends MemoryUploads {
  received = 0;
  readonly #hash = createHash('sha256');

  get digest(): Digest {
    return Digest.parse(this.#hash.copy().digest('hex'));
  }

  override async begin(ask: BeginAsk) {
    const begun = await super.begin(ask);
    return begun.ok ? ok(this.#keep(ask, {...begun.value, length: ask.length})) : begun;
  }

  override async append(ask: AppendAsk) {
    const found = await this.look(ask);
    if (!found.ok) return found;
    let {offset} = ask;
    for await (const piece of ask.pieces) {
      this.#hash.update(piece);
      this.received += piece.length;
      offset += piece.length;
    }
    return ok(this.#keep(ask, {...found.value, offset}));
  }

  #keep({owner}: Pick<BeginAsk, 'owner'>, now: UploadNow): UploadNow {
    this.all.set(now.id, {...now, owner});
    return now;
  }
}
