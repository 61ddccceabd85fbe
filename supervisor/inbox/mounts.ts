/**
 * Owns what the kernel says of mounts: which file system a folder is on, and whether that one tells of changes. Reads
 * /proc/self/mountinfo and nothing else.
 */
import {readFile, realpath, stat} from 'node:fs/promises';

export interface Mount {
  /** Where it is mounted; the longer of two is the nearer. */
  readonly point: string;
  /** As the kernel calls it: ext4, nfs4, fuse.sshfs. */
  readonly type: string;
}

/** File systems that others write to, without this kernel hearing of it. */
const silent =
  /^(?:nfs|cifs|smb|fuse|9p|v9fs|virtiofs|vboxsf|prl_fs|vmhgfs|drvfs|afs|coda|ncp|ceph|gluster|lustre|beegfs|ocfs|gfs2|orangefs|autofs)/;

export const isSilent = ({type}: Mount): boolean => silent.test(type);

/** The mount that a folder is on. The path must have no links in it. */
export function mountOf(path: string, mountinfo: string): Mount | undefined {
  let nearest: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const mount = readMount(line);
    if (mount === undefined || !isBelow(path, mount.point)) continue;
    // Of two at the same place the later one covers the other.
    if (nearest === undefined || mount.point.length >= nearest.point.length) nearest = mount;
  }
  return nearest;
}

function isBelow(path: string, point: string): boolean {
  return path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
}

/** `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw`, with blanks written `\040` (proc(5)). */
function readMount(line: string): Mount | undefined {
  const [head, tail] = line.split(' - ');
  const point = head?.split(' ')[4];
  const type = tail?.split(' ')[0];
  if (point === undefined || type === undefined) return undefined;
  return {
    point: point.replaceAll(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    type,
  };
}

/** What a folder stands on. */
export interface Ground {
  readonly mount: Mount | undefined;
  /** Which folder it is: another one under the same path has another. */
  readonly folder: string;
}

/** Throws the system's error when there is no such folder, or no answer from its disk. */
export async function groundOf(path: string): Promise<Ground> {
  const {dev, ino} = await stat(path);
  const mount = mountOf(await realpath(path), await readFile('/proc/self/mountinfo', 'utf8'));
  return {mount, folder: `${dev}:${ino}`};
}

/** The place where something was mounted that is not any more; null when nothing is missing. */
export function missingMount(before: Ground, now: Ground): string | null {
  const [was, is] = [before.mount?.point, now.mount?.point];
  return was === undefined || is === undefined || is.length >= was.length ? null : was;
}
