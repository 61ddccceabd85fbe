/** Owns every way the store can refuse, as data, and the one place where that becomes sentences. Never decides. */
import {unreachable} from '../result.ts';

export type Trouble =
  | {readonly reason: 'locked'; readonly folder: string; readonly pid: number}
  | {
      readonly reason: 'damaged';
      readonly file: string;
      readonly offset: number;
      readonly detail: string;
      /** Commands of a shell, in their order, after which the store opens again. */
      readonly steps: readonly string[];
      /** What is lost by going that way, as a sentence. */
      readonly loses: string;
    }
  /** A row that is whole, but not what its table holds: another program wrote it. */
  | {
      readonly reason: 'misfit';
      readonly file: string;
      readonly table: string;
      readonly id: string;
      readonly detail: string;
    }
  | {
      readonly reason: 'newer-version';
      readonly folder: string;
      readonly found: number;
      readonly known: number;
      /** Back to the state as it was before the newer version came; none where there is no such copy. */
      readonly steps: readonly string[];
    }
  | {
      readonly reason: 'migration-failed';
      readonly folder: string;
      readonly from: number;
      readonly detail: string;
    }
  | {readonly reason: 'disk-full'; readonly path: string}
  | {readonly reason: 'unusable'; readonly path: string; readonly detail: string}
  | {readonly reason: 'too-large'; readonly bytes: number; readonly limitBytes: number}
  | {readonly reason: 'overloaded'; readonly waiting: number}
  | {readonly reason: 'stopped'; readonly folder: string};

/** Carries a Trouble to whoever opened the store or asked for a change. */
export class StoreTrouble extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(describe(trouble).what, options);
    this.name = 'StoreTrouble';
    this.trouble = trouble;
  }
}

export interface Words {
  /** What happened, to what. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
}

export function describe(trouble: Trouble): Words {
  switch (trouble.reason) {
    case 'locked':
      return {
        what: `${trouble.folder} is in use by process ${trouble.pid}.`,
        fix: 'Only one daemon works in a data folder. Stop that one first, or give this one another DATA_DIR.',
      };
    case 'damaged':
      return {
        what: `${trouble.file} is damaged at byte ${trouble.offset}: ${trouble.detail}.`,
        fix: `Nothing was changed. Put the folder back from a backup, or go this way: ${trouble.steps.join(' && ')} — ${trouble.loses}`,
      };
    case 'misfit':
      return {
        what: `${trouble.file} holds ${trouble.table} ${trouble.id}, which this program cannot read: ${trouble.detail}.`,
        fix: 'Nothing was changed. Install the version that wrote it, and please report this.',
      };
    case 'newer-version':
      return {
        what: `${trouble.folder} was written by a newer version of Dubstead (state ${trouble.found}; this one knows ${trouble.known}).`,
        fix:
          trouble.steps.length === 0
            ? 'Nothing was changed. Install that version again, or put the folder back from a backup.'
            : `Nothing was changed. Install that version again, or go back to the state from before it, without what was done since: ${trouble.steps.join(' && ')}`,
      };
    case 'migration-failed':
      return {
        what: `${trouble.folder} could not be brought from state ${trouble.from} to the next: ${trouble.detail}.`,
        fix: 'Nothing was changed. Install the version you had before, and please report this.',
      };
    case 'disk-full':
      return {
        what: `There is no space left for ${trouble.path}.`,
        fix: 'Free some space. All that was accepted before is kept; what was refused can be asked for again.',
      };
    case 'unusable':
      return {
        what: `${trouble.path} cannot be read or written: ${trouble.detail}.`,
        fix: 'Check its owner, its permissions and the disk it is on. All that was accepted before is kept.',
      };
    case 'too-large':
      return {
        what: `A change of ${trouble.bytes} bytes is more than the ${trouble.limitBytes} that one may have.`,
        fix: 'Make it in several changes.',
      };
    case 'overloaded':
      return {
        what: `${trouble.waiting} changes wait to be written.`,
        fix: 'Try again in a moment. If it stays so, the disk is too slow or about to fail.',
      };
    case 'stopped':
      return {what: `The store in ${trouble.folder} was stopped.`, fix: 'Start the daemon again.'};
    default:
      return unreachable(trouble);
  }
}

const noSpace: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** True for an error of a system call that more space would have prevented. */
export function isNoSpace(cause: unknown): boolean {
  return noSpace.has(codeOf(cause));
}

/** What a failed system call means for the store. Anything else is a bug, and is thrown on as it came. */
export function troubleWith(path: string, cause: unknown): StoreTrouble {
  if (cause instanceof StoreTrouble) return cause;
  const code = codeOf(cause);
  if (code === undefined) throw cause;
  if (isNoSpace(cause)) return new StoreTrouble({reason: 'disk-full', path}, {cause});
  return new StoreTrouble({reason: 'unusable', path, detail: code}, {cause});
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'syscall' in cause && 'code' in cause ? String(cause.code) : undefined;
}
