/** Owns whose the folders of the box are and who may enter them, and whether secrets are anybody's to read. Changes no mode. */
import {access, constants, lstat, readdir, realpath, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {FolderName} from '../../appliance/config/folders.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {
  type Box,
  type Check,
  codeOf,
  fault,
  fine,
  type Ground,
  isDenied,
  notAllowed,
  ofBox,
  orFine,
  quoted,
  warning,
} from './check.ts';

interface Look {
  readonly uid: number;
  /** The lowest nine bits. */
  readonly mode: number;
}

async function lookAt(path: string): Promise<Look> {
  const {uid, mode} = await stat(path);
  return {uid, mode: mode & 0o777};
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

export const folders: Check = {
  id: 'folders',
  title: 'Folders',
  looksAt:
    'DATA_DIR and what lies in it, INBOX_DIR and OUTPUT_DIR: whether they are there, whose they are, and who may enter',
  examine: ofBox(async (box, ground) => {
    const findings = [
      ...(await judgeData(box, ground)),
      ...(await judgeOpen(box, 'INBOX_DIR', ground)),
      ...(await judgeOpen(box, 'OUTPUT_DIR', ground)),
    ];
    return orFine(
      findings,
      `${box.settings.DATA_DIR} is there for its owner alone, and the inbox and the dubs can be written to.`,
    );
  }),
};

async function judgeData(
  {settings, folders: {root, jobs, uploads, state, audit, log, run}}: Box,
  {uid}: Ground,
): Promise<readonly Finding[]> {
  let data: Look;
  try {
    data = await lookAt(root);
  } catch (cause) {
    if (isDenied(cause)) return [notAllowed(root)];
    if (codeOf(cause) !== 'ENOENT') throw cause;
    return judgeFuture(root);
  }
  const findings: Finding[] = [];
  if (uid !== 0 && data.uid !== uid)
    findings.push(
      warning({
        finding: `${root} belongs to user ${data.uid}, and this is user ${uid}.`,
        meaning:
          'A daemon that is started by this user cannot work there; if the daemon has a user of its own, all is well.',
        fix: 'Run dubstead doctor as the user of the daemon, or set DATA_DIR to a folder of this user.',
      }),
    );
  const lets = settings.SOCKET_GROUP === null ? 0 : 0o010;
  for (const folder of [root, jobs, uploads, state, audit, log, run]) {
    const found = await lookAt(folder).catch(cause => {
      if (codeOf(cause) === 'ENOENT') return null;
      if (isDenied(cause)) return undefined;
      throw cause;
    });
    if (found === null) continue;
    if (found === undefined) return [...findings, notAllowed(folder)];
    findings.push(
      ...judgeFolder(folder, found, {owner: data.uid, extra: folder === root || folder === run ? lets : 0}),
    );
  }
  return findings;
}

/** Pure. `extra` are the bits that the settings add to 0700. */
export function judgeFolder(
  path: string,
  {uid, mode}: Look,
  {owner, extra}: {readonly owner: number; readonly extra: number},
): readonly Finding[] {
  const findings: Finding[] = [];
  if (uid !== owner)
    findings.push(
      fault({
        finding: `${path} belongs to user ${uid}, and the data folder to user ${owner}.`,
        meaning: 'The daemon cannot work in a folder that is not its own: it does not start, or jobs fail.',
        fix: `Run as root: chown -R ${owner} ${quoted(path)}`,
      }),
    );
  if ((mode & 0o077 & ~extra) !== 0)
    findings.push(
      fault({
        finding: `${path} has mode ${octal(mode)}: others of this machine may enter.`,
        meaning:
          'Films, logs and what lets people in can be read by other users of this machine, until the daemon starts anew.',
        fix: `Run: chmod ${(0o700 | extra).toString(8)} ${quoted(path)}`,
      }),
    );
  if ((mode & 0o700) !== 0o700)
    findings.push(
      fault({
        finding: `${path} has mode ${octal(mode)}: its owner may not do all there.`,
        meaning: 'The daemon cannot keep its files there.',
        fix: `Run: chmod ${(0o700 | extra).toString(8)} ${quoted(path)}`,
      }),
    );
  return findings;
}

/** The daemon makes it at its first start, if it may. */
async function judgeFuture(root: string): Promise<readonly Finding[]> {
  let parent = dirname(root);
  while (parent !== '/' && (await realpath(parent).catch(() => null)) === null) parent = dirname(parent);
  const trouble = await access(parent, constants.W_OK | constants.X_OK).then(
    () => null,
    (cause: unknown) => codeOf(cause) ?? String(cause),
  );
  if (trouble === null) return [fine(`${root} is not there yet; the first start makes it.`)];
  return [
    fault({
      finding: `${root} is not there, and nothing can be made in ${parent} (${trouble}).`,
      meaning: 'The daemon does not start.',
      fix: `Make it as root and give it to the user of the daemon: mkdir -p ${quoted(root)} && chown USER ${quoted(root)} && chmod 700 ${quoted(root)}`,
    }),
  ];
}

const meanings: Readonly<Record<Exclude<FolderName, 'DATA_DIR'>, string>> = {
  INBOX_DIR: 'Films that are put there are not taken; running jobs go on.',
  OUTPUT_DIR: 'No job starts, and no finished dub can be put there.',
};

async function judgeOpen(
  {settings, folders: {root}}: Box,
  name: Exclude<FolderName, 'DATA_DIR'>,
  {uid}: Ground,
): Promise<readonly Finding[]> {
  const path = settings[name];
  const meaning = meanings[name];
  const give = `Give it to the user of the daemon: chown USER ${quoted(path)}, or set ${name} to another.`;
  const daemon = await stat(root).then(
    found => found.uid,
    () => undefined,
  );
  try {
    const found = await stat(path);
    if (!found.isDirectory())
      return [
        fault({
          finding: `${name} (${path}) is no folder.`,
          meaning,
          fix: `Move it away, or set ${name} to a folder.`,
        }),
      ];
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    // Root may do all, and the daemon that is not root may not.
    if (uid !== 0 || daemon === undefined || daemon === 0 || mayBeUsedBy(daemon, found)) return [];
    const finding = `${name} (${path}) belongs to user ${found.uid}, and user ${daemon}, whose the data folder is, may not write there.`;
    return [fault({finding, meaning, fix: give})];
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    // What lies in the data folder is made by the daemon; what does not may be a mount that is away.
    if (code === 'ENOENT' && path.startsWith(`${root}/`)) return [];
    if (code === 'ENOENT')
      return [
        fault({
          finding: `${name} (${path}) is not there.`,
          meaning,
          fix: `Mount its disk, make the folder, or set ${name} to another.`,
        }),
      ];
    if (code === 'EROFS')
      return [
        fault({
          finding: `${name} (${path}) is on a disk that is mounted read-only.`,
          meaning,
          fix: 'Mount it for writing; look into dmesg for why it is not.',
        }),
      ];
    if (code === 'EACCES' && uid !== 0 && daemon !== uid) return [notAllowed(path)];
    const words = code === 'EACCES' ? 'may not be read and written by this user' : `cannot be used (${code})`;
    return [fault({finding: `${name} (${path}) ${words}.`, meaning, fix: give})];
  }
}

/** As far as owner and mode tell: whose groups are whose is not asked. */
function mayBeUsedBy(user: number, {uid, mode}: Look): boolean {
  if (uid === user) return (mode & 0o700) === 0o700;
  return (mode & 0o070) === 0o070 || (mode & 0o007) === 0o007;
}

export const secrets: Check = {
  id: 'secrets',
  title: 'Secrets',
  looksAt: '.env.secrets and the files of the state folder, which hold the hashes of passwords and keys',
  async examine({root, box}) {
    const state = box.ok ? box.value.folders.state : null;
    const names = state === null ? [] : await readdir(state).catch(() => []);
    const kept = names
      .filter(name => /^(snapshot|journal)\.\d+$/.test(name))
      .map(name => join(state ?? '', name));
    const findings = await Promise.all([
      judgeSecret(join(root, '.env.secrets'), 0o027),
      ...kept.map(path => judgeSecret(path, 0o077)),
    ]);
    return orFine(findings.flat(), 'Nobody but their owner may read them, as far as there are any.');
  },
};

/** `open` are the bits that it must not have. A file that is not there gives nothing away. */
async function judgeSecret(path: string, open: number): Promise<readonly Finding[]> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isFile() || (found.mode & open) === 0) return [];
  return [
    fault({
      finding: `${path} has mode ${octal(found.mode & 0o777)}: other users of this machine may read or change it.`,
      meaning: 'Whoever reads it may get in as somebody else, or push messages in the name of the box.',
      fix: `Run: chmod 600 ${quoted(path)}`,
    }),
  ];
}
