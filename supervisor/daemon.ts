/**
 * Owns the life of the appliance: what is opened and started in which order, and how all of it comes to rest. Never
 * decides anything else; which part hears of which is in the wiring.
 */
import {chmod, chown, mkdir, realpath} from 'node:fs/promises';
import type {CodeShown} from '../appliance/api/account-shapes.ts';
import {Audit} from '../appliance/audit/audit.ts';
import type {Config} from '../appliance/config/config.ts';
import {hasWorker} from '../appliance/job.ts';
import type {Log} from '../appliance/log.ts';
import {Store} from '../appliance/store/store.ts';
import type {Readiness} from '../web/box.ts';
import {HomeAccounts} from './accounts/accounts.ts';
import {lateHasher} from './accounts/late-hasher.ts';
import {endStrays} from './confine/strays.ts';
import {findConfinementOf} from './confinement.ts';
import {type DataFolders, dataFolders} from './folders.ts';
import {listenOnNetwork, listenOnSocket, socketGroupOf} from './listen.ts';
import {type BoxStore, migrations, version as schema, tables} from './state.ts';
import {type Ground, Wiring} from './wiring.ts';

export interface DaemonParts extends Pick<Ground, 'version' | 'pid' | 'now' | 'steady' | 'chance' | 'run'> {
  readonly config: Config;
  readonly log: Log;
  /** The checkout or installation. */
  readonly root: string;
  /** Of the user that this runs as, for the container program. */
  readonly home: string;
  readonly runtimeDir: string | null;
  readonly compileCache: string | null;
  /** Of this machine. */
  readonly hostname: string;
}

/** How long requests that are under way may take when the daemon ends. */
const listenerGraceMs = 3_000;

export class Daemon {
  readonly #parts: DaemonParts;
  #folders: DataFolders;
  /** What was opened, last first when it is closed. */
  readonly #opened: {readonly name: string; readonly close: () => Promise<void> | void}[] = [];
  #readiness: Readiness = {is: 'starting'};
  #store: BoxStore | undefined;
  #accounts: HomeAccounts | undefined;
  #url = '';
  #stopped: Promise<void> | undefined;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#folders = dataFolders(parts.config.settings.DATA_DIR);
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** Where it answers over the network; empty before it does. */
  get url(): string {
    return this.#url;
  }

  /** Where it answers. */
  get socket(): string {
    return this.#folders.socket;
  }

  /** Throws what stands in the way, as an Error with the way out in words; nothing is left running then. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (cause) {
      await this.stop();
      throw cause;
    }
  }

  /** Whether changes can still be stored: what a watchdog asks. */
  async isWell(): Promise<boolean> {
    await this.#store?.commit(draft => draft.get('box', 'box'));
    return this.#store !== undefined;
  }

  /** Takes nothing more in, brings jobs to rest and leaves them queued. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    const {log, now} = this.#parts;
    const gid = await socketGroupOf(this.#parts.config.settings);
    const wired = new Wiring(await this.#open(gid));
    const {box, ledger, desk, dispatcher, machine, inbox, outbox, sweeping, events, uploads, said} = wired;
    this.#closing('events', () => events.close());
    await machine.start();
    this.#closing('machine', () => machine.stop());
    await uploads.start();
    this.#closing('uploads', () => uploads.stop());
    this.#closing('pictures', () => wired.posters.stop());
    this.#closing('voices', () => wired.sayings.stop());
    this.#closing('engines', () => wired.engines.stop());
    const {config, version, steady} = this.#parts;
    const {audit} = wired.ground;
    const {settings} = config;
    const accounts = await this.#accountsFor(wired.ground);
    const web = {box, accounts, settings, audit, log, version, steady, now};
    const listener = await listenOnSocket({...web, folders: this.#folders, gid});
    this.#closing('socket', () => listener.stop(AbortSignal.timeout(listenerGraceMs)));
    const {hostname} = this.#parts;
    const network = await listenOnNetwork({...web, hostname, isProduction: config.production !== null});
    this.#url = network.url;
    this.#closing('network', () => network.listener.stop(AbortSignal.timeout(listenerGraceMs)));
    for (const {id, state} of [...ledger.active.values()])
      if (hasWorker(state)) await desk.happened(id, {is: 'interrupted', at: now()});
    outbox.start();
    this.#closing('pushes', () => outbox.stop());
    dispatcher.wake();
    this.#closing('jobs', () => dispatcher.stop());
    await inbox.start();
    this.#closing('inbox', () => inbox.stop());
    said.start();
    this.#closing('search', () => said.stop());
    await wired.storage.start();
    this.#closing('storage', () => wired.storage.stop());
    sweeping.start();
    this.#closing('sweep', () => sweeping.stop());
    audit.record({action: 'daemon.started', result: 'ok', details: {version}});
    this.#readiness = {is: 'ready'};
    const ending = new AbortController();
    const primed = wired.ground.confinement.prime(ending.signal);
    this.#closing('priming', () => {
      ending.abort();
      return primed;
    });
  }

  async #accountsFor({store, audit, config, log, now}: Ground): Promise<HomeAccounts> {
    const {PUBLIC_BASE_URL, ENABLE_QR_LOGIN: qr} = config.settings;
    const accounts = new HomeAccounts({
      ...{store, hasher: lateHasher(), qr, log, now, audit: entry => audit.record(entry)},
      url: () => PUBLIC_BASE_URL ?? this.#url,
    });
    await accounts.start();
    this.#accounts = accounts;
    return accounts;
  }

  hasNoUsers(): boolean {
    return this.#accounts?.people.list().length === 0;
  }

  /** What lets the first admin in; null when there are users. Each call makes the code before it worthless. */
  async setupCode(): Promise<CodeShown | null> {
    const code = await this.#accounts?.people.setupCode();
    return code?.ok === true ? code.value : null;
  }

  async #open(gid: number | null): Promise<Ground> {
    const {config, now, root, home, runtimeDir, compileCache, log} = this.#parts;
    const {settings} = config;
    await this.#makeFolders(gid);
    const tell = (cause: Error): void => log.error({err: cause}, 'the store was not renewed');
    const [store, confinement] = await Promise.all([
      Store.open(this.#folders.state, {tables, version: schema, migrations, tell}),
      findConfinementOf({folders: this.#folders, settings, root, home, runtimeDir, compileCache}),
      // A daemon that was killed leaves nobody, where there are jails; where there are none, somebody may be left.
      endStrays(this.#folders.jobs),
      endStrays(this.#folders.uploads),
    ]);
    this.#store = store;
    this.#closing('store', () => store.stop());
    this.#tellOpened(store);
    const audit = await Audit.open(this.#folders.audit, now);
    this.#closing('audit', () => audit.stop());
    for (const lack of confinement.shown.lacks) log.warn({}, lack);
    const readiness = (): Readiness => this.#readiness;
    return {...this.#parts, folders: this.#folders, store, audit, confinement, readiness};
  }

  #tellOpened({opened: {tornBytes, migratedFrom}}: BoxStore): void {
    const {log} = this.#parts;
    if (tornBytes > 0)
      log.warn(
        {tornBytes},
        'a change that was being written when the power went was never acknowledged, and is gone',
      );
    if (migratedFrom !== null)
      log.info(
        {from: migratedFrom, to: schema},
        'the store was brought to this version; a copy of the old one is kept',
      );
  }

  #closing(name: string, close: () => Promise<void> | void): void {
    this.#opened.push({name, close});
  }

  async #stop(): Promise<void> {
    this.#readiness = {is: 'draining'};
    for (const {name, close} of this.#opened.toReversed()) {
      try {
        await close();
      } catch (cause) {
        this.#parts.log.error({part: name, err: cause}, 'a part did not end well');
      }
    }
  }

  /**
   * Nobody else's to enter, but for the way to the socket where a group is let in: that may be gone through, not looked
   * around in. A folder on a mount that is away must not be made on the disk below it: only what lies in the data
   * folder is made.
   */
  async #makeFolders(gid: number | null): Promise<void> {
    const {root} = this.#folders;
    await mkdir(root, {recursive: true, mode: 0o700});
    // By one name from here on: what a jail shows, and what is looked for in processes, is the resolved path.
    this.#folders = dataFolders(await realpath(root));
    const {jobs, uploads, log, run} = this.#folders;
    const {INBOX_DIR, OUTPUT_DIR} = this.#parts.config.settings;
    for (const folder of [root, jobs, uploads, log, run]) {
      await mkdir(folder, {recursive: true, mode: 0o700});
      const isOnTheWay = gid !== null && (folder === root || folder === run);
      if (isOnTheWay) await giveTo(gid, folder);
      // After the group is right: before, it would be another one that is let in.
      await chmod(folder, isOnTheWay ? 0o710 : 0o700);
    }
    for (const folder of [INBOX_DIR, OUTPUT_DIR])
      if (folder.startsWith(`${root}/`)) await mkdir(folder, {recursive: true});
  }
}

async function giveTo(gid: number, folder: string): Promise<void> {
  try {
    await chown(folder, -1, gid);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) throw cause;
    const words = `${folder} cannot be given to the group of SOCKET_GROUP (${gid})`;
    throw new Error(`${words}: add the user that the daemon runs as to that group, or unset SOCKET_GROUP.`, {
      cause,
    });
  }
}
