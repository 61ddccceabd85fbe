/** The appliance as people have it: the real program, real films, real jails; and everything that may happen to it. */
import {once} from 'node:events';
import {lstat, readdir, readFile} from 'node:fs/promises';
import {request} from 'node:http';
import {dirname, join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import t, {type Test} from 'tap';
import {verifyAudit} from '../../appliance/audit/verify.ts';
import {digestOfFile} from '../../appliance/digest.ts';
import {ffmpeg, readerFilm, writeCues} from '../clips.ts';
import {NtfyServer} from '../ntfy-server.ts';
import {type TestBox, testBox, until} from './daemons.ts';

/** Nine seconds of film. */
function film(t: Test): Promise<string> {
  return readerFilm(join(t.testdir(), 'A film.mp4'));
}

/** With its words beside it, the film is a second or two of work. */
async function dropWithWords(box: TestBox, source: string): Promise<void> {
  const cues = await writeCues(dirname(source), 'A film.es.srt', 'es');
  await box.drop(cues);
  await box.drop(source);
}

async function digests(box: TestBox): Promise<Readonly<Record<string, string>>> {
  const folder = box.path('dubs/home');
  const names = (await readdir(folder)).filter(name => /\.(mkv|mp4|srt|vtt)$/.test(name)).toSorted();
  const found = await Promise.all(names.map(name => digestOfFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, found[i] ?? '']));
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function isClean(t: Test, box: TestBox): Promise<void> {
  const audit = await verifyAudit(box.path('audit'));
  t.ok(audit.ok, `the audit is whole: ${JSON.stringify(audit)}`);
}

t.test('a dropped film becomes a dub and a push, and the film is kept', async t => {
  const phone = new NtfyServer();
  await phone.start();
  t.teardown(() => phone.stop());
  const box = await testBox(t, {
    ...{NOTIFY_ON_JOB_DONE: '1', NTFY_BASE_URL: phone.url, NTFY_TOPIC: 'a-topic-of-this-test'},
  });
  await box.start();
  await box.drop(await film(t));
  const job = await box.jobIn('done', 'failed', 'set-aside');
  t.equal(job.state.is, 'done');
  t.equal(job.confinement?.isolation, 'jail', 'in a jail');
  for (const {path, bytes} of job.outputs) t.equal((await lstat(path ?? '')).size, bytes, path ?? '');
  t.same(
    (await readdir(box.path('dubs/home'))).toSorted(),
    ['.mkv', '.mp4', '.report.html', '.report.json', '.srt', '.vtt'].map(ending => `A film.es${ending}`),
  );
  t.same(await readdir(box.path('inbox/.done')), ['A film.mp4']);
  const timeline = await box.client.call('jobs.timeline', {params: {id: job.id}});
  t.ok(timeline.ok && timeline.value.entries.some(entry => entry.is === 'stage' && entry.stage === 'master'));
  await until('the push is there', async () => phone.messages.length > 0);
  t.match(phone.messages[0]?.title, /A film/);

  await box.drop(box.path('inbox/.done/A film.mp4'), 'again.mp4');
  await until('the second is refused', async () =>
    (await namesIn(box.path('inbox/.refused'))).includes('again.mp4.why.txt'),
  );
  t.match(await readFile(box.path('inbox/.refused/again.mp4.why.txt'), 'utf8'), new RegExp(job.id));
  t.equal((await box.jobs()).length, 1, 'and no second job');

  t.equal(await box.end('SIGTERM'), 0, 'ends as asked');
  t.notMatch(box.said, /fault|error/i);
  await isClean(t, box);
  t.same(await box.workers(), []);
});

t.test('killed again and again, it ends in the same bytes, and nobody works on unowned', async t => {
  const source = await film(t);
  const calm = await testBox(t);
  await calm.start();
  await dropWithWords(calm, source);
  const undisturbed = await calm.jobIn('done', 'failed');
  t.equal(undisturbed.state.is, 'done');
  const expected = await digests(calm);
  await calm.end('SIGTERM');

  const box = await testBox(t);
  const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 20);
  await box.start();
  await dropWithWords(box, source);
  for (let round = 0; round < rounds; round++) {
    await pause(Math.random() * 1500);
    await box.end('SIGKILL');
    await until('its job is gone', async () => (await box.workers()).length === 0);
    await box.start();
  }
  const job = await box.jobIn('done', 'failed', 'set-aside');
  t.equal(job.state.is, 'done');
  t.equal(job.lost, 0, 'a daemon that dies is not the job’s fault');
  t.same(await digests(box), expected);
  t.equal((await box.jobs()).length, 1);
  t.equal(await box.end('SIGTERM'), 0);
  await isClean(t, box);
});

t.test('a worker that is killed counts, and rests; asked for again it goes on', async t => {
  const box = await testBox(t);
  await box.start();
  await box.drop(await film(t));
  for (const lost of [1, 2]) {
    const {id} = await box.jobIn('running');
    process.kill(await pidOf(box, id), 'SIGKILL');
    await until('it is counted', async () => (await box.job(id)).lost === lost);
    await until('it says why it waits', async () => {
      const {state} = await box.job(id);
      return state.is === 'queued' && state.waits?.code === 'resting';
    });
  }
  const {id} = await box.jobIn('queued');
  t.ok((await box.client.call('jobs.cancel', {params: {id}})).ok);
  t.ok((await box.client.call('jobs.retry', {params: {id}})).ok);
  t.match(await box.jobIn('done', 'failed'), {lost: 0, state: {is: 'done'}});
});

async function pidOf(box: TestBox, id: string): Promise<number> {
  const status = await box.client.call('status', {});
  const pid = status.ok ? status.value.running.find(job => job.id === id)?.pid : undefined;
  if (pid === undefined) throw new Error('it runs without a process');
  return pid;
}

t.test('told to end in the middle, it rests and goes on uncounted', async t => {
  const box = await testBox(t);
  await box.start();
  await box.drop(await film(t));
  await box.jobIn('running');
  t.equal(await box.end('SIGTERM'), 0);
  t.same(await box.workers(), []);
  await box.start();
  const job = await box.jobIn('done', 'failed');
  t.match(job, {lost: 0, state: {is: 'done'}});
});

t.test('paused, resumed, cancelled and tried again', async t => {
  const box = await testBox(t);
  await box.start();
  await box.drop(await film(t));
  const {id} = await box.jobIn('running');
  t.ok((await box.client.call('jobs.pause', {params: {id}})).ok);
  await until('it rests', async () => (await box.job(id)).state.is === 'paused');
  t.same(await box.workers(), []);
  t.ok((await box.client.call('jobs.resume', {params: {id}})).ok);
  await box.jobIn('running');
  t.ok((await box.client.call('jobs.cancel', {params: {id}})).ok);
  await until('it is cancelled', async () => (await box.job(id)).state.is === 'cancelled');
  t.ok((await box.client.call('jobs.retry', {params: {id}})).ok);
  t.equal((await box.jobIn('done', 'failed')).state.is, 'done');
});

t.test('what cannot be dubbed comes back with the reason beside it', async t => {
  const box = await testBox(t, {MAX_VIDEO_MIN: '1'});
  await box.start();
  const folder = t.testdir({'no film.mp4': 'not a film at all', 'notes.docx': 'words'});
  const picture = ['-f', 'lavfi', '-i', 'color=s=64x48:r=1:d=90', '-f', 'lavfi', '-i', 'sine=d=90'];
  await ffmpeg(...picture, '-c:a', 'aac', join(folder, 'long.mp4'));
  for (const name of ['no film.mp4', 'notes.docx', 'long.mp4']) await box.drop(join(folder, name));
  const refused = box.path('inbox/.refused');
  await until('all are refused', async () => {
    const names = await namesIn(refused);
    return ['no film.mp4', 'notes.docx', 'long.mp4'].every(name => names.includes(`${name}.why.txt`));
  });
  const why = await readFile(join(refused, 'long.mp4.why.txt'), 'utf8');
  t.match(why, /long\.mp4 is 2 min long; 1 min are taken at most.*MAX_VIDEO_MIN/s);
  t.match(await readFile(join(refused, 'no film.mp4.why.txt'), 'utf8'), /no film\.mp4 is not a video/);
  t.same(
    (await readdir(box.path('inbox'))).filter(name => !name.startsWith('.')),
    [],
  );
});

t.test(
  'over the network whoever is not known gets probes answered; the rest is refused and audited',
  async t => {
    const box = await testBox(t);
    await box.start();
    const [, url = ''] = /web=(http:\S+)/.exec(box.said) ?? [];
    const asked = async (path: string, host: string): Promise<number> => {
      const {status} = await answerOf(`${url}${path}`, host);
      return status;
    };
    const {host} = new URL(url);
    t.equal(await asked('/healthz', host), 200);
    t.equal(await asked('/readyz', host), 200);
    for (const path of ['/api/status', '/api/jobs', '/metrics', '/api/openapi.json', '/api/jobs/events'])
      t.equal(await asked(path, host), 401, path);
    t.equal(await asked('/healthz', 'evil.example'), 421, 'a name that is not ours');
    t.equal(await asked('/healthz', 'evil.example'), 421);
    const second = await testBox(t, {PORT: new URL(url).port});
    t.same(await once(second.spawn(), 'exit'), [5, null]);
    t.match(second.said, /Another program listens on 127\.0\.0\.1 port \d+.*set PORT/s);
    t.equal(await box.end('SIGTERM'), 0);
    const [day = ''] = (await readdir(box.path('audit'))).filter(name => name.endsWith('.jsonl'));
    const denied = (await readFile(box.path('audit', day), 'utf8')).match(/remote\.denied/g);
    t.equal(denied?.length, 1, 'once a minute and address, so that nobody fills the disk by knocking');
  },
);

/** fetch would not say another Host. */
async function answerOf(url: string, host: string): Promise<{readonly status: number}> {
  const asking = request(url, {headers: {host}, agent: false}).end();
  const [response] = await once(asking, 'response');
  response.resume();
  return {status: response.statusCode ?? 0};
}

t.test('a second daemon on the same folder is turned away, a bad setting names itself', async t => {
  const box = await testBox(t);
  await box.start();
  const second = box.spawn();
  t.same(await once(second, 'exit'), [5, null]);
  t.match(box.said, /is in use by process \d+/);
  t.ok((await box.client.call('ready', {})).ok, 'the first goes on');

  const other = await testBox(t, {JOBS_RUNNING: 'many', INBOX_POLING: '1'});
  t.same(await once(other.spawn(), 'exit'), [2, null]);
  t.match(other.said, /JOBS_RUNNING.*many/);
  t.match(other.said, /INBOX_POLLING/, 'what was meant');
});
