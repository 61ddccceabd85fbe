/** Owns what is to become of a file in the inbox, as a pure function of what is known of it. Never touches the file. */
import type {UserName} from '../../appliance/job.ts';
import type {FileType} from './folder.ts';
import {type FolderWishes, shown, type Why} from './names.ts';
import type {AskRoom} from './room.ts';
import {type Entry, isSettled, sidecarsOf} from './stability.ts';

export type Verdict =
  /** Not whole yet, being taken, or not to be tried again so soon. `why` where there is more to say than that. */
  | {readonly do: 'leave'; readonly why: string | null}
  /** A sidecar: whole, and for its film to take. */
  | {readonly do: 'keep'; readonly hasFilm: boolean}
  | {readonly do: 'hold'; readonly why: Why}
  | {readonly do: 'refuse'; readonly why: Why}
  | {
      readonly do: 'claim';
      readonly owner: UserName;
      readonly wishes: FolderWishes;
      /** `shared`: another film wants it as well. */
      readonly sidecars: readonly {readonly entry: Entry; readonly shared: boolean}[];
    };

/** As much as the job's own reader of subtitles takes. */
export const sidecarLimitBytes = 16 << 20;
/** As many as a job can have. */
const sidecarLimit = 20;

export interface Judged {
  readonly steady: number;
  readonly stableMs: number;
  readonly room: AskRoom;
}

export function judge(entry: Entry, {steady, stableMs, room}: Judged): Verdict {
  const {folder, kind, sight, standing} = entry;
  if (standing.is === 'claiming') return {do: 'leave', why: null};
  if (!isSettled(entry, steady, stableMs)) return {do: 'leave', why: entry.lacks};
  if (standing.is !== 'growing' && steady < standing.retryAt) return {do: 'leave', why: null};
  const refusal = refusalOf(entry);
  if (refusal !== null) return {do: 'refuse', why: refusal};
  if (kind.is === 'sidecar') return {do: 'keep', hasFilm: folder.pairing.films.get(kind.name)?.length !== 0};
  const {place} = folder;
  if (place.is !== 'home') return {do: 'hold', why: place.why};
  const sidecars = sidecarsOf(entry).filter(sidecar => refusalOf(sidecar.entry) === null);
  const late = sidecars.find(
    sidecar => sidecar.entry.standing.is === 'claiming' || !isSettled(sidecar.entry, steady, stableMs),
  );
  if (late !== undefined)
    return {do: 'leave', why: `${shown(late.entry.name)} beside it is still being written`};
  const full = room(place.owner, sight.bytes);
  if (full !== null) return {do: 'hold', why: {what: full, fix: 'It goes on by itself.'}};
  const {owner, wishes} = place;
  return {do: 'claim', owner, wishes, sidecars: sidecars.slice(0, sidecarLimit)};
}

const types: Readonly<Record<Exclude<FileType, 'file'>, Why>> = {
  folder: {what: 'is a folder', fix: 'Put files into the inbox, or folders of them.'},
  link: {
    what: 'is a symbolic link, and Dubstead follows none',
    fix: 'Copy the file itself into the inbox (cp -L copies what a link names).',
  },
  fifo: {
    what: 'is a FIFO, not a file',
    fix: 'Save what comes out of it as a file and put that into the inbox.',
  },
  socket: {what: 'is a socket, not a file', fix: 'Put a film into the inbox.'},
  device: {
    what: 'is a device, not a file',
    fix: 'Copy its contents into a file and put that into the inbox.',
  },
};

/** Why this can never become a job, nor go with one; null when nothing speaks against it. */
function refusalOf({folder, name, kind, sight}: Entry): Why | null {
  const called = shown(name);
  if (folder.place.is === 'refused') return folder.place.why;
  if (sight.type !== 'file') {
    const {what, fix} = types[sight.type];
    return {what: `${called} ${what}.`, fix};
  }
  if (sight.links > 1) {
    return {
      what: `${called} is a hard link: the same file has ${sight.links} names, and could be changed by another one.`,
      fix: 'Copy it into the inbox instead of linking it (cp, not ln or cp -l).',
    };
  }
  if (kind.is === 'refused') return kind.why;
  if (sight.bytes === 0) {
    return {what: `${called} is empty.`, fix: 'Copy it again: the copy may have been cut off.'};
  }
  if (kind.is === 'sidecar' && sight.bytes > sidecarLimitBytes) {
    return {
      what: `${called} has ${Math.ceil(sight.bytes / 2 ** 20)} MiB; a file beside a film has at most ${sidecarLimitBytes >> 20}.`,
      fix: 'Put the subtitles alone into it.',
    };
  }
  return null;
}
