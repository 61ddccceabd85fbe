/** Uploads in memory, which have lengths and no bytes: what a test of the routes asks of a desk. */
import {digestOf} from '../../appliance/digest.ts';
import type {JobId, UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {UploadId} from '../../appliance/upload.ts';
import type {
  AppendAsk,
  BeginAsk,
  CompleteAsk,
  UploadAsk,
  UploadDesk,
  UploadNow,
  UploadTrouble,
} from '../../web/upload-desk.ts';
import {jobOf} from './memory-box.ts';

type Kept = UploadNow & {readonly owner: UserName};

export const uploadIdOf = (number: number): UploadId => UploadId.parse(String(number).padStart(20, '0'));

export class MemoryUploads implements UploadDesk {
  readonly all = new Map<UploadId, Kept>();
  readonly asked: unknown[];
  readonly limitBytes = 1000;

  constructor(asked: unknown[]) {
    this.asked = asked;
  }

  put(number: number, owner: UserName, offset = 0): void {
    const id = uploadIdOf(number);
    this.all.set(id, {
      ...{id, owner, name: 'film.mkv', length: 10, offset, begun: 1, expires: 86_400_000},
      ...{metadata: 'filename ZmlsbS5ta3Y=', film: null, refused: null},
    });
  }

  open(owner: UserName): readonly UploadNow[] {
    this.asked.push({open: owner});
    return [...this.all.values()].filter(one => one.owner === owner);
  }

  async begin(ask: BeginAsk): Promise<Result<UploadNow, UploadTrouble>> {
    this.asked.push(ask);
    this.put(this.all.size + 1, ask.owner);
    return ok([...this.all.values()].at(-1) as Kept);
  }

  look = async (ask: UploadAsk) => this.#found(ask);

  async append(ask: AppendAsk): Promise<Result<UploadNow, UploadTrouble>> {
    const found = this.#found(ask);
    if (!found.ok) return found;
    let offset = ask.offset;
    for await (const piece of ask.pieces) offset += piece.length;
    return ok({...found.value, offset});
  }

  async drop(ask: UploadAsk): Promise<Result<void, UploadTrouble>> {
    const found = this.#found(ask);
    return found.ok ? ok(void this.all.delete(ask.id)) : found;
  }

  async complete(ask: CompleteAsk) {
    const found = this.#found(ask);
    if (!found.ok) return found;
    const id = '0000000003' as JobId;
    const source = {name: found.value.name, bytes: 10, digest: digestOf('film')};
    return ok({made: true, film: null, job: {...jobOf(3, {owner: ask.owner, via: 'upload', source}), id}});
  }

  #found({owner, id}: UploadAsk): Result<Kept, UploadTrouble> {
    const found = this.all.get(id);
    if (found?.owner !== owner) return no({reason: 'no-such-upload'});
    this.asked.push({found: id});
    return ok(found);
  }
}
