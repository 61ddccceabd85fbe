/**
 * Owns where values may be written, and reads all of it: the process environment, systemd's credentials, `.env.secrets`
 * and `dubstead.env`. Finds what is no setting or stands in the wrong place. Never judges a value.
 */
import {constants} from 'node:fs';
import {lstat, open, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {no, ok, type Result} from '../result.ts';
import {parseEnvFile} from './env-file.ts';
import type {ConfigFault, EnvFileName, Origin} from './fault.ts';
import {isMeantForUs, nearestSetting} from './names.ts';
import {isSettingName, type SettingName, settingOf} from './settings.ts';

export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here: the checkout. */
  readonly root: string;
  /** Where `dubstead.env` and `.env.secrets` are looked for; the root when nothing is said. */
  readonly folder?: string | undefined;
  /** What systemd named in CREDENTIALS_DIRECTORY. */
  readonly credentialsFolder?: string | undefined;
  /**
   * `if-readable` is for a command that only talks to the daemon: the daemon's user alone may read its secrets, so
   * those are left out, and their origin is `withheld`.
   */
  readonly secrets?: 'needed' | 'if-readable';
}

export interface Entry {
  readonly name: SettingName;
  readonly text: string;
  readonly origin: Origin;
}

export interface Written {
  /** What stands first wins. */
  readonly entries: readonly Entry[];
  readonly faults: readonly ConfigFault[];
  /** Where secrets may stand that could not be read. */
  readonly withheld: string | null;
}

export async function readSources(sources: Sources): Promise<Written> {
  const folder = sources.folder ?? sources.root;
  const isFolder = await stat(folder).then(
    found => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return refusing([{is: 'unreadable', path: folder, detail: 'it is no folder'}]);
  const parts = [
    fromEnvironment(sources.env),
    await fromCredentials(sources.credentialsFolder),
    await fromFile(folder, '.env.secrets'),
    await fromFile(folder, 'dubstead.env'),
    await misnamed(folder),
  ].map(part => (sources.secrets === 'if-readable' ? part : insisted(part)));
  return {
    entries: parts.flatMap(({entries}) => entries),
    faults: parts.flatMap(({faults}) => faults),
    withheld: parts.find(({withheld}) => withheld !== null)?.withheld ?? null,
  };
}

function refusing(faults: readonly ConfigFault[]): Written {
  return {entries: [], faults, withheld: null};
}

/** A daemon without its secrets would do what nobody asked for. */
function insisted(part: Written): Written {
  if (part.withheld === null) return part;
  return refusing([...part.faults, {is: 'unreadable', path: part.withheld, detail: 'permission denied'}]);
}

function fromEnvironment(env: Sources['env']): Written {
  const origin: Origin = {is: 'environment'};
  const entries: Entry[] = [];
  const faults: ConfigFault[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined) continue;
    if (isSettingName(name)) entries.push({name, text, origin});
    else if (isMeantForUs(name)) faults.push({is: 'unknown', name, origin, nearest: nearestSetting(name)});
  }
  return {entries, faults, withheld: null};
}

/** One file a credential, of its name. A unit may have credentials of other programs, so names are judged as above. */
async function fromCredentials(folder: string | undefined): Promise<Written> {
  if (folder === undefined || folder === '') return refusing([]);
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => cause);
  if (names instanceof Error) {
    if (isDenied(names)) return {...refusing([]), withheld: folder};
    return refusing([{is: 'unreadable', path: folder, detail: detailOf(names)}]);
  }
  const parts = await Promise.all(names.toSorted().map(name => fromCredential(join(folder, name), name)));
  return {
    entries: parts.flatMap(({entries}) => entries),
    faults: parts.flatMap(({faults}) => faults),
    withheld: parts.find(({withheld}) => withheld !== null)?.withheld ?? null,
  };
}

async function fromCredential(path: string, name: string): Promise<Written> {
  const origin: Origin = {is: 'credential', path};
  if (!isSettingName(name)) {
    const isOurs = isMeantForUs(name);
    return refusing(isOurs ? [{is: 'unknown', name, origin, nearest: nearestSetting(name)}] : []);
  }
  if (!settingOf(name).isSecret) return refusing([{is: 'wrong-file', name, origin, belongs: 'dubstead.env'}]);
  const file = await readSmall(path);
  if (!file.ok) return withheldOr(path, file.why);
  if (file.value === null) return refusing([]);
  // Whoever made it with echo left a line break at its end.
  return {entries: [{name, text: file.value.text.replace(/\r?\n$/, ''), origin}], faults: [], withheld: null};
}

async function fromFile(folder: string, fileName: EnvFileName): Promise<Written> {
  const path = join(folder, fileName);
  const file = await readSmall(path);
  if (!file.ok)
    return fileName === '.env.secrets' ? withheldOr(path, file.why) : refusing([unread(path, file.why)]);
  if (file.value === null) return refusing([]);
  const {text, mode} = file.value;
  const entries: Entry[] = [];
  const faults = openFaults(path, fileName, mode);
  const {lines, bad} = parseEnvFile(text);
  faults.push(...bad.map(({line, what}): ConfigFault => ({is: 'bad-line', path, line, what})));
  const firstLines = new Map<SettingName, number>();
  for (const {name, value, line} of lines) {
    const origin: Origin = {is: 'file', path, line};
    if (!isSettingName(name)) {
      faults.push({is: 'unknown', name: told(name, fileName), origin, nearest: nearestSetting(name)});
      continue;
    }
    const firstLine = firstLines.get(name);
    firstLines.set(name, firstLine ?? line);
    const belongs = settingOf(name).isSecret ? '.env.secrets' : 'dubstead.env';
    if (belongs !== fileName) faults.push({is: 'wrong-file', name, origin, belongs});
    else if (firstLine !== undefined) faults.push({is: 'twice', name, path, line, firstLine});
    else entries.push({name, text: value, origin});
  }
  return {entries, faults, withheld: null};
}

/**
 * Secrets may be read by their owner, and by a group when the admin set it so (0640, for root and the daemon's group);
 * what steers the daemon may be changed by nobody else.
 */
function openFaults(path: string, fileName: EnvFileName, mode: number): ConfigFault[] {
  const [to, openTo] = fileName === '.env.secrets' ? (['read', 0o027] as const) : (['write', 0o002] as const);
  return (mode & openTo) === 0 ? [] : [{is: 'open-file', path, to, mode}];
}

/** A key that was pasted on a line of its own may end with `=`, and look like a name: only what looks like ours is told. */
function told(name: string, fileName: EnvFileName): string | null {
  if (fileName === 'dubstead.env' || nearestSetting(name) !== null) return name;
  return /^[A-Z]{2,}(?:_[A-Z]{2,}){1,4}$/.test(name) ? name : null;
}

/** The example is called `.env.public.example`: who only takes its last word away would be left with the defaults. */
async function misnamed(folder: string): Promise<Written> {
  const path = join(folder, '.env.public');
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  return refusing(isThere ? [{is: 'misnamed-file', path, name: 'dubstead.env'}] : []);
}

const sizeLimitBytes = 64 * 1024;

interface SmallFile {
  readonly text: string;
  readonly mode: number;
}

/** Null when there is none. A device or a pipe is never waited for. */
async function readSmall(path: string): Promise<Result<SmallFile | null, Error>> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const found = await file.stat();
    if (!found.isFile()) return no(new Error('it is no regular file'));
    const bytes = Buffer.alloc(sizeLimitBytes + 1);
    const {bytesRead} = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead > sizeLimitBytes) return no(new Error(`it is over ${sizeLimitBytes / 1024} KiB`));
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes.subarray(0, bytesRead));
    return ok({text, mode: found.mode & 0o777});
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (!('code' in cause) || cause.code !== 'ENOENT') return no(cause);
  }
  const isDangling = await lstat(path).then(
    () => true,
    () => false,
  );
  return isDangling ? no(new Error('it is a link that leads nowhere')) : ok(null);
}

function withheldOr(path: string, cause: Error): Written {
  if (isDenied(cause)) return {...refusing([]), withheld: path};
  return refusing([unread(path, cause)]);
}

function unread(path: string, cause: Error): ConfigFault {
  return {is: 'unreadable', path, detail: detailOf(cause)};
}

function isDenied(cause: NodeJS.ErrnoException): boolean {
  return cause.code === 'EACCES' || cause.code === 'EPERM';
}

function detailOf(cause: NodeJS.ErrnoException): string {
  if (isDenied(cause)) return 'permission denied';
  if (cause.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not text in UTF-8';
  // Node puts call and path after the words of the system.
  return /^[A-Z]+: ([^,]+),/.exec(cause.message)?.[1] ?? cause.message;
}
