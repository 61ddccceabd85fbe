/** Owns whether there is room where the box writes, by the numbers that the dispatcher goes by. Never frees any. */
import type {FolderName} from '../../appliance/config/folders.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {type Place, placeOf} from '../machine.ts';
import {diskFloorBytes} from '../queue/schedule.ts';
import {minimumFreeBytes} from '../setting.ts';
import {amount, type Check, fault, fine, ofBox, warning} from './check.ts';

/** A film of two hours has a few thousand steps, each with a record and its files. */
const fewInodes = 20_000;
/** A job of some minutes would not come to its end. */
const noInodes = 1_000;

const what: Readonly<Record<FolderName, string>> = {
  DATA_DIR: 'the data folder',
  OUTPUT_DIR: 'finished dubs',
  INBOX_DIR: 'the inbox',
};

export const disks: readonly Check[] = (['DATA_DIR', 'OUTPUT_DIR', 'INBOX_DIR'] as const).map(
  (name): Check => ({
    id: `disk-${name.slice(0, name.indexOf('_')).toLowerCase()}`,
    title: `Room for ${what[name]}`,
    looksAt: `bytes and inodes that are free on the disk of ${name}`,
    examine: ofBox(async ({settings}) => {
      const path = settings[name];
      const place = await placeOf(path);
      return judgeRoom({name, path, place, minimumBytes: minimumFreeBytes(settings)});
    }),
  }),
);

/** Pure. */
export function judgeRoom({
  name,
  path,
  place: {space},
  minimumBytes,
}: {
  readonly name: FolderName;
  readonly path: string;
  readonly place: Place;
  readonly minimumBytes: number;
}): readonly Finding[] {
  if (space.is === 'unknown')
    return [
      {
        is: 'skipped',
        finding: `${path} could not be asked (${space.why}); “Folders” says whether it should be there.`,
      },
    ];
  const {freeBytes, totalBytes, freeInodes} = space;
  const free = `${amount(freeBytes)} of ${amount(totalBytes)} are free in ${path}`;
  const findings: Finding[] = [];
  const leastBytes = minimumBytes + diskFloorBytes;
  if (freeBytes < leastBytes) {
    const told = {
      finding: `${free}.`,
      fix: `Free some space, or set DISK_FREE_MIN_GB (now ${minimumBytes / 1e9}) lower.`,
    };
    if (name === 'INBOX_DIR')
      findings.push(
        warning({
          ...told,
          meaning: 'Films that are copied into the inbox may not fit; what is there is dubbed.',
        }),
      );
    else
      findings.push(
        fault({
          ...told,
          meaning: `No job starts: ${amount(minimumBytes)} are kept free (DISK_FREE_MIN_GB), and the smallest job wants ${amount(diskFloorBytes)} beyond that.`,
        }),
      );
  }
  if (freeInodes !== null && freeInodes < fewInodes) {
    const told = {
      finding: `${freeInodes} inodes are left in ${path}.`,
      fix: 'Remove many small files from that disk, or make its file system anew with more inodes.',
    };
    findings.push(
      freeInodes < noInodes
        ? fault({...told, meaning: 'Files cannot be made although there is space: jobs fail.'})
        : warning({
            ...told,
            meaning: 'A long film makes thousands of files: its job may fail although there is space.',
          }),
    );
  }
  const inodes = freeInodes === null ? '' : `, and ${freeInodes} inodes`;
  return findings.length > 0 ? findings : [fine(`${free}${inodes}.`)];
}
