/**
 * Owns whether the files that a job process claims to have made are there and are what it says. Takes nothing on
 * trust: a path may lead anywhere, a name may be a link, a digest may be a lie.
 */
import {constants} from 'node:fs';
import {type FileHandle, open, readlink, realpath} from 'node:fs/promises';
import {normalize} from 'node:path';
import {digestOfOpen} from '../../appliance/digest.ts';
import type {Failure} from '../../appliance/failure.ts';
import type {Output} from '../../appliance/wire.ts';

/** The first of them that is not what was claimed; undefined when all are. Rejects when stopped. */
export async function faultOf(
  outputs: readonly Output[],
  out: string,
  signal: AbortSignal,
): Promise<Extract<Failure, {reason: 'bad-output'}> | undefined> {
  const folder = {named: out, real: await realpath(out)};
  const seen = new Set<string>();
  for (const output of outputs) {
    const detail = seen.has(output.path) ? 'it is named twice' : await lieOf(output, folder, signal);
    if (detail !== undefined) return {reason: 'bad-output', path: output.path, detail};
    seen.add(output.path);
  }
  return undefined;
}

interface Folder {
  readonly named: string;
  readonly real: string;
}

async function lieOf(
  {path, bytes, digest}: Output,
  out: Folder,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!path.startsWith(`${out.named}/`) || normalize(path) !== path || path.includes('\0')) {
    return 'it lies outside the folder of the job';
  }
  // A pipe would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    return code === 'ELOOP' ? 'it is a link' : `it cannot be opened (${code})`;
  }
  await using opened = file;
  const stat = await opened.stat();
  if (!stat.isFile()) return 'it is no regular file';
  // Where the file is that was opened, whatever its folders are called by now.
  const at = await readlink(`/proc/self/fd/${opened.fd}`);
  if (at !== out.real + path.slice(out.named.length)) return 'it lies behind a link';
  if (stat.size !== bytes) return `it has ${stat.size} bytes, and ${bytes} were claimed`;
  return (await digestOfOpen(opened, {signal})) === digest
    ? undefined
    : 'its content is not what was claimed';
}
