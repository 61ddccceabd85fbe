/**
 * Owns uploads from their first byte to their job: whose they are, what is kept free for them, how far they are, when
 * they are given up. An offset is told when it is on disk and stored, never before. Never speaks HTTP.
 */
import {type Hash, randomBytes} from 'node:crypto';
import {uptime} from 'node:os';
import type {Usage} from '../../appliance/api/usage-shapes.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import {Digest} from '../../appliance/digest.ts';
import type {Refusal} from '../../appliance/failure.ts';
import type {Film} from '../../appliance/film.ts';
import type {UserName} from '../../appliance/job.ts';
import type {Log} from '../../appliance/log.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import {UploadId} from '../../appliance/upload.ts';
import type {Trouble} from '../../web/box.ts';
import type {
  AppendAsk,
  BeginAsk,
  CompleteAsk,
  Completed,
  UploadAsk,
  UploadDesk,
  UploadNow,
  UploadTrouble,
} from '../../web/upload-desk.ts';
import type {Admissions} from '../admissions.ts';
import type {DataFolders} from '../folders.ts';
import type {BoxStore} from '../state.ts';
import {type ClockReading, doubtOf} from '../sweep/clock.ts';
import {complete} from './complete.ts';
import {UploadFiles} from './files.ts';
import type {Looking} from './look.ts';
import {isAsNamed} from './magic.ts';
import {readUploadName} from './name.ts';
import {type Received, receive} from './receive.ts';
import {limitsWith, refusalOf, type UploadLimits} from './room.ts';
import type {UploadRow} from './row.ts';
import {Slot} from './slot.ts';

export interface UploadsParts {
  readonly folders: DataFolders;
  readonly store: BoxStore;
  readonly admissions: Admissions;
  readonly limits: UploadLimits;
  /** What somebody has of the box and may have; left out where nobody is counted. */
  readonly usageOf?: (owner: UserName) => Pick<Usage, 'sourceBytes' | 'outputBytes' | 'quotas'>;
  /** Left out where nobody looks into films before their jobs do. */
  readonly look?: Looking | undefined;
  readonly audit: (entry: AuditRecord) => void;
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly now: () => number;
}

type Answer<T> = Promise<Result<T, UploadTrouble | Trouble>>;

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
/** Kept of one owner to be read: the oldest go. */
const refusedLimit = 20;
const sweepMs = 10 * 60_000;
const noSuch: UploadTrouble = {reason: 'no-such-upload'};

export class Uploads implements UploadDesk {
  readonly #parts: UploadsParts;
  readonly #files: UploadFiles;
  readonly #slots = new Map<string, Slot>();
  #timer: NodeJS.Timeout | undefined;
  #swept: ClockReading | null = null;
  #stopped: Promise<void> | undefined;

  constructor(parts: UploadsParts) {
    this.#parts = parts;
    this.#files = new UploadFiles(parts.folders.uploads);
  }

  /** Takes up what the last daemon left, gives up what is too old. */
  async start(): Promise<void> {
    for (const row of this.#parts.store.all('uploads').values()) this.#slots.set(row.id, new Slot(row));
    for (const slot of [...this.#slots.values()]) await this.#recover(slot);
    await this.#files.removeAllBut(this.#slots);
    await this.sweep();
    this.#timer = setInterval(() => void this.sweep(), sweepMs).unref();
  }

  /** Ends all that is being received; what came of it is kept. May be called twice. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped ??= Promise.all(
      [...this.#slots.values()].map(async slot => {
        await slot.endLook();
        await slot.turns.end();
      }),
    ).then(() => {});
    return this.#stopped;
  }

  get limitBytes(): number | null {
    return this.#parts.limits.bytes;
  }

  open(owner: UserName): readonly UploadNow[] {
    return [...this.#slots.values()]
      .filter(({row}) => row.owner === owner && row.state.is !== 'completed')
      .map(slot => this.#now(slot));
  }

  async begin({owner, name: given, length, digest: promised, metadata}: BeginAsk): Answer<UploadNow> {
    const named = readUploadName(given);
    if (!named.ok) return no({reason: 'bad-upload-name', fault: named.why});
    const {name, kind} = named.value;
    const freeBytes = await this.#files.freeBytes();
    // From here to where it has its place nothing is awaited: nobody else is given the same room.
    const open = this.#openSlots().map(({row}) => row);
    const {limits, usageOf} = this.#parts;
    const own = usageOf === undefined ? limits : limitsWith(limits, usageOf(owner));
    const refusal = refusalOf({owner, kind, length}, own, {open, freeBytes});
    if (refusal !== null) return no(refusal);
    const at = this.#parts.now();
    const slot = new Slot({
      ...{id: newId(), owner, name, kind, length, offset: 0, promised, metadata},
      ...{begun: at, touched: at, film: null, state: {is: 'open'}},
    });
    this.#slots.set(slot.row.id, slot);
    return this.#stored(async () => {
      let isBegun = false;
      try {
        await this.#files.make(slot.row.id);
        await this.#commit(slot, {});
        isBegun = true;
        return ok(this.#now(slot));
      } finally {
        if (!isBegun) await this.#forget(slot);
      }
    });
  }

  look(ask: UploadAsk): Promise<Result<UploadNow, UploadTrouble>> {
    return this.#inTurn(ask, async slot => ok(this.#now(slot)));
  }

  append(ask: AppendAsk): Answer<UploadNow> {
    return this.#inTurn(ask, (slot, wanted) => this.#stored(() => this.#append(slot, ask, wanted)));
  }

  drop(ask: UploadAsk): Answer<void> {
    return this.#inTurn(ask, slot => this.#stored(async () => ok(await this.#remove(slot))));
  }

  complete(ask: CompleteAsk): Answer<Completed> {
    const {admissions} = this.#parts;
    return this.#inTurn(ask, slot =>
      this.#stored(async () => {
        const answer = await complete(ask, {
          ...{slot, files: this.#files, admissions, all: this.#slots},
          look: () => this.#look(slot),
          commit: (one, changes) => this.#commit(one, changes),
        });
        if (answer.ok) return answer;
        if (answer.why.reason === 'refused') await this.#refuse(slot, answer.why.why);
        if (isHopeless(answer.why)) await this.#reject(slot, answer.why.reason);
        return answer;
      }),
    );
  }

  /** Gives up what nothing came of for too long. A clock that jumped is no reason to. */
  async sweep(): Promise<void> {
    const {now, limits, log} = this.#parts;
    const reading = {at: now(), upMs: uptime() * 1000, boot: 'this'};
    const doubt = this.#swept === null ? undefined : doubtOf(this.#swept, reading);
    this.#swept = reading;
    if (doubt !== undefined) return;
    const isOver = ({row}: Slot): boolean => row.touched + limits.expireMs <= now();
    for (const slot of [...this.#slots.values()].filter(isOver)) {
      try {
        if (!slot.turns.isTaken)
          await slot.turns.take(async () => void (isOver(slot) && (await this.#expire(slot))));
      } catch (cause) {
        log.error({err: cause}, 'an upload stays though it is over');
      }
    }
  }

  async #append(slot: Slot, ask: AppendAsk, wanted: AbortSignal): Answer<UploadNow> {
    const {offset, length, name} = slot.row;
    const {bytes, checksum, pieces} = ask;
    if (ask.offset !== offset) return no({reason: 'wrong-offset', offset});
    if (offset + (bytes ?? 0) > length) return no({reason: 'past-its-end', length});
    if (!slot.isOpen) return ok(this.#now(slot));
    await using file = await this.#files.open(slot.row.id);
    const breakOff = (): void => ask.breakOff();
    wanted.addEventListener('abort', breakOff);
    if (wanted.aborted) breakOff();
    // On disk and stored at the same time: the smaller of the two is what counts after a crash.
    const settle = async (at: number): Promise<void> => {
      await Promise.all([file.datasync(), this.#commit(slot, {offset: at, touched: this.#parts.now()})]);
    };
    const received = await receive(file, {
      ...{from: offset, length, bytes, hash: slot.hash, checksum, pieces, settle},
      isAsNamed: head => isAsNamed(name, head),
    });
    wanted.removeEventListener('abort', breakOff);
    await settle(received.offset);
    slot.hashed(received.hash, received.offset);
    if (received.end === 'wrong-content') await this.#reject(slot, received.end);
    else this.#lookSoon(slot);
    return this.#appended(slot, received);
  }

  /** Beside all else: what a film is can be read before it is completed. Not of bytes that are none of what was promised. */
  #lookSoon(slot: Slot): void {
    const {promised} = slot.row;
    const isWrong = promised !== null && slot.hash !== null && promised !== digestOf(slot.hash);
    if (this.#parts.look === undefined || !slot.isToBeSeen || isWrong) return;
    const turn = async (): Promise<void> => {
      await this.#lookedInto(slot);
      await slot.turns.take(async () => {
        if (this.#slots.get(slot.row.id) !== slot || this.#stopped !== undefined) return;
        const seen = await this.#look(slot);
        if (!seen.ok && seen.why.reason === 'refused') await this.#refuse(slot, seen.why.why);
      });
    };
    turn().catch(cause => this.#parts.log.error({upload: slot.row.id, err: cause}, 'a look was not noted'));
  }

  /** In its turn: notes what was seen. */
  async #look(slot: Slot): Answer<Film | null> {
    if (this.#parts.look === undefined || !slot.isToBeSeen) return ok(slot.row.film);
    const looked = await this.#lookedInto(slot);
    if (looked?.is === 'refused') return no({reason: 'refused', why: looked.why});
    if (looked?.is === 'film') await this.#commit(slot, {film: looked.film});
    return ok(slot.row.film);
  }

  #lookedInto(slot: Slot): ReturnType<Looking> {
    const {id, name} = slot.row;
    const {look} = this.#parts;
    return slot.looked(async signal => look?.({id, name, signal, file: this.#files.path(id)}) ?? null);
  }

  /** Its room is free from now on; why stays to be read. */
  async #refuse(slot: Slot, why: Refusal): Promise<void> {
    if (!slot.isOpen) return;
    const {id, owner} = slot.row;
    await this.#commit(slot, {state: {is: 'refused', why}});
    await this.#files.remove(id);
    this.#auditRejected(slot, why.reason);
    const refused = [...this.#slots.values()].filter(
      ({row}) => row.owner === owner && row.state.is === 'refused',
    );
    refused.sort((a, b) => a.row.touched - b.row.touched);
    for (const old of refused.slice(0, -refusedLimit)) await this.#remove(old);
  }

  async #appended(slot: Slot, {end, offset}: Received): Answer<UploadNow> {
    const {length, name} = slot.row;
    if (end === 'whole') return ok(this.#now(slot));
    if (end === 'past-its-end') return no({reason: end, length});
    return no(end === 'wrong-content' ? {reason: end, name} : {reason: end, offset});
  }

  /** Somebody else's is not there, and neither is one that went while others had their turn. */
  async #inTurn<T, Why>(
    {owner, id}: UploadAsk,
    work: (slot: Slot, wanted: AbortSignal) => Promise<Result<T, Why>>,
  ): Promise<Result<T, Why | UploadTrouble>> {
    const slot = this.#slots.get(id);
    if (slot?.row.owner !== owner || this.#stopped !== undefined) return no(noSuch);
    return slot.turns.take<Result<T, Why | UploadTrouble>>(async wanted =>
      this.#slots.get(id) === slot ? work(slot, wanted) : no(noSuch),
    );
  }

  /** What the file holds beyond what is stored never had its answer; what is not there was never on disk. */
  async #recover(slot: Slot): Promise<void> {
    const {id, offset} = slot.row;
    if (!slot.isOpen) return this.#files.remove(id);
    try {
      await using file = await this.#files.open(id);
      const {size} = await file.stat();
      if (size < offset) await this.#commit(slot, {offset: size});
      else await file.truncate(offset);
      await file.datasync();
    } catch (cause) {
      this.#parts.log.error({upload: id, err: cause}, 'the file of an upload is gone');
      await this.#remove(slot);
    }
  }

  async #expire(slot: Slot): Promise<void> {
    const {id, owner, state} = slot.row;
    await this.#remove(slot);
    if (state.is !== 'open') return;
    this.#parts.log.info({upload: id}, 'an upload was given up');
    this.#parts.audit({
      ...{action: 'upload.dropped', result: 'ok', user: owner, object: id},
      details: {why: 'expired'},
    });
  }

  async #reject(slot: Slot, why: string): Promise<void> {
    this.#auditRejected(slot, why);
    await this.#remove(slot);
  }

  #auditRejected({row: {id, owner}}: Slot, why: string): void {
    this.#parts.audit({
      ...{action: 'upload.rejected', result: 'refused', user: owner, object: id},
      details: {why},
    });
  }

  async #remove(slot: Slot): Promise<void> {
    await this.#parts.store.commit(draft => draft.delete('uploads', slot.row.id));
    await this.#forget(slot);
  }

  async #forget(slot: Slot): Promise<void> {
    const {id} = slot.row;
    this.#slots.delete(id);
    await slot.endLook();
    await this.#files.remove(id);
  }

  async #commit(slot: Slot, changes: Partial<UploadRow>): Promise<void> {
    const row = {...slot.row, ...changes};
    slot.row = await this.#parts.store.commit(draft => draft.put('uploads', row.id, row));
  }

  #openSlots(): readonly Slot[] {
    return [...this.#slots.values()].filter(({isOpen}) => isOpen);
  }

  #now(slot: Slot): UploadNow {
    return slot.now(this.#parts.limits.expireMs);
  }

  /** What could not be stored was not done. */
  async #stored<T>(change: () => Answer<T>): Answer<T> {
    try {
      return await change();
    } catch (cause) {
      if (!(cause instanceof StoreTrouble)) throw cause;
      return no({reason: 'not-stored', detail: cause.message});
    }
  }
}

/** Nothing that the client could still send would make a film of it. */
function isHopeless({reason}: UploadTrouble | Trouble): boolean {
  return reason === 'wrong-content' || reason === 'wrong-digest';
}

function digestOf(hash: Hash): Digest {
  return Digest.parse(hash.copy().digest('hex'));
}

function newId(): UploadId {
  return UploadId.parse([...randomBytes(20)].map(byte => alphabet[byte % 32]).join(''));
}
