/** What people give to a dub lies beside the job, for the job to read and not to write. */
import {readdir, rm, stat, writeFile} from 'node:fs/promises';
import t from 'tap';
import {noBrief} from '../../../appliance/brief.ts';
import {Wired} from '../wired.ts';

const turn = (start: number) => ({start, end: start + 1, speaker: 'Ana'});

t.test('changes come one after another, and are there after a restart', async t => {
  const wired = await Wired.at(t);
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  const {briefs} = wired.parts.box;
  t.strictSame(await briefs.read(id), noBrief);
  const all = Array.from({length: 20}, (_, i) => i);
  const answers = await Promise.all(
    all.map(i => briefs.change(id, brief => ({...brief, turns: [...(brief.turns ?? []), turn(i)]}))),
  );
  t.ok(answers.every(({ok}) => ok));
  t.strictSame((await briefs.read(id)).turns, all.map(turn), 'none is lost');
  const path = wired.path('jobs', id, 'brief.json');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.strictSame(
    (await readdir(wired.path('jobs', id))).filter(name => name.includes('brief')),
    ['brief.json'],
    'nothing is left beside it',
  );
});

t.test('a change that fails changes nothing, and the next one goes on', async t => {
  const wired = await Wired.at(t);
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  const {briefs} = wired.parts.box;
  const broken = briefs.change(id, () => {
    throw new Error('broken');
  });
  const next = briefs.change(id, brief => ({...brief, turns: [turn(1)]}));
  await t.rejects(broken, /broken/);
  t.match(await next, {ok: true});
  await writeFile(wired.path('jobs', id, 'brief.json'), '{"edits":');
  await t.rejects(
    briefs.change(id, () => noBrief),
    'one that cannot be read is not begun anew',
  );
});

t.test('nothing is given to a job in the trash, or to one whose folder is gone', async t => {
  const wired = await Wired.at(t);
  const {briefs} = wired.parts.box;
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  await rm(wired.path('jobs', id), {recursive: true});
  t.match(await briefs.change(id, brief => brief), {ok: false, why: {reason: 'not-now', wish: 'change'}});
  await wired.parts.box.wish(id, 'delete');
  t.match(await briefs.change(id, brief => brief), {ok: false, why: {reason: 'not-now', wish: 'change'}});
});
