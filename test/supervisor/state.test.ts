/** That a state of an older version is opened, with all that was in it. */
import {join} from 'node:path';
import t from 'tap';
import {z} from 'zod';
import type {Job} from '../../appliance/job.ts';
import {Store} from '../../appliance/store/store.ts';
import {BoxRow} from '../../supervisor/state.ts';
import {jobOf, states} from '../web/memory-box.ts';
import {openStore} from './home.ts';

const tell = (cause: Error): void => {
  throw cause;
};

const FirstJob = z.record(z.string(), z.json());

/** A job as the first version wrote it: without a card, and one that was deleted without what it had been. */
function firstOf(job: Job): z.infer<typeof FirstJob> {
  const {card: _, state, ...rest} = job;
  return FirstJob.parse({...rest, state: state.is === 'deleted' ? {is: state.is, at: state.at} : state});
}

t.test('jobs of version 1 have no card, and nothing else is another', async t => {
  const folder = join(t.testdir(), 'state');
  const jobs = states.map((state, i) => jobOf(i + 1, {state}));
  const first = await Store.open<{jobs: z.infer<typeof FirstJob>; box: BoxRow}>(folder, {
    ...{tables: {jobs: FirstJob, box: BoxRow}, version: 1, migrations: {}, tell},
  });
  await first.commit(draft => {
    for (const job of jobs) draft.put('jobs', job.id, firstOf(job));
    draft.put('box', 'box', {queue: 'paused'});
  });
  await first.stop();
  const store = await openStore(folder);
  t.teardown(() => store.stop());
  for (const job of jobs) t.strictSame(store.get('jobs', job.id), {...job, card: null}, job.state.is);
  t.equal(store.all('jobs').size, jobs.length);
  t.strictSame(store.get('box', 'box'), {queue: 'paused'});
});
