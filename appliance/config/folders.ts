/** Owns where the folders of the box may lie in one another, with every link followed. Never makes one. */
import {readlink, realpath} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import type {ConfigFault, Origin} from './fault.ts';
import {type SettingName, type Settings, settingOf} from './settings.ts';

export interface Judged {
  readonly settings: Settings;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** Where the folders are when every link on the way is followed. */
  readonly real: Readonly<Record<FolderName, string>>;
  /** Of MEDIA_DIRS, in the same order. */
  readonly realMedia: readonly string[];
}

export const folderNames = ['DATA_DIR', 'INBOX_DIR', 'OUTPUT_DIR'] as const;
export type FolderName = (typeof folderNames)[number];

export async function realFolders(settings: Settings): Promise<Judged['real']> {
  return {
    DATA_DIR: await realFolder(settings.DATA_DIR),
    INBOX_DIR: await realFolder(settings.INBOX_DIR),
    OUTPUT_DIR: await realFolder(settings.OUTPUT_DIR),
  };
}

export function realMedia({MEDIA_DIRS}: Settings): Promise<readonly string[]> {
  return Promise.all((MEDIA_DIRS ?? []).map(folder => realFolder(folder)));
}

/**
 * The folder with links followed, as far as it is there; also through a link to a place that is still to be made. What
 * may not be looked into is taken as it is written.
 */
export async function realFolder(path: string, linksLeft = 40): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!isMissing || path === '/' || linksLeft === 0) return path;
  }
  const parent = await realFolder(dirname(path), linksLeft);
  const here = join(parent, basename(path));
  const target = await readlink(here).catch(() => undefined);
  return target === undefined ? here : realFolder(resolve(parent, target), linksLeft - 1);
}

/** What the daemon keeps for itself in DATA_DIR. */
const own = ['jobs', 'uploads', 'state', 'audit', 'log', 'run'];

export function folderFaults(judged: Judged): readonly ConfigFault[] {
  const {real, origins} = judged;
  const {DATA_DIR, INBOX_DIR, OUTPUT_DIR} = real;
  const faults: ConfigFault[] = [];
  const inInbox = {outer: 'INBOX_DIR', outerPath: judged.settings.INBOX_DIR};
  const isDataInInbox = isInside(DATA_DIR, INBOX_DIR);
  if (isDataInInbox)
    faults.push(lying('DATA_DIR', {...inInbox, why: 'its own files would be taken for films'}, judged));
  // Where it lies in DATA_DIR by default, that has been said.
  if (isInside(OUTPUT_DIR, INBOX_DIR) && !(isDataInInbox && origins.OUTPUT_DIR.is === 'default'))
    faults.push(lying('OUTPUT_DIR', {...inInbox, why: 'finished dubs would be dubbed again'}, judged));
  for (const name of ['INBOX_DIR', 'OUTPUT_DIR'] as const) {
    const part = own.find(folder => isInside(real[name], join(DATA_DIR, folder)));
    if (part === undefined && !(name === 'OUTPUT_DIR' && OUTPUT_DIR === DATA_DIR)) continue;
    const outer = part === undefined ? 'DATA_DIR' : `${part} of DATA_DIR`;
    const outerPath = join(judged.settings.DATA_DIR, part ?? '');
    faults.push(lying(name, {outer, outerPath, why: 'that is for the files of Dubstead itself'}, judged));
  }
  return faults;
}

function lying(name: FolderName, where: Lying, {settings, origins}: Judged): ConfigFault {
  return {is: 'inside', name, path: settings[name], origin: origins[name], ...where};
}

/** Whoever looks through a folder of films must not come upon what is not theirs to see, nor take the box's films twice. */
export function mediaFaults({settings, origins, real, realMedia}: Judged): readonly ConfigFault[] {
  const name = 'MEDIA_DIRS';
  const origin = origins[name];
  const why = 'what lies there belongs to single people';
  return realMedia.flatMap((media, i): readonly ConfigFault[] => {
    const path = settings.MEDIA_DIRS?.[i] ?? media;
    if (media === '/')
      return [{is: 'bad-value', name, origin, seen: path, allowed: settingOf(name).kind.allowed}];
    const own = folderNames.find(each => isInside(media, real[each]));
    if (own !== undefined)
      return [{is: 'inside', name, path, origin, outer: own, outerPath: settings[own], why}];
    const held = folderNames.find(each => isInside(real[each], media));
    return held === undefined
      ? []
      : [
          {
            ...{is: 'inside', name: held, path: settings[held], origin: origins[held]},
            ...{outer: name, outerPath: path, why},
          },
        ];
  });
}

interface Lying {
  readonly outer: string;
  readonly outerPath: string;
  readonly why: string;
}

function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}

/** What a socket's address holds besides the zero at its end (sun_path in unix(7)). */
const socketPathLimitBytes = 107;

export function socketFaults({settings, origins}: Judged): readonly ConfigFault[] {
  const bytes = Buffer.byteLength(join(settings.DATA_DIR, 'run/control.sock'));
  if (bytes <= socketPathLimitBytes) return [];
  const name = 'DATA_DIR';
  return [{is: 'too-long', name, origin: origins[name], bytes, limitBytes: socketPathLimitBytes}];
}
