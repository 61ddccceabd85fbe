/**
 * A process that sweeps a data folder in which every job was deleted, for tests that kill it or fill its disk:
 * `sweeping.ts DIR` sweeps; `sweeping.ts DIR full` first makes a job and fills the disk to the last byte. In
 * `sweeping.ts DIR chosen` every job is done, and what a person may choose of them goes.
 */
import {appendFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Receipts} from '../../../supervisor/sweep/receipt.ts';
import {Sweeper} from '../../../supervisor/sweep/sweeper.ts';
import {after, choice, filesIn, idOf, jobIn, makeJob, never, oneByOne, write} from './box.ts';

const {signal} = new AbortController();
const [dataDir = '', how] = process.argv.slice(2);

if (how === 'full') {
  await new Receipts(dataDir).start();
  await makeJob(dataDir, idOf(1));
  await write(join(dataDir, 'jobs', idOf(1), 'out', 'large'), 'x'.repeat(300_000));
  await write(join(dataDir, 'receipts', 'clock.json'), JSON.stringify(after(0)));
  const filler = join(dataDir, 'filler');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) appendFileSync(filler, 'x'.repeat(size));
    } catch {
      // No more pieces of that size fit.
    }
  }
}

const sweeper = new Sweeper({
  dataDir,
  jobs: {get: id => jobIn(id, how === 'chosen' ? 'done' : 'deleted', dataDir), deleted: () => []},
  limits: never,
  clock: () => after(1.5),
  hold: () => ({[Symbol.dispose]() {}}),
  audit: async () => {},
  onEmptied: () => {},
});
if (how === 'chosen') {
  const {steps} = await sweeper.choose(choice, signal);
  await sweeper.carry(oneByOne(steps), signal);
  process.exit(0);
}
const swept = await sweeper.sweep('command', signal);
const reading: unknown = JSON.parse(await readFile(join(dataDir, 'receipts', 'clock.json'), 'utf8'));
const receipts = await sweeper.receipts.list(10);
process.stdout.write(JSON.stringify({swept, reading, receipts, left: await filesIn(join(dataDir, 'jobs'))}));
