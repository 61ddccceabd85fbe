/** Owns how the inbox will be noticed: what file system it is on, and whether a watch can be set. Leaves no watch behind. */
import {watch} from 'node:fs';
import {stat} from 'node:fs/promises';
import type {Finding} from '../../appliance/doctor.ts';
import {groundOf, isSilent, type Mount} from '../inbox/mounts.ts';
import {type Box, type Check, codeOf, fine, isDenied, notAllowed, ofBox, warning} from './check.ts';

type Wanted = Pick<Box['settings'], 'INBOX_DIR' | 'INBOX_POLLING' | 'INBOX_RESCAN_SECONDS'>;

export const inbox: Check = {
  id: 'inbox',
  title: 'Inbox',
  looksAt: 'the file system that INBOX_DIR is on, and a watch that is set and taken away',
  examine: ofBox(async ({settings}) => {
    const {INBOX_DIR, DATA_DIR} = settings;
    try {
      const [{mount}, own, data] = await Promise.all([
        groundOf(INBOX_DIR),
        stat(INBOX_DIR),
        stat(DATA_DIR).catch(() => null),
      ]);
      const isNear = data === null || data.dev === own.dev;
      return judgeInbox({settings, mount, isNear, watchTrouble: watchTroubleOf(INBOX_DIR)});
    } catch (cause) {
      if (isDenied(cause)) return [notAllowed(INBOX_DIR)];
      if (codeOf(cause) === undefined) throw cause;
      return [
        {
          is: 'skipped',
          finding: `${INBOX_DIR} could not be looked at (${codeOf(cause)}); “Folders” says whether it should be there.`,
        },
      ];
    }
  }),
};

/** The system's word for it; null when it can be watched. */
function watchTroubleOf(folder: string): string | null {
  try {
    watch(folder, {persistent: false}).close();
    return null;
  } catch (cause) {
    return codeOf(cause) ?? String(cause);
  }
}

/** Pure. */
export function judgeInbox({
  settings: {INBOX_DIR, INBOX_POLLING: polling, INBOX_RESCAN_SECONDS: seconds},
  mount,
  isNear,
  watchTrouble,
}: {
  readonly settings: Wanted;
  readonly mount: Mount | undefined;
  /** On the file system of the data folder. */
  readonly isNear: boolean;
  readonly watchTrouble: string | null;
}): readonly Finding[] {
  const type = mount?.type ?? 'an unknown file system';
  const silent = mount !== undefined && isSilent(mount);
  if (silent && polling === '0')
    return [
      warning({
        finding: `${INBOX_DIR} is on ${type}, which tells nobody of changes, and INBOX_POLLING is 0.`,
        meaning: `A film that another machine puts there is noticed after up to ${seconds} s, or at dubstead inbox --rescan.`,
        fix: 'Set INBOX_POLLING=auto.',
      }),
    ];
  const polled = polling === '1' || silent;
  if (!polled && watchTrouble !== null)
    return [
      warning({
        finding: `${INBOX_DIR} cannot be watched: ${watchTrouble === 'ENOSPC' || watchTrouble === 'EMFILE' ? 'the system has no watches left' : `the system says ${watchTrouble}`}.`,
        meaning:
          'The daemon looks through the inbox again and again instead, which takes longer and costs more.',
        fix: 'Run as root: sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024',
      }),
    ];
  const how = polled ? 'is looked through again and again' : 'is watched';
  const move = isNear
    ? 'films are taken out of it by rename'
    : 'films are copied out of it, since DATA_DIR is on another disk';
  return [fine(`${INBOX_DIR} (${type}) ${how}, and ${move}.`)];
}
