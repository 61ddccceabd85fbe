/** Owns rows of pushes for the tests, and a store that keeps them and can be made to fail. */
import {type Job, JobId, UserName} from '../../../appliance/job.ts';
import type {PushChange, PushRows} from '../../../supervisor/push/outbox.ts';
import {type PushAbout, PushId, PushRow} from '../../../supervisor/push/row.ts';

export const ana = UserName.parse('ana');
export const jobId = JobId.parse('abcdefgh12');

/** Noon of a day in 2026. */
export const noon = Date.UTC(2026, 10, 3, 12);

type Of<Kind extends PushAbout['kind']> = Extract<PushAbout, {kind: Kind}>;

export function done(id: string, about: Partial<Of<'done'>> = {}, row: Partial<PushRow> = {}): PushRow {
  const said = {title: `Film ${id}`, to: 'es', seconds: 754, grade: 'A good dub by what was measured.'};
  return rowOf(id, {kind: 'done', job: jobId, ...said, ...about}, row);
}

export function wrong(
  kind: 'failed' | 'refused' | 'set-aside',
  id: string,
  about: Partial<Of<'refused'>> = {},
  row: Partial<PushRow> = {},
): PushRow {
  return rowOf(
    id,
    {job: jobId, title: `Film ${id}`, what: 'It broke.', fix: 'Mend it.', ...about, kind},
    row,
  );
}

function rowOf(id: string, about: unknown, row: Partial<PushRow>): PushRow {
  return PushRow.parse({id, owner: 'ana', made: noon, attempts: 0, notBefore: null, about, ...row});
}

export function job(state: Job['state'], name = 'Film.mkv'): Job {
  return {
    id: jobId,
    owner: ana,
    via: 'inbox',
    submitted: noon,
    source: {name, bytes: 1, digest: '0'.repeat(64) as Job['source']['digest']},
    sidecars: [],
    options: {from: 'en', to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
    priority: 0,
    lost: 0,
    confinement: null,
    card: null,
    state,
  };
}

/** What the store does, in memory. */
export class Rows implements PushRows {
  /** Thrown by every commit while it is set. */
  failure: Error | null = null;
  readonly commits: PushChange[] = [];
  #rows: PushRow[] = [];
  readonly #waits = new Set<() => void>();

  add(...rows: readonly PushRow[]): void {
    this.#rows.push(...rows);
  }

  pending(): readonly PushRow[] {
    return this.#rows;
  }

  async commit(change: PushChange): Promise<void> {
    // A store takes its time.
    await new Promise(setImmediate);
    this.commits.push(change);
    if (this.failure === null) {
      const again = new Map(change.again.map(row => [row.id, row]));
      const gone = new Set(change.remove);
      this.#rows = this.#rows.filter(({id}) => !gone.has(id)).map(row => ({...row, ...again.get(row.id)}));
    }
    for (const look of this.#waits) look();
    if (this.failure !== null) throw this.failure;
  }

  /** Resolves when only so many are left. */
  left(count: number): Promise<void> {
    return this.#until(() => this.#rows.length === count);
  }

  committed(count: number): Promise<void> {
    return this.#until(() => this.commits.length >= count);
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const look = () => isSo() && resolve();
    this.#waits.add(look);
    await promise;
    this.#waits.delete(look);
  }
}

export const ids = (rows: readonly PushRow[]): readonly string[] => rows.map(({id}) => id);
export const idOf = (text: string): PushId => PushId.parse(text);
