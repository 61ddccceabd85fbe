/**
 * Owns `claim.json`: where a job's film came from and how far it got on its way. It is written before anything is moved,
 * so that whoever finds it after a crash can finish or undo. Never moves a file.
 */
import {mkdir, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {Digest} from '../../appliance/digest.ts';
import {readJsonFile, replaceFile, syncFolder} from '../../appliance/files.ts';
import {At, FileName, JobId, JobOptions, UserName} from '../../appliance/job.ts';
import {type Name, nameOf} from './names.ts';

const Piece = z.object({
  name: FileName,
  bytes: z.number().int().nonnegative(),
  inode: z.number().nonnegative(),
  modifiedMs: z.number(),
});

export const ClaimRecord = z.object({
  v: z.literal(1),
  id: JobId,
  at: At,
  owner: UserName,
  options: JobOptions,
  /** `copy` where inbox and jobs are on different file systems. */
  how: z.enum(['rename', 'copy']),
  /** Folders from the inbox down to the film. */
  folders: z.array(z.string().min(1).max(255)).max(20),
  /** As it was in the inbox. */
  film: Piece,
  /** Null while it is being copied: what lies in the job's folder is a part then, and the film is in the inbox. */
  digest: Digest.nullable(),
  sidecars: z
    .array(
      Piece.extend({
        /** Another film in the inbox wants it as well: the original stays. */
        shared: z.boolean(),
      }),
    )
    .max(20),
});
export type ClaimRecord = z.infer<typeof ClaimRecord>;

export const recordName = 'claim.json';

export const sourceFolderOf = (jobFolder: string): string => join(jobFolder, 'source');

export const foldersOf = ({folders}: Pick<ClaimRecord, 'folders'>): readonly Name[] => folders.map(nameOf);

/** For people: where it was, from the inbox down. */
export const pathOfRecord = ({folders, film}: ClaimRecord): string => [...folders, film.name].join('/');

/** Where the original of the film (0) or of a sidecar lies between being set aside and being unlinked. */
export const asideName = ({id}: Pick<ClaimRecord, 'id'>, number: number): Name =>
  nameOf(`.dubstead-${id}-${number}`);

/** Makes the job's folder; it must be new. */
export async function beginJob(jobFolder: string, record: ClaimRecord): Promise<void> {
  await mkdir(jobFolder, {mode: 0o700});
  await mkdir(sourceFolderOf(jobFolder), {mode: 0o700});
  await writeRecord(jobFolder, record);
  await syncFolder(dirname(jobFolder));
}

export function writeRecord(jobFolder: string, record: ClaimRecord): Promise<void> {
  return replaceFile(join(jobFolder, recordName), JSON.stringify(record));
}

/** Undefined when the job did not come by the inbox. Throws when the record is there and does not parse. */
export function readRecord(jobFolder: string): Promise<ClaimRecord | undefined> {
  return readJsonFile(join(jobFolder, recordName), ClaimRecord);
}

/**
 * For a job that never was: its film is elsewhere. A copy of the film goes first, so that what a crash leaves of the rest
 * is known for what it is.
 */
export async function discardJob(jobFolder: string, {film}: ClaimRecord): Promise<void> {
  await rm(join(sourceFolderOf(jobFolder), film.name), {force: true, recursive: true});
  await rm(sourceFolderOf(jobFolder), {force: true, recursive: true});
  await rm(jobFolder, {force: true, recursive: true});
}
