/**
 * Owns whether the inbox is there, and by what means its changes come to be known: by watching, or by looking again and
 * again. Never looks at what is in it.
 */
import type {At} from '../../appliance/job.ts';
import type {InboxEvent} from './events.ts';
import {codeOf} from './folder.ts';
import {type Ground, groundOf, isSilent, missingMount} from './mounts.ts';

export type Presence =
  | {readonly is: 'online'}
  | {readonly is: 'offline'; readonly why: string; readonly since: At};

export type Mode = {readonly is: 'watching'} | {readonly is: 'polling'; readonly why: string};

export interface FootingSettings {
  readonly inbox: string;
  readonly polling: 'auto' | 'always' | 'never';
}

/** The folder is not there, for a reason that is said. */
class Absent extends Error {}

export class Footing {
  readonly #settings: FootingSettings;
  readonly #now: () => At;
  readonly #tell: (event: InboxEvent) => void;
  #presence: Presence = {is: 'online'};
  #mode: Mode = {is: 'watching'};
  #ground: Ground | undefined;
  #watchFailure: string | undefined;

  constructor(settings: FootingSettings, now: () => At, tell: (event: InboxEvent) => void) {
    this.#settings = settings;
    this.#now = now;
    this.#tell = tell;
  }

  get presence(): Presence {
    return this.#presence;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Makes sure of the folder. True when it may be another than before; throws when it is not there. */
  async stand(): Promise<boolean> {
    const ground = await groundOf(this.#settings.inbox);
    const missing = this.#ground === undefined ? null : missingMount(this.#ground, ground);
    if (missing !== null) throw new Absent(`nothing is mounted at ${missing} any more`);
    // What was mounted anew can have the numbers that the old one had.
    const isAnother = ground.folder !== this.#ground?.folder || this.#presence.is === 'offline';
    this.#ground = ground;
    const mode = this.#modeOn(ground);
    const isNews = mode.is !== this.#mode.is;
    this.#mode = mode;
    if (isNews) this.#tell({is: 'mode', mode: mode.is, why: mode.is === 'polling' ? mode.why : ''});
    return isAnother;
  }

  /** True when it stands as it did. */
  async stands(): Promise<boolean> {
    const now = await groundOf(this.#settings.inbox).catch(codeOf);
    if (typeof now === 'string') return false;
    return now.folder === this.#ground?.folder && now.mount?.point === this.#ground.mount?.point;
  }

  found(): void {
    if (this.#presence.is === 'online') return;
    this.#presence = {is: 'online'};
    this.#tell({is: 'online'});
  }

  /** Throws what is no error of the system's. */
  lost(cause: unknown): void {
    const why = cause instanceof Absent ? cause.message : whyAbsent(codeOf(cause));
    this.silent(why);
  }

  silent(why = 'its disk does not answer'): void {
    if (this.#presence.is === 'offline') return;
    this.#presence = {is: 'offline', why, since: this.#now()};
    this.#tell({is: 'offline', why});
  }

  /** From the next `stand` on it is polled; undefined: watching may be tried again. */
  watchFailed(cause: unknown): void {
    this.#watchFailure = cause === undefined ? undefined : whyNotWatched(cause);
  }

  #modeOn({mount}: Ground): Mode {
    const {polling} = this.#settings;
    if (polling === 'always') return {is: 'polling', why: 'INBOX_POLLING=1 asks for it'};
    if (this.#watchFailure !== undefined) return {is: 'polling', why: this.#watchFailure};
    return polling === 'auto' && mount !== undefined && isSilent(mount)
      ? {is: 'polling', why: `its file system (${mount.type}) does not tell of all changes`}
      : {is: 'watching'};
  }
}

function whyNotWatched(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
  return code === 'ENOSPC' || code === 'EMFILE'
    ? 'the system has no watches left (fs.inotify.max_user_watches, max_user_instances)'
    : `the system cannot watch it (${code})`;
}

function whyAbsent(code: string): string {
  if (code === 'ENOENT') return 'there is no such folder';
  if (code === 'EACCES') return 'it cannot be read: permission denied';
  return `the system says ${code}`;
}
