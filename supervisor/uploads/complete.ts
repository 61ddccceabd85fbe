/** Owns the end of an upload: it is whole, it is what was announced, and then it is a job's. Never receives any of it. */
import {Digest, digestOfOpen} from '../../appliance/digest.ts';
import type {Film} from '../../appliance/film.ts';
import {FileName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {UploadId} from '../../appliance/upload.ts';
import type {Trouble} from '../../web/box.ts';
import type {CompleteAsk, Completed, UploadTrouble} from '../../web/upload-desk.ts';
import type {Admissions} from '../admissions.ts';
import {nameBeside} from '../intake.ts';
import {headOf, type UploadFiles} from './files.ts';
import {isAsNamed} from './magic.ts';
import type {UploadRow} from './row.ts';
import type {Slot} from './slot.ts';

export interface Completing {
  /** Whose turn is ours. */
  readonly slot: Slot;
  readonly all: ReadonlyMap<string, Slot>;
  readonly files: UploadFiles;
  readonly admissions: Pick<Admissions, 'fromUpload' | 'job'>;
  /** What is in the film, or why it is none. */
  look(): Answer<Film | null>;
  commit(slot: Slot, changes: Partial<UploadRow>): Promise<void>;
}

type Answer<T> = Promise<Result<T, UploadTrouble | Trouble>>;

export async function complete(ask: CompleteAsk, at: Completing): Answer<Completed> {
  const {slot, all, admissions} = at;
  const known = answeredBefore(ask, slot, all);
  if (known !== null) {
    const job = admissions.job(known.job);
    if (job === undefined || !known.isSame) return no({reason: 'completed', job: known.job});
    return ok({made: false, job, film: slot.row.film});
  }
  const {name, kind, state} = slot.row;
  if (state.is === 'refused') return no({reason: 'refused', why: state.why});
  if (kind !== 'film') return no({reason: 'no-film', name});
  const checked = await check(slot, at.files, ask.signal);
  if (!checked.ok) return checked;
  const looked = await at.look();
  if (!looked.ok) return looked;
  return withSidecars(ask, at, async sidecars => {
    const answer = await handOver(ask, at, {digest: checked.value, sidecars});
    return answer.ok ? ok({...answer.value, film: looked.value}) : answer;
  });
}

/** The same upload again, or another one under the same key. */
function answeredBefore({key, owner}: CompleteAsk, slot: Slot, all: Completing['all']) {
  const {state} = slot.row;
  if (state.is === 'completed') return {job: state.job, isSame: key === null || key === state.key};
  for (const {row} of all.values())
    if (key !== null && row.owner === owner && row.state.is === 'completed' && row.state.key === key)
      return {job: row.state.job, isSame: true};
  return null;
}

/** Its digest, when it is whole and what its name and its client say. */
async function check({row, hash}: Slot, files: UploadFiles, signal: AbortSignal): Answer<Digest> {
  const {id, name, length, offset, promised} = row;
  if (offset !== length) return no({reason: 'not-whole', offset, length});
  await using file = await files.open(id);
  const {size} = await file.stat();
  if (size < length) throw new Error(`the file of upload ${id} lost bytes that were on disk`);
  // What was taken back after a fault of the disk may still be there.
  if (size > length) await file.truncate(length);
  if (!isAsNamed(name, await headOf(file))) return no({reason: 'wrong-content', name});
  const found = hash === null ? await digestOfOpen(file, {signal}) : Digest.parse(hash.copy().digest('hex'));
  return promised === null || promised === found ? ok(found) : no({reason: 'wrong-digest', found});
}

interface Sidecar {
  readonly slot: Slot;
  readonly as: string;
}

/** Each in its turn, in one order for all: two films that name the same ones do not wait for each other. */
async function withSidecars<T>(
  ask: CompleteAsk,
  {slot, all, files}: Completing,
  work: (sidecars: readonly Sidecar[]) => Answer<T>,
): Answer<T> {
  const take = async (ids: readonly UploadId[], taken: readonly Sidecar[]): Answer<T> => {
    const [id, ...rest] = ids;
    if (id === undefined) return work(taken);
    const one = all.get(id);
    if (one?.row.owner !== ask.owner || one.row.kind !== 'subtitles') return no({reason: 'bad-sidecar', id});
    return one.turns.take(async () => {
      const isWhole = all.get(id) === one && one.isOpen && (await check(one, files, ask.signal)).ok;
      const as = FileName.safeParse(nameBeside(one.row.name, slot.row.name));
      const isNew = as.success && taken.every(other => other.as !== as.data);
      return isWhole && isNew
        ? take(rest, [...taken, {slot: one, as: as.data}])
        : no({reason: 'bad-sidecar', id});
    });
  };
  return take([...new Set(ask.sidecars)].toSorted(), []);
}

/** Stored as a job's before its own name goes: after a crash in between it is asked again, and is that job already. */
async function handOver(
  {owner, options, like, priority, key, signal}: CompleteAsk,
  {slot, files, admissions, commit}: Completing,
  {digest, sidecars}: {readonly digest: Digest; readonly sidecars: readonly Sidecar[]},
): Answer<Omit<Completed, 'film'>> {
  const {id, name, length} = slot.row;
  const answer = await admissions.fromUpload({
    ...{owner, options, like, priority, signal, path: files.path(id), source: {name, bytes: length, digest}},
    sidecars: sidecars.map(({slot: one, as}) => ({path: files.path(one.row.id), as})),
  });
  if (!answer.ok) return answer;
  const state = {is: 'completed', job: answer.value.job.id, digest, key} as const;
  for (const one of [slot, ...sidecars.map(sidecar => sidecar.slot)]) {
    await commit(one, {state});
    await files.remove(one.row.id);
  }
  return answer;
}
