/**
 * Owns the life of the inbox: when it is looked through, how it is watched, whether it is there at all, and what it says
 * of itself. Never decides what becomes of a file and never moves one.
 */
import {resolve} from 'node:path';
import type {Failure} from '../../appliance/failure.ts';
import type {At, JobId, JobOptions, UserName} from '../../appliance/job.ts';
import type {Step} from './claim.ts';
import type {InboxEvent} from './events.ts';
import {Footing} from './footing.ts';
import {Intake, type OptionsFor} from './intake.ts';
import {placeOf} from './names.ts';
import {Recovery} from './recover.ts';
import type {AskRoom} from './room.ts';
import {scan} from './scan.ts';
import {type Claimed, type GivenBack, giveBack, type Kept, keepDone, type Submitted} from './settle.ts';
import {type Clock, Ledger} from './stability.ts';
import {closedFolder, filesOf, type InboxFile, type InboxState, type Refused} from './state.ts';
import {Tripwire} from './watch.ts';

export interface InboxSettings {
  /** The inbox, and the folder that has a folder for each job. */
  readonly inbox: string;
  readonly jobs: string;
  /** Whose the films at the top of the inbox are. */
  readonly owner: UserName;
  /** For a film that asks for nothing else. */
  readonly options: JobOptions;
  /** For one of this owner, name and second folder; left out, all are dubbed alike. */
  readonly optionsFor?: OptionsFor;
  readonly polling: 'auto' | 'always' | 'never';
  readonly stableMs: number;
  readonly rescanMs: number;
  /** Between two looks at the clock; 0 leaves that to whoever calls `beat`. */
  readonly beatMs?: number;
  readonly claimsAtOnce?: number;
  /** Files kept account of at once; what is beyond has its turn when others are gone. */
  readonly filesLimit?: number;
}

export interface InboxPorts {
  readonly now: () => At;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  readonly newId: () => JobId;
  readonly knows: (owner: UserName) => boolean;
  /** Asked often, so it answers from memory. */
  readonly room: AskRoom;
  /** Whether the store has the job. */
  readonly has: (id: JobId) => boolean;
  readonly submit: (claimed: Claimed) => Promise<Submitted>;
  readonly tell: (event: InboxEvent) => void;
  /** For tests: called at every point of a claim between which a crash must lose nothing. */
  readonly step?: (step: Step) => Promise<void> | void;
}

/** How often it is looked through while files come in, and where nobody tells of changes. */
const livelyMs = 500;
const pollingMs = 2_000;
/** A file costs a scan about 25 µs: with a rest of twenty times that, scans take a twentieth of one processor. */
const restMsPerFile = 0.5;
/** While nothing happens: how often what waits is tried again. */
const calmPumpMs = 1_000;
const groundCheckMs = 5_000;
const closedLimit = 100;
/** A network file system that is gone may hold every call for ever. */
const silenceLimitMs = 60_000;
const lastRefusedLimit = 100;

export class Inbox {
  readonly #settings: InboxSettings;
  readonly #ports: InboxPorts;
  readonly #ledger: Ledger;
  readonly #intake: Intake;
  readonly #recovery: Recovery;
  readonly #footing: Footing;
  readonly #tripwire: Tripwire;
  readonly #stopping = new AbortController();
  readonly #lastRefused: Refused[] = [];
  #refusals = 0;
  #closed: readonly InboxFile[] = [];
  #scanning: Promise<void> | undefined;
  #nextScanAt = 0;
  /** Not before this moment, however much happens. */
  #restsUntil = 0;
  /** Whether the last scan found everything settled, and nothing was told since. */
  #wasCalm = false;
  #nextPumpAt = 0;
  /** When a scan last came to something. */
  #progressAt = 0;
  #groundCheckAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(settings: InboxSettings, ports: InboxPorts) {
    const paths = {inbox: resolve(settings.inbox), jobs: resolve(settings.jobs)};
    this.#settings = {...settings, ...paths};
    this.#ports = {...ports, tell: event => this.#tell(event, ports.tell)};
    const {now, tell} = this.#ports;
    this.#ledger = new Ledger(settings.filesLimit ?? 100_000);
    this.#recovery = new Recovery({...paths, has: ports.has, submit: ports.submit});
    this.#footing = new Footing(this.#settings, now, tell);
    this.#intake = new Intake(
      this.#ledger,
      {...this.#settings, claimsAtOnce: settings.claimsAtOnce ?? 2, ...(ports.step && {step: ports.step})},
      {
        ...{...this.#ports, clock: () => this.#clock(), freed: () => this.#pump()},
        unfinished: id => this.#recovery.add(id),
      },
    );
    this.#tripwire = new Tripwire(paths.inbox, {
      ready: () => this.#scanSoon(),
      tripped: () => {
        this.#wasCalm = false;
        this.#scanSoon();
      },
      failed: cause => {
        this.#footing.watchFailed(cause);
        this.#scanSoon();
      },
    });
  }

  /** Resolves when the inbox was looked through for the first time, or found offline. */
  async start(): Promise<void> {
    const {beatMs = 250} = this.#settings;
    await this.rescan();
    if (beatMs > 0) this.#timer = setInterval(() => this.beat(), beatMs);
  }

  /** What is being read is let go, what is being moved is brought to its end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    // A scan of a disk that does not answer may never end.
    const scanning = this.#footing.presence.is === 'online' ? this.#scanning : undefined;
    await Promise.all([this.#intake.stop(), this.#tripwire.release(), scanning]);
  }

  /** Looks through the inbox now; whatever waits is tried again. */
  async rescan(): Promise<void> {
    await this.#scanning;
    if (this.#stopping.signal.aborted) return;
    for (const entry of this.#ledger.entries()) {
      if ('retryAt' in entry.standing) entry.standing = {...entry.standing, retryAt: 0};
    }
    this.#footing.watchFailed(undefined);
    this.#recovery.hurry();
    await this.#startScan();
    this.#nextPumpAt = 0;
    this.beat();
  }

  /** Does what is due. Never waits. */
  beat(): void {
    if (this.#stopping.signal.aborted) return;
    const steady = this.#ports.steady();
    if (this.#scanning !== undefined) {
      const isSilent = steady - this.#progressAt > silenceLimitMs;
      if (isSilent) this.#footing.silent();
    } else if (steady >= Math.max(this.#nextScanAt, this.#restsUntil)) void this.#startScan();
    else if (steady >= this.#groundCheckAt) void this.#checkGround();
    if (this.#tripwire.isSet && steady < this.#nextPumpAt) return;
    this.#nextPumpAt = steady + calmPumpMs;
    this.#pump();
    this.#setOrRelease(steady);
  }

  /** Resolves when no scan and no claim is under way. */
  async quiet(): Promise<void> {
    while (this.#scanning !== undefined || this.#intake.isBusy) {
      await Promise.all([this.#scanning, this.#intake.quiet()]);
    }
  }

  state(): InboxState {
    const {presence, mode} = this.#footing;
    return {
      ...{why: null, since: null, ...presence},
      ...{mode: mode.is, modeWhy: mode.is === 'polling' ? mode.why : null},
      ...filesOf(this.#ledger, this.#intake.judged(), this.#closed),
      ...{beyond: this.#ledger.beyond, refusals: this.#refusals, lastRefused: [...this.#lastRefused]},
    };
  }

  /** For a job that ended because its film cannot be dubbed: out of the job's folder, into `.refused` or back. */
  async giveBack(id: JobId, failure: Failure): Promise<GivenBack> {
    const given = await giveBack(id, failure, this.#settings);
    if (given.is === 'refused') {
      this.#ports.tell({is: 'refused', path: given.from, to: given.to, why: given.why});
    }
    if (given.is === 'returned') this.#scanSoon();
    return given;
  }

  /** For a job that is done, where the policy is to keep what was dubbed. */
  keepDone(id: JobId): Promise<Kept> {
    return keepDone(id, this.#settings);
  }

  #clock(): Clock {
    return {steady: this.#ports.steady(), at: this.#ports.now()};
  }

  #scanSoon(): void {
    this.#nextScanAt = 0;
  }

  #startScan(): Promise<void> {
    this.#progressAt = this.#ports.steady();
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    const began = this.#ports.steady();
    // What is asked for from here on may come too late for this scan.
    this.#nextScanAt = Number.POSITIVE_INFINITY;
    try {
      // A watch is on the folder, not on its path.
      if (await this.#footing.stand()) await this.#tripwire.release();
      await this.#recover();
      await this.#lookThrough();
      this.#footing.found();
    } catch (cause) {
      if (this.#stopping.signal.aborted) return;
      this.#footing.lost(cause);
    }
    const now = this.#ports.steady();
    this.#wasCalm = !this.#ledger.hasUnsettled(now, this.#settings.stableMs);
    this.#restsUntil = now + Math.max(restMsPerFile * this.#ledger.size, now - began);
    this.#nextScanAt = Math.min(this.#nextScanAt, now + this.#paceMs(now));
  }

  #paceMs(steady: number): number {
    const {rescanMs} = this.#settings;
    const {presence, mode} = this.#footing;
    if (mode.is === 'polling' || presence.is === 'offline') return Math.min(rescanMs, pollingMs);
    return this.#isLively(steady) ? Math.min(rescanMs, livelyMs) : rescanMs;
  }

  /** Not before a scan has found everything settled: what grows would only trip the wire again at once. */
  #isLively(steady: number): boolean {
    if (!this.#wasCalm || this.#intake.isBusy) return true;
    return this.#ledger.hasUnsettled(steady, this.#settings.stableMs);
  }

  get #isReady(): boolean {
    return this.#footing.presence.is === 'online' && this.#recovery.hasLooked;
  }

  #pump(): void {
    if (this.#isReady) this.#intake.pump();
  }

  /** Watched only while nothing happens; see Tripwire. */
  #setOrRelease(steady: number): void {
    const isLively = !this.#isReady || this.#isLively(steady);
    if (isLively && this.#isReady) this.#nextScanAt = Math.min(this.#nextScanAt, steady + livelyMs);
    if (this.#footing.mode.is === 'watching' && !isLively) this.#tripwire.set();
    else void this.#tripwire.release();
  }

  async #checkGround(): Promise<void> {
    this.#groundCheckAt = Number.POSITIVE_INFINITY;
    if (!(await this.#footing.stands())) this.#scanSoon();
    this.#groundCheckAt = this.#ports.steady() + groundCheckMs;
  }

  /** Before any file is looked at: a film that is half taken must not be taken for another. */
  async #recover(): Promise<void> {
    const {tell, steady} = this.#ports;
    // It may read whole films, and that is no silence.
    this.#progressAt = Number.POSITIVE_INFINITY;
    for await (const recovered of this.#recovery.run(steady())) {
      const {is, id} = recovered;
      if (is === 'settled') this.#intake.tellSettled(recovered.from, recovered.settled);
      else if (is === 'stuck') tell({is: 'fault', path: `job ${id}`, cause: new Error(recovered.detail)});
      else tell({is: 'returned', path: recovered.from, why: 'taking it had not come to an end'});
    }
    this.#progressAt = steady();
  }

  async #lookThrough(): Promise<void> {
    const {inbox, owner} = this.#settings;
    const closed: InboxFile[] = [];
    this.#ledger.startScan();
    for await (const found of scan(inbox, this.#stopping.signal)) {
      const clock = this.#clock();
      this.#progressAt = clock.steady;
      if (found.is === 'folder') {
        const place = placeOf(found.path, {owner, knows: this.#ports.knows});
        this.#ledger.see(found.path, found.files, {place, clock});
      } else {
        this.#ledger.keep(found.path);
        const folder = closedFolder(found.path, found.code, clock.at);
        const known = this.#closed.find(({path}) => path === folder.path);
        if (closed.length < closedLimit) closed.push(known ?? folder);
        if (known === undefined) this.#ports.tell({is: 'held', path: folder.path, why: folder.why});
      }
    }
    this.#ledger.endScan();
    this.#closed = closed;
  }

  #tell(event: InboxEvent, tell: (event: InboxEvent) => void): void {
    if (event.is === 'refused') {
      const {path, to, why} = event;
      this.#refusals++;
      this.#lastRefused.unshift({path, to, why, at: this.#ports.now()});
      this.#lastRefused.length = Math.min(this.#lastRefused.length, lastRefusedLimit);
    }
    tell(event);
  }
}
