/** How long things are kept, what a sweep would take, and what it took: told as it is, and never made up. */
import t from 'tap';
import {RetentionShown} from '../../appliance/api/retention-rows.ts';
import {createLog} from '../../appliance/log.ts';
import {HomeRetention} from '../../supervisor/retention.ts';
import type {Rehearsal} from '../../supervisor/sweep/sweeper.ts';
import {noSums} from '../../supervisor/sweep/words.ts';
import type {SweepingState} from '../../supervisor/sweeping.ts';
import {until} from './home.ts';
import {Wired} from './wired.ts';

t.test('what is past its days is told before it goes, and what went afterwards', async t => {
  const wired = await Wired.at(t, {
    env: {TRASH_KEEP_DAYS: '0', UPLOADS_KEEP_DAYS: 'unlimited', LOGS_KEEP_DAYS: '90'},
  });
  const {box} = wired.parts;
  const shown = (): RetentionShown => RetentionShown.parse(box.retention.shown());
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  await until('it has left', () => wired.parts.dispatcher.size === 0);
  t.match(shown(), {next: null, running: false, waits: null, last: null, due: null});
  t.strictSame(shown().keeps, [
    {kind: 'uploads', days: null, setting: 'UPLOADS_KEEP_DAYS'},
    {kind: 'intermediates', days: 30, setting: 'INTERMEDIATES_KEEP_DAYS'},
    {kind: 'outputs', days: null, setting: 'OUTPUTS_KEEP_DAYS'},
    {kind: 'logs', days: 90, setting: 'LOGS_KEEP_DAYS'},
    {kind: 'deleted', days: 0, setting: 'TRASH_KEEP_DAYS'},
  ]);
  t.match(await box.retention.sweep(), {waits: /first look at the clock/, last: null});
  t.match(shown(), {due: {files: 0, bytes: 0}});
  await box.wish(id, 'delete');
  const swept = await box.retention.sweep();
  t.match(swept, {waits: null, last: {left: 0}, due: {files: 0, bytes: 0}});
  t.ok((swept.last?.files ?? 0) > 0 && (swept.last?.bytes ?? 0) > 0);
  await until('it is forgotten', () => box.job(id) === undefined);
  const [receipt] = await box.removals.list(1);
  t.match(receipt, {trigger: 'command', files: swept.last?.files});
  wired.parts.sweeping.start();
  t.ok((shown().next ?? 0) > Date.now() + 30_000);
  await wired.parts.sweeping.stop();
  t.equal(shown().next, null);
});

t.test('a rehearsal is held for five minutes, and one that fails tells nothing', async t => {
  let nowMs = 0;
  let rehearsed = 0;
  let answer: () => Rehearsal = () => ({
    ...{is: 'sweeps', first: []},
    sums: {...noSums, logs: {files: 3, bytes: 30}},
  });
  const state: SweepingState = {next: 5, running: false, doubt: null, last: null};
  const said: string[] = [];
  const {settings} = (await Wired.at(t)).parts.ground.config;
  const retention = new HomeRetention({
    ...{settings, steady: () => nowMs},
    sweeping: () => ({
      ...{state, sweep: async () => {}},
      rehearse: async () => {
        rehearsed += 1;
        return answer();
      },
    }),
    log: createLog({
      ...{level: 'info', transcripts: false, now: () => 0},
      places: [{write: line => said.push(line)}],
    }),
  });
  t.equal(retention.shown().due, null, 'nobody waits for it');
  await retention.rehearse();
  t.strictSame(retention.shown().due, {files: 3, bytes: 30});
  nowMs = 299_000;
  retention.shown();
  t.equal(rehearsed, 1);
  nowMs = 301_000;
  answer = () => {
    throw new Error('EIO');
  };
  t.strictSame(retention.shown().due, {files: 3, bytes: 30});
  await retention.rehearse();
  t.equal(rehearsed, 2);
  t.equal(retention.shown().due, null);
  t.match(said, [/not known/]);
  answer = () => ({is: 'waits', doubt: {is: 'first'}});
  await retention.rehearse();
  t.equal(retention.shown().due, null, 'the clock is in doubt');
});
