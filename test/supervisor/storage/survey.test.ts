/** What fills the disks, held against what lies on them. */
import {link, mkdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {Filled, type FilledKind} from '../../../appliance/api/storage-rows.ts';
import {type JobId, JobId as JobIds} from '../../../appliance/job.ts';
import {kindOf, type SurveyGround, survey} from '../../../supervisor/storage/survey.ts';
import {dub, film, idOf, jobFiles, makeJob, write} from '../sweep/box.ts';

const {signal} = new AbortController();
const kept = JobIds.parse(idOf(1));
const deleted = JobIds.parse(idOf(2));
const isDeleted = (id: JobId): boolean => id === deleted;

const ground: SurveyGround = {dataDir: '/d', outputs: '/d/dubs', inbox: '/mnt/inbox', isDeleted};
const places: readonly [string, FilledKind][] = [
  [`jobs/${kept}/source/film.mkv`, 'uploads'],
  [`jobs/${kept}/poster.jpg`, 'uploads'],
  [`jobs/${kept}/out/film.es.mkv`, 'outputs'],
  [`jobs/${kept}/said`, 'outputs'],
  [`jobs/${kept}/out/.dubstead/film.es/objects/ab/cd`, 'intermediates'],
  [`jobs/${kept}/out/.dubstead/film.es/nodes/x.json`, 'other'],
  [`jobs/${kept}/claim.json`, 'other'],
  [`jobs/${kept}/log.ndjson`, 'logs'],
  [`jobs/${deleted}/source/film.mkv`, 'trash'],
  [`jobs/${deleted}/claim.json`, 'trash'],
  ['jobs/no id/x', 'other'],
  ['uploads/0123456789/part', 'uploads'],
  ['log/1.log', 'logs'],
  ['models/whisper/model.bin', 'models'],
  ['state/journal', 'other'],
  ['said.sieve', 'other'],
  ['dubs/ana/film.es.mkv', 'outputs'],
];

t.test('each file is of one kind, by where it lies', async t => {
  for (const [path, kind] of places) t.equal(kindOf(`/d/${path}`, ground), kind, path);
  t.equal(kindOf('/mnt/inbox/ana/film.mkv', ground), 'uploads');
});

t.test('all that lies there is counted, what has two names once, and what a link leads to never', async t => {
  const dir = t.testdir({outside: {huge: 'x'.repeat(5000)}, data: {dubs: {ana: {}}, uploads: {}}, inbox: {}});
  const dataDir = join(dir, 'data');
  await makeJob(dataDir, kept);
  await makeJob(dataDir, deleted);
  await link(join(dataDir, 'jobs', kept, 'out/film.es.mkv'), join(dataDir, 'dubs/ana/film.es.mkv'));
  await write(join(dataDir, 'dubs/ana/copied.mkv'), 'copied');
  await symlink(join(dir, 'outside'), join(dataDir, 'uploads/link'));
  await symlink(join(dir, 'outside/huge'), join(dataDir, 'uploads/file'));
  await write(join(dir, 'inbox/bob/film.mkv'), 'dropped');
  const found = await survey(
    {dataDir, outputs: join(dataDir, 'dubs'), inbox: join(dir, 'inbox'), isDeleted},
    {signal, restEvery: 5, restMs: 1},
  );
  t.ok(found.whole);
  const [filled = [], ...others] = found.disks.values();
  t.strictSame(others, [], 'one disk');
  for (const each of filled) Filled.parse(each);
  const of = (kind: FilledKind): Filled | undefined => filled.find(each => each.kind === kind);
  const textBytes = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => {
      const content = path.endsWith('.mp4') ? film : path.endsWith('.mkv') ? dub : path;
      return sum + Buffer.byteLength(content);
    }, 0);
  const uploads = textBytes(jobFiles.uploads) + 'dropped'.length;
  t.match(of('uploads'), {files: jobFiles.uploads.length + 1, bytes: uploads});
  const outputs = textBytes(jobFiles.outputs) + 'copied'.length;
  t.match(
    of('outputs'),
    {files: jobFiles.outputs.length + 1, bytes: outputs},
    'a dub on the shelf is one file',
  );
  t.match(of('logs'), {files: 2, bytes: textBytes(jobFiles.logs)});
  t.match(of('trash'), {files: Object.values(jobFiles).flat().length + 1});
  t.strictSame(
    filled.map(({bytes}) => bytes),
    filled.map(({bytes}) => bytes).toSorted((a, b) => b - a),
  );
});

t.test('it ends where it has seen enough, or is told to', async t => {
  const dataDir = t.testdir();
  await makeJob(dataDir, kept);
  const where = {dataDir, outputs: join(dataDir, 'dubs'), inbox: join(dataDir, 'inbox'), isDeleted};
  t.notOk((await survey(where, {signal, filesLimit: 3})).whole);
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await t.rejects(survey(where, {signal: stop.signal}), /enough/);
  await mkdir(join(dataDir, 'inbox'));
  t.ok((await survey(where, {signal})).whole, 'a folder that is not there is passed over');
});
