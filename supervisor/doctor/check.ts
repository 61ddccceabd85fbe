/** Owns what a check of the doctor is, and what each is given to look with. Never looks at anything itself. */
import type {Status} from '../../appliance/api/status.ts';
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import type {Origins} from '../../appliance/config/config.ts';
import type {ConfigFault} from '../../appliance/config/fault.ts';
import type {Settings} from '../../appliance/config/settings.ts';
import type {Finding} from '../../appliance/doctor.ts';
import type {Result} from '../../appliance/result.ts';
import type {DataFolders} from '../folders.ts';

/** What is settled by the settings. */
export interface Box {
  readonly settings: Settings;
  readonly origins: Origins;
  readonly folders: DataFolders;
  /** The running daemon's word of itself, asked for once; why there is none. */
  readonly daemon: () => Promise<Result<Status, ApiTrouble>>;
}

export interface Ground {
  /** The checkout or installation. */
  readonly root: string;
  /** Where jobs find their programs: folders with colons between them. */
  readonly searchPath: string;
  readonly now: () => number;
  /** Of who asks. */
  readonly uid: number;
  /** Where the kernel tells of itself. */
  readonly proc: string;
  /** A folder for what is tried and thrown away; not of the box. */
  readonly scratch: string;
  readonly box: Result<Box, readonly ConfigFault[]>;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** As part of a sentence. */
  readonly looksAt: string;
  /** At least one. What it throws is said to be unknown. */
  examine(ground: Ground): Promise<readonly Finding[]>;
}

export function fine(finding: string): Finding {
  return {is: 'ok', finding};
}

export interface Told {
  readonly finding: string;
  readonly meaning: string;
  readonly fix: string;
}

export const warning = (told: Told): Finding => ({is: 'warning', ...told});
export const fault = (told: Told): Finding => ({is: 'fault', ...told});

/** For a check that means nothing without settings: where those are wrong, they come first. */
export function ofBox(
  examine: (box: Box, ground: Ground) => Promise<readonly Finding[]>,
): (ground: Ground) => Promise<readonly Finding[]> {
  return async ground =>
    ground.box.ok
      ? examine(ground.box.value, ground)
      : [{is: 'skipped', finding: 'Not looked at: the settings have to be right first.'}];
}

/** What was found, or one sentence that all is well. */
export function orFine(findings: readonly Finding[], well: string): readonly Finding[] {
  return findings.length > 0 ? findings : [fine(well)];
}

/** Of a failed system call: ENOENT and the like. */
export function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}

/** Where this user may not look. */
export function notAllowed(path: string): Finding {
  return warning({
    finding: `${path} may not be looked at by this user.`,
    meaning: 'Whether it is in order is not known.',
    fix: 'Run dubstead doctor as the user of the daemon, or as root.',
  });
}

export function isDenied(cause: unknown): boolean {
  return codeOf(cause) === 'EACCES' || codeOf(cause) === 'EPERM';
}

/** Counted as disks are sold, as the settings count: `1.5 GB`. */
export function amount(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`;
}

/** For a shell, whatever the name holds. */
export function quoted(path: string): string {
  return /^[\w./@:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
