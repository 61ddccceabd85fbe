/** Owns whether what the box keeps can be read and is whole: its state, and the chain of its audit. Never opens either for writing. */
import {type AuditFault, describePlace, verifyAudit} from '../../appliance/audit/verify.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {lookAtState} from '../../appliance/store/read.ts';
import {describe, StoreTrouble} from '../../appliance/store/trouble.ts';
import {tables, version} from '../state.ts';
import {type Check, fault, fine, isDenied, notAllowed, ofBox, warning} from './check.ts';

export const state: Check = {
  id: 'state',
  title: 'Store',
  looksAt: 'the snapshot and the journals in the state folder, row by row',
  examine: ofBox(async ({folders: {state: folder}}) => {
    try {
      const found = await lookAtState(folder, {tables, version});
      if (found === undefined) return [fine(`There is no state in ${folder} yet; the first start makes it.`)];
      const rows = [...found.state.tables.values()].reduce((sum, {size}) => sum + size, 0);
      const older = found.version ?? version;
      const torn =
        found.tornBytes > 0
          ? ` A write that a crash cut off (${found.tornBytes} bytes, never acknowledged) is taken away at the next start.`
          : '';
      const brought = older < version ? ` The next start brings it from version ${older} to ${version}.` : '';
      return [fine(`${rows} rows are whole, after ${found.state.seq} writes.${brought}${torn}`)];
    } catch (cause) {
      if (!(cause instanceof StoreTrouble)) throw cause;
      if (isDenied(cause.cause)) return [notAllowed(folder)];
      const {what, fix} = describe(cause.trouble);
      return [
        fault({
          finding: what,
          meaning: 'The daemon does not start. One that runs goes on with what it has in memory.',
          fix: `Stop the daemon first where one runs. ${fix}`,
        }),
      ];
    }
  }),
};

export const audit: Check = {
  id: 'audit',
  title: 'Audit',
  looksAt: 'every line of the audit folder and the hash that ties it to the one before',
  examine: ofBox(async ({folders: {audit: folder}, daemon}) => {
    try {
      let found = await verifyAudit(folder);
      const isUp = (await daemon()).ok;
      // A line may be seen while it is written: it has its end when it is looked for again.
      for (let left = 3; !found.ok && isUp && mayBePassing(found.why) && left > 0; left--)
        found = await verifyAudit(folder);
      if (!found.ok) return [judgeAudit(found.why)];
      const {lines, days, last} = found.value;
      if (lines === 0) return [fine('Nothing was recorded yet.')];
      return [
        fine(
          `${lines} lines of ${days} days are as they were written; the last one is number ${last.seq} with hash ${last.hash}.`,
        ),
      ];
    } catch (cause) {
      if (isDenied(cause)) return [notAllowed(folder)];
      throw cause;
    }
  }),
};

function mayBePassing({what}: AuditFault): boolean {
  return what === 'cut' || what === 'cut-tail' || what === 'bad-head';
}

/** Pure. */
export function judgeAudit(found: AuditFault): Finding {
  const finding = `${describePlace(found)}: ${found.detail}.`;
  if (found.what === 'cut')
    return warning({
      finding,
      meaning: 'A crash cut the line that was being written; all before it are whole.',
      fix: 'Start the daemon: it cuts the rest off and records that.',
    });
  if (found.what === 'bad-head')
    return warning({
      finding,
      meaning: 'Lines that are missing from the end would not be seen.',
      fix: 'Start the daemon: it writes that file anew.',
    });
  return fault({
    finding,
    meaning:
      'What was recorded is not what is there: somebody or the disk changed it, and what it says of that time cannot be relied on.',
    fix: 'Compare the file with a backup. Nothing repairs it: the daemon goes on recording after it.',
  });
}
