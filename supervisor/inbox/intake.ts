/**
 * Owns carrying out what was judged: claims and refusals, a few at once, each folder in its turn, and what each outcome
 * means for the list. Never looks for files and never keeps time.
 */
import type {JobId, JobOptions, UserName} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {type Arrival, type Claiming, type ClaimSite, claim} from './claim.ts';
import type {InboxEvent} from './events.ts';
import {shown, type Why} from './names.ts';
import {type ClaimRecord, pathOfRecord} from './record.ts';
import {refuseFile} from './refuse.ts';
import {type AskRoom, Room} from './room.ts';
import {type Claimed, type Settled, type Submitted, settleClaim} from './settle.ts';
import {
  type Clock,
  type Entry,
  type Ledger,
  pathOfEntry,
  postpone,
  restart,
  type Standing,
} from './stability.ts';
import {troubleOf} from './trouble.ts';
import {type Judged, judge, type Verdict} from './verdict.ts';
import {optionsOf} from './wishes.ts';

export interface IntakePorts {
  readonly clock: () => Clock;
  readonly newId: () => JobId;
  /** Why nothing more of this owner can be taken now; null when it can. Asked often: it answers from memory. */
  readonly room: AskRoom;
  readonly submit: (claimed: Claimed) => Promise<Submitted>;
  readonly tell: (event: InboxEvent) => void;
  /** There is a place for the next. */
  readonly freed: () => void;
  /** A claim that could not be brought to an end. */
  readonly unfinished: (id: JobId) => void;
}

/** What a film is dubbed by, under what its folder and its own file of options ask. */
export type OptionsFor = (
  film: {readonly owner: UserName; readonly fileName: string},
  folder: string | undefined,
) => JobOptions;

export interface IntakeSettings extends Omit<ClaimSite, 'apart' | 'signal'> {
  readonly options: JobOptions;
  readonly optionsFor?: OptionsFor;
  readonly stableMs: number;
  readonly claimsAtOnce: number;
}

type Claim = Extract<Verdict, {do: 'claim'}>;

/** A full disk is asked for its room without reading a film. */
const fullDiskRetryLimitMs = 20_000;

export class Intake {
  readonly #ledger: Ledger;
  readonly #settings: IntakeSettings;
  readonly #ports: IntakePorts;
  readonly #stopping = new AbortController();
  readonly #room: Room;
  readonly #apart = new Set<number>();
  readonly #work = new Set<Promise<void>>();
  readonly #toldFolders = new Set<string>();
  #turns = 0;

  constructor(ledger: Ledger, settings: IntakeSettings, ports: IntakePorts) {
    this.#ledger = ledger;
    this.#settings = settings;
    this.#ports = ports;
    this.#room = new Room(ports.room);
  }

  get isBusy(): boolean {
    return this.#work.size > 0;
  }

  /** Starts what can be started now. */
  pump(): void {
    const judged = this.judged();
    let hasStarted = true;
    while (hasStarted && this.#isFree()) {
      hasStarted = false;
      for (const folder of this.#ledger.folders()) {
        if (!this.#isFree()) return;
        for (const entry of folder.entries.values()) {
          if (!this.#started(entry, judge(entry, judged))) continue;
          folder.turn = ++this.#turns;
          hasStarted = true;
          break;
        }
      }
    }
  }

  judged(): Judged {
    const {steady} = this.#ports.clock();
    return {steady, stableMs: this.#settings.stableMs, room: this.#room.asking(steady)};
  }

  /** Resolves when nothing is under way. */
  async quiet(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.quiet();
  }

  #isFree(): boolean {
    return this.#work.size < this.#settings.claimsAtOnce && !this.#stopping.signal.aborted;
  }

  #started(entry: Entry, verdict: Verdict): boolean {
    switch (verdict.do) {
      case 'leave':
      case 'keep':
        return false;
      case 'hold':
        this.#tellHeld(entry);
        return false;
      case 'refuse':
        this.#run(entry, async before => void (await this.#refuse(entry, before, verdict.why)));
        return true;
      case 'claim':
        this.#run(entry, before => this.#claim(entry, before, verdict));
        return true;
      default:
        return unreachable(verdict);
    }
  }

  /** A folder that belongs to nobody is told of once, not once a film; a full queue tells of itself. */
  #tellHeld({folder}: Entry): void {
    if (folder.place.is !== 'held' || this.#toldFolders.has(folder.shown)) return;
    if (this.#toldFolders.size > 1000) this.#toldFolders.clear();
    this.#toldFolders.add(folder.shown);
    this.#ports.tell({is: 'held', path: folder.shown, why: folder.place.why});
  }

  #run(entry: Entry, work: (before: Standing) => Promise<void>): void {
    const before = entry.standing;
    entry.standing = {is: 'claiming'};
    const running = work(before)
      .catch(cause => this.#failed(entry, before, cause))
      .finally(() => {
        this.#work.delete(running);
        this.#ports.freed();
      });
    this.#work.add(running);
  }

  #failed(entry: Entry, before: Standing, cause: unknown): void {
    if (this.#stopping.signal.aborted) {
      entry.standing = before;
      return;
    }
    const path = pathOfEntry(entry);
    this.#ports.tell({is: 'fault', path, cause});
    const why = {
      what: `${path} could not be taken: ${cause}`,
      fix: 'See the log. It is tried again by itself.',
    };
    postpone(entry, 'waiting', {before, why, steady: this.#ports.clock().steady});
  }

  /** True when it was moved away. */
  async #refuse(entry: Entry, before: Standing, why: Why): Promise<boolean> {
    const {folder, name, sight} = entry;
    const path = pathOfEntry(entry);
    const {inbox} = this.#settings;
    const refusing = await refuseFile({name, sight}, {inbox, path: folder.path, why});
    const clock = this.#ports.clock();
    switch (refusing.is) {
      case 'refused':
        this.#ledger.remove(entry);
        this.#ports.tell({is: 'refused', path, to: refusing.to, why});
        return true;
      case 'changed':
        restart(entry, clock);
        return false;
      case 'stuck': {
        const both = {what: `${why.what} ${troubleOf(refusing.code, path, inbox).what}`, fix: why.fix};
        const isNews = postpone(entry, 'refused', {before, why: both, steady: clock.steady});
        if (isNews) this.#ports.tell({is: 'refused', path, to: null, why: both});
        return false;
      }
      default:
        return unreachable(refusing);
    }
  }

  #baseFor({folder, name}: Entry, {owner}: Claim): JobOptions {
    const {options, optionsFor} = this.#settings;
    const second = folder.path[1];
    return optionsFor?.({owner, fileName: shown(name)}, second && shown(second)) ?? options;
  }

  async #claim(entry: Entry, before: Standing, verdict: Claim): Promise<void> {
    const {clock, newId} = this.#ports;
    const sidecars = verdict.sidecars.map(sidecar => ({...sidecar, before: sidecar.entry.standing}));
    for (const sidecar of sidecars) sidecar.entry.standing = {is: 'claiming'};
    const arrival = arrivalOf(entry, verdict, {
      id: newId(),
      at: clock().at,
      options: this.#baseFor(entry, verdict),
    });
    try {
      const site = {...this.#settings, apart: this.#apart, signal: this.#stopping.signal};
      const claiming = await claim(arrival, site);
      const isGone = claiming.is === 'claimed' || claiming.is === 'unfinished';
      for (const {entry: taken, shared} of sidecars) if (isGone && !shared) this.#ledger.remove(taken);
      if (isGone) this.#ledger.remove(entry);
      await this.#afterClaim(entry, before, {id: arrival.id, claiming, sidecars: verdict.sidecars});
    } finally {
      for (const sidecar of sidecars) sidecar.entry.standing = sidecar.before;
    }
  }

  async #afterClaim(
    entry: Entry,
    before: Standing,
    {id, claiming, sidecars}: Pick<Arrival, 'id'> & Pick<Claim, 'sidecars'> & {readonly claiming: Claiming},
  ): Promise<void> {
    const clock = this.#ports.clock();
    switch (claiming.is) {
      case 'claimed':
        await this.#handOver(claiming.record);
        return;
      case 'unfinished':
        this.#ports.unfinished(id);
        this.#ports.tell({is: 'fault', path: pathOfEntry(entry), cause: claiming.cause});
        return;
      case 'let-go':
        restart(entry, clock);
        return;
      case 'lacking':
        entry.lacks = claiming.lacks;
        entry.standing = {is: 'growing'};
        return;
      case 'waits': {
        const {code, why} = claiming;
        const limit = code === 'ENOSPC' ? {limitMs: fullDiskRetryLimitMs} : {};
        const isNews = postpone(entry, 'waiting', {before, why, steady: clock.steady, ...limit});
        if (isNews) this.#ports.tell({is: 'held', path: pathOfEntry(entry), why});
        return;
      }
      case 'refused':
        if (await this.#refuse(entry, before, claiming.why)) await this.#goAlong(sidecars);
        return;
      default:
        unreachable(claiming);
    }
  }

  /** Sidecars of a refused film lie beside it. */
  async #goAlong(sidecars: Claim['sidecars']): Promise<void> {
    const {inbox} = this.#settings;
    for (const {entry, shared} of sidecars) {
      const {folder, name, sight} = entry;
      if (!shared) await refuseFile({name, sight}, {inbox, path: folder.path, why: null});
    }
  }

  async #handOver(record: ClaimRecord): Promise<void> {
    const path = pathOfRecord(record);
    this.#ports.tell({is: 'claimed', path, job: record.id, bytes: record.film.bytes});
    try {
      const settled = await settleClaim(record, this.#settings, this.#ports.submit);
      if (settled.is === 'returned') {
        this.#room.press(record.owner, settled.why, this.#ports.clock().steady);
      }
      this.tellSettled(path, settled);
    } catch (cause) {
      this.#ports.unfinished(record.id);
      this.#ports.tell({is: 'fault', path, cause});
    }
  }

  tellSettled(path: string, settled: Settled): void {
    const {tell} = this.#ports;
    switch (settled.is) {
      case 'queued':
        tell({is: 'queued', path, job: settled.job});
        return;
      case 'refused':
        tell({is: 'refused', path, to: settled.to, why: settled.why});
        return;
      case 'returned':
        tell({is: 'returned', path, why: settled.why});
        return;
      default:
        unreachable(settled);
    }
  }
}

function arrivalOf(
  {folder, name, sight, lacks}: Entry,
  {owner, wishes, sidecars}: Claim,
  {id, at, options}: Pick<Arrival, 'id' | 'at' | 'options'>,
): Arrival {
  return {
    ...{id, at, owner, options: optionsOf(options, wishes), isPatient: lacks !== null},
    // A film is only claimed from folders, and under a name, that are text.
    folders: folder.path.map(shown),
    film: {name: shown(name), sight},
    sidecars: sidecars.map(({entry, shared}) => ({name: shown(entry.name), sight: entry.sight, shared})),
  };
}
