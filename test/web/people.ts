/** Owns real accounts for tests: a store in a folder of its own, passwords hashed cheaply, and a clock that is turned by hand. */
import {randomBytes} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import {PasswordHasher} from '../../appliance/accounts/passwords.ts';
import type {Role} from '../../appliance/api/permissions.ts';
import {Audit} from '../../appliance/audit/audit.ts';
import type {AuditRecord} from '../../appliance/audit/entry.ts';
import {readConfig} from '../../appliance/config/config.ts';
import {UserName} from '../../appliance/job.ts';
import {createLog} from '../../appliance/log.ts';
import {Store} from '../../appliance/store/store.ts';
import {HomeAccounts} from '../../supervisor/accounts/accounts.ts';
import {listenOnNetwork} from '../../supervisor/listen.ts';
import {type BoxStore, migrations, tables, version} from '../../supervisor/state.ts';
import type {Entered} from '../../web/accounts.ts';
import type {Quotas} from '../../web/quotas.ts';
import {MemoryBox} from './memory-box.ts';

export const cheap = {memoryCost: 1024, timeCost: 2, parallelism: 1};
export const password = 'seven grey herons wait';

export interface Home {
  readonly folder: string;
  readonly accounts: HomeAccounts;
  readonly store: BoxStore;
  readonly audited: AuditRecord[];
  /** Milliseconds since 1970; moved by `pass`. */
  readonly now: () => number;
  pass(ms: number): void;
}

export interface HomeWishes {
  readonly qr?: boolean;
  /** To be opened again after a restart. */
  readonly folder?: string;
  readonly startAt?: number;
  readonly hasher?: PasswordHasher;
}

export async function peopleOf(t: Test, wishes: HomeWishes = {}): Promise<Home> {
  const folder = wishes.folder ?? (await mkdtemp(join(tmpdir(), 'people-')));
  if (wishes.folder === undefined) t.teardown(() => rm(folder, {recursive: true, force: true}));
  const store: BoxStore = await Store.open(folder, {tables, version, migrations, tell: () => {}});
  t.teardown(() => store.stop());
  const hasher = wishes.hasher ?? (await PasswordHasher.open(randomBytes, cheap));
  let at = wishes.startAt ?? Date.now();
  const audited: AuditRecord[] = [];
  const accounts = new HomeAccounts({
    ...{store, qr: wishes.qr ?? true, now: () => at, url: () => 'http://attic:8700'},
    hasher: async () => hasher,
    audit: entry => audited.push(entry),
    log: createLog({places: [], level: 'fatal', transcripts: false, now: () => at}),
  });
  await accounts.start();
  const pass = (ms: number): void => {
    at += ms;
  };
  return {folder, accounts, store, audited, now: () => at, pass};
}

export async function addPerson({accounts}: Home, name: string, role: Role): Promise<void> {
  const added = await accounts.people.add(
    {name: UserName.parse(name), role, password},
    UserName.parse('root'),
  );
  if (!added.ok) throw new Error(JSON.stringify(added.why));
}

export const phone = {address: '192.168.1.20', agent: 'Mozilla/5.0 (Android 15; Mobile) Firefox/140.0'};

export async function enter(home: Home, name: string, from = phone): Promise<Entered> {
  const entered = await home.accounts.logins.login({name, password, code: null}, from);
  if (!entered.ok) throw new Error(JSON.stringify(entered.why));
  return entered.value;
}

export interface Network extends Home {
  readonly box: MemoryBox;
  readonly url: string;
  readonly audit: Audit;
  readonly listener: {readonly connections: number};
}

/** The network's own listener around a box in memory: all that stands between a browser and a handler is the real thing. */
export async function networkOf(
  t: Test,
  env: Readonly<Record<string, string>> = {},
  wishes: HomeWishes & {readonly box?: MemoryBox; readonly quotas?: Quotas} = {},
): Promise<Network> {
  const home = await peopleOf(t, wishes);
  const box = wishes.box ?? new MemoryBox();
  const root = join(import.meta.dirname, '../..');
  const read = await readConfig({env: {...env, PORT: '0', DATA_DIR: home.folder}, root: home.folder});
  if (!read.ok) throw new Error(`${JSON.stringify(read.why)} ${root}`);
  const {settings, production} = read.value;
  const audit = await Audit.open(join(home.folder, 'audit'), home.now);
  t.teardown(() => audit.stop());
  const {listener, url} = await listenOnNetwork({
    ...(wishes.quotas && {quotas: wishes.quotas}),
    ...{box, accounts: home.accounts, settings, audit, version: '0.1.0', hostname: 'attic'},
    ...{now: home.now, steady: () => performance.now(), isProduction: production !== null},
    log: createLog({places: [], level: 'fatal', transcripts: false, now: home.now}),
  });
  t.teardown(() => listener.stop(AbortSignal.abort()));
  return {...home, box, url, audit, listener};
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed; null when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes
  readonly json: any;
}

export interface Wire {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The address of this machine that it comes from. */
  readonly from?: string;
}

/** One request over TCP, exactly as written: no cookie jar, nothing made right. */
export function send(
  url: string,
  path: string,
  {method = 'GET', headers = {}, body, from}: Wire = {},
): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const json =
    text === undefined
      ? {}
      : {'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text))};
  const {promise, resolve, reject} = Promise.withResolvers<Reply>();
  const options = {method, headers: {...json, ...headers}, agent: false, ...(from && {localAddress: from})};
  const sent = request(url + path, options, answer => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.once('error', reject);
    answer.once('end', () => {
      const got = Buffer.concat(chunks).toString('utf8');
      resolve({status: answer.statusCode ?? 0, headers: answer.headers, text: got, json: parsed(got)});
    });
  });
  sent.on('error', reject);
  sent.end(text);
  return promise;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** As a browser does: keeps its cookies, says where a change comes from, sends the token back. */
export class Browser {
  readonly #url: string;
  readonly #by: (path: string, wire: Wire) => Promise<Reply>;
  readonly cookies = new Map<string, string>();

  constructor(url: string, by = (path: string, wire: Wire) => send(url, path, wire)) {
    this.#url = url;
    this.#by = by;
  }

  get headers(): Readonly<Record<string, string>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const csrf = this.cookies.get('csrf') ?? this.cookies.get('__Host-csrf');
    return {
      ...(cookie === '' ? {} : {Cookie: cookie}),
      ...(csrf === undefined ? {} : {'X-CSRF-Token': csrf}),
      Origin: this.#url,
      'User-Agent': phone.agent,
    };
  }

  async ask(path: string, wire: Wire = {}): Promise<Reply> {
    const reply = await this.#by(path, {...wire, headers: {...this.headers, ...wire.headers}});
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name = '', value = '', seconds] = /^([^=]+)=([^;]*);.*Max-Age=(\d+)/.exec(line) ?? [];
      if (seconds === '0') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return reply;
  }

  post(path: string, body?: unknown): Promise<Reply> {
    return this.ask(path, {method: 'POST', ...(body === undefined ? {} : {body})});
  }

  login(name: string, more: object = {}): Promise<Reply> {
    return this.post('/api/auth/login', {name, password, ...more});
  }
}
