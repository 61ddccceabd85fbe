/** Watching a film while it is being dubbed: the real box, its engines, a real player; and what becomes of it when the dub is done. */
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t from 'tap';
import {ffmpeg} from '../../clips.ts';
import {isSo, ready} from '../chromium.ts';
import {pagedBox} from './box.ts';

const sample = new URL('../../../media/sample.mp4', import.meta.url).pathname;

t.test('a film is watched with its dub before that is done, and goes on when it is', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'growing-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const film = join(folder, 'film.mp4');
  await ffmpeg('-stream_loop', '1', '-i', sample, '-c', 'copy', '-t', '120', film);
  const {box, url, page, violations} = await pagedBox(t);
  const asked: string[] = [];
  page.on('requestfinished', request => asked.push(new URL(request.url()).pathname));
  await box.drop(film, 'ann/film.mp4');
  const {id} = await box.jobIn('running');
  await page.goto(`${url}/watch/${id}`);
  await ready(page);
  t.equal(await page.locator('video').count(), 0, 'nobody has asked for it');
  await page.getByRole('button', {name: 'Watch it already'}).click();
  await page.getByText('Dubbed as far as').waitFor({timeout: 60_000});
  await page.evaluate('document.querySelector("video").muted = true');
  await page.evaluate('document.querySelector("video").play()');
  await isSo(page, 'document.querySelector("video").currentTime > 1.5');
  t.equal((await box.job(id)).state.is, 'running', 'the job still runs');
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  const sounds = page.getByLabel('Sound');
  t.match(await sounds.locator('option').allTextContents(), ['Español', /original/]);
  t.ok(asked.includes(`/files/${id}/hls/growing-dub-00000.m4s`), 'the dub is what is heard');
  const first = await page.evaluate('document.querySelector("video").buffered.start(0)');
  t.ok(Number(first) < 0.05, `sound and picture begin together, at ${first}`);
  t.ok((await box.client.call('jobs.preview', {params: {id}})).ok);
  const done = await box.jobIn('done', 'failed');
  t.equal(done.state.is, 'done', JSON.stringify(done.state));
  const at = Number(await page.evaluate('document.querySelector("video").currentTime'));
  await page.getByText('Download').waitFor({timeout: 60_000});
  await isSo(page, `document.querySelector("video").currentTime > ${at + 1}`);
  const playing = String(await page.evaluate('document.querySelector("video").currentSrc'));
  t.match(new URL(playing).pathname, new RegExp(`^/files/${id}/`), 'the finished film took its place');
  t.notOk(
    await readdir(box.path('jobs', id, 'out', '.dubstead', 'preview')).catch(() => null),
    'nothing of it is left',
  );
  const late = await box.client.call('jobs.preview', {params: {id}});
  t.match(late, {ok: false, why: {problem: {code: 'not-running'}}}, JSON.stringify(late));
  await page.goto(`${url}/add`);
  await ready(page);
  await page.locator('input[type=file]').first().setInputFiles(film);
  await page.getByText('The box works on it for about').waitFor();
  await page.getByLabel('Into').selectOption('ja');
  await page.getByText('No engine here translates into Japanese').waitFor();
  await page.getByLabel('Into').selectOption('es');
  await page.getByText('No engine here').waitFor({state: 'detached'});
  const engines = await box.client.call('engines.list', {});
  t.ok(
    engines.ok && engines.value.engines.some(({name, ready}) => name === 'espeak-ng' && ready),
    'asked in its jail',
  );
  t.same(violations, []);
});
