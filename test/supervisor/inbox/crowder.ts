/**
 * A process that takes whatever lies in an inbox until so many are queued or refused, and says how that went: for the
 * test of many files at once, whose memory is to be that of the inbox alone.
 *
 *   crowder.ts INBOX JOBS COUNT
 */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {Inbox} from '../../../supervisor/inbox/inbox.ts';
import {anna, newId, usual} from './house.ts';

const [inbox = '', jobs = '', count = ''] = process.argv.slice(2);
const ids = new Set<string>();
const steady = (): number => performance.now();
const megabytes = (): number => Math.round(process.memoryUsage().rss / 1e6);
const said = {
  refused: 0,
  faults: 0,
  withSidecar: 0,
  firstMs: 0,
  allMs: 0,
  beforeMb: 0,
  peakMb: 0,
  mostShown: 0,
};

const daemon = new Inbox(
  {inbox, jobs, owner: anna, options: usual, polling: 'never', stableMs: 1_000, rescanMs: 300_000},
  {
    ...{now: () => Date.now(), steady, newId, knows: () => true, room: () => null, has: id => ids.has(id)},
    submit: async ({id, sidecars}) => {
      if (sidecars.every(name => existsSync(join(jobs, id, 'source', name))))
        said.withSidecar += sidecars.length;
      said.firstMs ||= steady();
      ids.add(id);
      return {is: 'queued', job: id};
    },
    tell: ({is}) => {
      if (is === 'refused') said.refused++;
      if (is === 'fault') said.faults++;
    },
  },
);
await daemon.start();
said.beforeMb = megabytes();
process.stdout.write('started\n');
await new Promise(resolve => process.stdin.once('data', resolve));
const dropped = steady();
while (ids.size + said.refused < Number(count)) {
  said.peakMb = Math.max(said.peakMb, megabytes());
  said.mostShown = Math.max(said.mostShown, daemon.state().files.length);
  await wait(250);
}
// What was told last may still be on its way out of the list.
const isUnderWay = (): boolean => Object.values(daemon.state().counts).some(amount => amount > 0);
for (let looks = 0; isUnderWay() && looks < 40; looks++) await wait(250);
said.allMs = Math.round(steady() - dropped);
said.firstMs = Math.round(said.firstMs - dropped);
process.stdout.write(JSON.stringify({...said, queued: ids.size, state: daemon.state()}));
await daemon.stop();
process.stdin.destroy();
