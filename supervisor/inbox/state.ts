/** Owns how the inbox is shown: each file's standing in one word and its reason. A pure function of the list. */
import type {At, UserName} from '../../appliance/job.ts';
import {unreachable} from '../../appliance/result.ts';
import {type Name, shown, type Why} from './names.ts';
import {type Entry, type Ledger, pathOfEntry} from './stability.ts';
import {type Judged, judge} from './verdict.ts';

export interface InboxFile {
  /** From the inbox down. */
  readonly path: string;
  /** `refused` ones are still here because they could not be moved away. */
  readonly is: 'growing' | 'waiting' | 'claiming' | 'refused' | 'sidecar';
  /** Null where there is nothing to say: it grows, it is being taken, its turn comes, its film is here. */
  readonly why: Why | null;
  readonly owner: UserName | null;
  readonly bytes: number;
  readonly since: At;
}

export interface Refused {
  readonly path: string;
  /** Where it is now; null when it could not be moved. */
  readonly to: string | null;
  readonly why: Why;
  readonly at: At;
}

export interface InboxState {
  readonly is: 'online' | 'offline';
  /** Why it is offline, and since when. */
  readonly why: string | null;
  readonly since: At | null;
  readonly mode: 'watching' | 'polling';
  /** Why it is polled. */
  readonly modeWhy: string | null;
  /** Some of them, those first that something is in the way of. */
  readonly files: readonly InboxFile[];
  readonly counts: Readonly<Record<InboxFile['is'], number>>;
  /** Files that are not kept account of until others are gone. */
  readonly beyond: number;
  /** Since the start: how many, and the last of them, newest first. */
  readonly refusals: number;
  readonly lastRefused: readonly Refused[];
}

export const shownFilesLimit = 500;

/** `closed` are folders that cannot be looked into. */
export function filesOf(
  ledger: Ledger,
  judged: Judged,
  closed: readonly InboxFile[],
): Pick<InboxState, 'files' | 'counts'> {
  const counts = {growing: 0, waiting: closed.length, claiming: 0, refused: 0, sidecar: 0};
  const held = closed.slice(0, shownFilesLimit);
  const others: InboxFile[] = [];
  for (const entry of ledger.entries()) {
    const file = fileOf(entry, judged);
    counts[file.is]++;
    const list = file.why === null ? others : held;
    if (list.length < shownFilesLimit) list.push(file);
  }
  return {files: [...held, ...others].slice(0, shownFilesLimit), counts};
}

function fileOf(entry: Entry, judged: Judged): InboxFile {
  const {folder, sight, sinceAt, standing} = entry;
  const owner = folder.place.is === 'home' ? folder.place.owner : null;
  const about = {path: pathOfEntry(entry), owner, bytes: sight.bytes, since: sinceAt};
  if (standing.is === 'waiting' || standing.is === 'refused') {
    return {...about, is: standing.is, why: standing.why};
  }
  if (standing.is === 'claiming') return {...about, is: 'claiming', why: null};
  const verdict = judge(entry, judged);
  switch (verdict.do) {
    case 'leave':
      return {...about, is: 'growing', why: verdict.why === null ? null : growing(about.path, verdict.why)};
    case 'keep':
      return {...about, is: 'sidecar', why: verdict.hasFilm ? null : orphaned(about.path)};
    case 'hold':
    case 'refuse':
      return {...about, is: 'waiting', why: verdict.why};
    case 'claim':
      return {...about, is: 'waiting', why: null};
    default:
      return unreachable(verdict);
  }
}

export function closedFolder(
  path: readonly Name[],
  code: string,
  since: At,
): InboxFile & {readonly why: Why} {
  const folder = `${path.map(shown).join('/')}/`;
  const why = {
    what: `The inbox folder ${folder} cannot be looked into: ${code}.`,
    fix: 'Let the user that Dubstead runs as read and enter it (chmod, chown). It goes on by itself.',
  };
  return {path: folder, is: 'waiting', why, owner: null, bytes: 0, since};
}

function growing(path: string, detail: string): Why {
  return {
    what: `${path} does not look whole: ${detail}.`,
    fix: 'It is waited for. If nothing more comes, copy it again.',
  };
}

function orphaned(path: string): Why {
  return {
    what: `${path} has no film beside it.`,
    fix: 'It waits for a film of the same name: film.es.srt goes with film.mkv.',
  };
}
