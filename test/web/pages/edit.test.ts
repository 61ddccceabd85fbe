/** Editing the lines of a dub in a real browser, against the real box and its engines: from a film dropped in to the line heard anew. */
import {mkdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Page} from 'playwright-core';
import t from 'tap';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import type {JobId} from '../../../appliance/job.ts';
import {ffmpeg} from '../../clips.ts';
import {until} from '../../supervisor/home.ts';
import {axeFaultsInBoth} from '../axe.ts';
import {isSo, ready} from '../chromium.ts';
import {idOf} from '../memory-box.ts';
import {dubbed, filmIn, pagedBox} from './box.ts';

const pictures = process.env['DUBSTEAD_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
}

t.test('a line is put in other words, heard, dubbed again, and only what it needs is done', async t => {
  const {box, url, page, violations} = await pagedBox(t, {DUB_KEEP: 'work'});
  const job = await dubbed(t, box);
  await page.goto(`${url}/watch/${job.id}`);
  await ready(page);
  await page.getByRole('link', {name: 'Lines'}).click();
  await page.getByRole('heading', {name: 'Lines: film'}).waitFor();
  const lines = page.locator('.script > li');
  await lines.nth(1).waitFor();
  t.equal(await lines.count(), 2);
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  await lines.nth(0).getByRole('button').first().click();
  const says = page.getByLabel('The dub says');
  await says.fill('No era malo.');
  await page.getByText('1 not saved').waitFor();
  await picture(page, 'edit-open');
  await page.getByRole('button', {name: 'Play it'}).click();
  await isSo(page, 'document.querySelector("video").currentTime > 0');
  const [said] = await Promise.all([
    page.waitForResponse(response => response.url().endsWith('/lines/preview')),
    page.getByRole('button', {name: 'Hear the words'}).click(),
  ]);
  const wav = Buffer.from((await said.json()).wav, 'base64');
  t.equal(wav.toString('latin1', 0, 4), 'RIFF');
  t.ok(wav.length > 20_000, `${wav.length} bytes of sound`);
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await page.getByText('1 not dubbed yet').waitFor();
  t.match(JSON.parse(await readFile(box.path('jobs', job.id, 'brief.json'), 'utf8')), {
    edits: [{becomes: [{translation: 'No era malo.'}], by: 'ann'}],
  });
  const before = (await box.client.call('jobs.timeline', {params: {id: job.id}})) as {
    value: {entries: unknown[]};
  };
  await page.getByRole('button', {name: 'Dub again'}).click();
  await page.getByText('1 not dubbed yet').waitFor({state: 'detached', timeout: 120_000});
  await page.locator('.script').getByText('changed').waitFor({timeout: 60_000});
  const after = await box.client.call('jobs.timeline', {params: {id: job.id}});
  if (!after.ok) throw new Error('no timeline');
  const since = after.value.entries.slice(before.value.entries.length);
  const ran = since.flatMap(entry => (entry.is === 'stage' && entry.how !== 'reused' ? [entry.node] : []));
  t.same(
    ran.filter(node => /^(synthesize|conform)@/.test(node)),
    ['synthesize@0.0', 'conform@0.0'],
    String(ran),
  );
  t.notOk(
    ran.some(node => /^(probe|demux|detect|diarize|segment|translate|picture)/.test(node)),
    String(ran),
  );
  const done = await box.job(job.id);
  const srt = done.outputs.find(({name}) => name.endsWith('.es.srt'));
  t.match(await readFile(srt?.path ?? '', 'utf8'), 'No era malo.');
  t.equal(await page.locator('.savebar').count(), 0, 'nothing is left to do');
  await picture(page, 'edit-dubbed');
  await page.goto(`${url}/quality/${job.id}`);
  await page.getByRole('heading', {name: 'Loudness of the dub'}).waitFor();
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  await picture(page, 'quality');
  t.strictSame(violations, []);
});

t.test('an opening keeps the sound of the film, and words that are kept are somebody’s', async t => {
  const {box, url, page, violations} = await pagedBox(t, {DUB_KEEP: 'work'});
  const job = await dubbed(t, box);
  await page.goto(`${url}/edit/${job.id}`);
  await ready(page);
  const lines = page.locator('.script > li');
  await lines.nth(1).waitFor();
  await page.locator('summary').filter({hasText: 'Songs, opening, ending'}).click();
  await page.getByRole('button', {name: 'Mark one from where the film is'}).click();
  await page.getByLabel('What 1 is').selectOption('opening');
  await page.getByLabel('To (seconds)', {exact: true}).fill('4.2');
  await page.getByLabel('To (seconds)', {exact: true}).press('Tab');
  await lines.nth(1).getByRole('button').first().click();
  await page.getByRole('button', {name: 'Keep these words'}).click();
  await page.getByText('2 not saved').waitFor();
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  t.strictSame(await axeFaultsInBoth(page), []);
  await picture(page, 'edit-passages');
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await page.getByText('not dubbed yet').first().waitFor();
  t.match(JSON.parse(await readFile(box.path('jobs', job.id, 'brief.json'), 'utf8')), {
    passages: {list: [{kind: 'opening', start: 0, end: 4.2}], by: 'ann'},
    edits: [{by: 'ann'}],
  });
  await page.getByRole('button', {name: 'Dub again'}).click();
  await page.locator('.savebar').waitFor({state: 'detached', timeout: 120_000});
  const again = await box.job(job.id);
  const report = again.outputs.find(({name}) => name.endsWith('.report.json'))?.path ?? '';
  const {lines: dubbedLines} = JSON.parse(await readFile(report, 'utf8'));
  t.match(dubbedLines, [
    {sound: 'original', why: 'it lies in the opening', edited: false},
    {sound: 'dub', edited: true},
  ]);
  t.strictSame(violations, []);
});

t.test('lines are cut, joined, moved and silenced; two people at once lose nothing', async t => {
  const {box, url, page, context, violations} = await pagedBox(t);
  const job = await dubbed(t, box);
  const other = await context.newPage();
  for (const each of [page, other]) {
    await each.goto(`${url}/edit/${job.id}`);
    await ready(each);
    await each.locator('.script > li').nth(1).waitFor();
  }
  const first = page.locator('.script > li').nth(0);
  await first.getByRole('button').first().click();
  const says = page.getByLabel('The dub says');
  const words = await says.first().inputValue();
  await says
    .first()
    .evaluate((area: {setSelectionRange(from: number, to: number): void}) => area.setSelectionRange(8, 8));
  await page.getByRole('button', {name: 'Cut here'}).click();
  t.equal(await says.count(), 2, 'one line became two');
  t.equal(
    `${await says.nth(0).inputValue()}${await says.nth(1).inputValue()}`.replaceAll(' ', ''),
    words.replaceAll(' ', ''),
  );
  await page.getByRole('button', {name: 'Join with the next'}).first().click();
  t.equal(await says.count(), 1);
  await page.getByLabel('Begins at (seconds): later').click();
  await page.getByLabel('Sound').selectOption({label: 'Silent'});
  await picture(page, 'edit-muted');
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await page.getByText('1 not dubbed yet').waitFor();
  // The other has not seen any of that.
  const theirs = other.locator('.script > li').nth(0);
  await theirs.getByRole('button').first().click();
  await other.getByLabel('The dub says').fill('Algo muy distinto.');
  await other.getByRole('button', {name: 'Save', exact: true}).click();
  await other.getByRole('alert').filter({hasText: 'ann changed some of these lines'}).waitFor();
  t.equal(
    await other.getByLabel('The dub says').inputValue(),
    'Algo muy distinto.',
    'what was typed is there still',
  );
  await picture(other, 'edit-conflict');
  await other.getByRole('button', {name: 'Keep mine'}).click();
  await other.getByText('1 not dubbed yet').waitFor();
  const brief = JSON.parse(await readFile(box.path('jobs', job.id, 'brief.json'), 'utf8'));
  t.match(brief, {revision: 2, edits: [{becomes: [{translation: 'Algo muy distinto.', sound: 'dub'}]}]});
  await other.getByRole('button', {name: 'As it was'}).click();
  await other.getByRole('button', {name: 'Save', exact: true}).click();
  await other.locator('.savebar').waitFor({state: 'detached'});
  t.match(JSON.parse(await readFile(box.path('jobs', job.id, 'brief.json'), 'utf8')), {
    edits: [{becomes: null, by: 'ann'}],
  });
  t.strictSame(violations, []);
});

t.test('speakers get names and voices, the dub has them, and the next episode finds them again', async t => {
  const film = await filmIn(t);
  const {box, url, page, violations} = await pagedBox(t, {DUB_KEEP: 'work'});
  const dropped = async (name: string, path: string) => {
    await box.drop(path, `ann/${name}.mp4`);
    await box.drop(film.replace('.mp4', '.en.srt'), `ann/${name}.en.srt`);
    let job: JobLine | undefined;
    await until(`${name} is dubbed`, async () => {
      job = (await box.jobs()).find(({title, state}) => title.startsWith(name) && state.is === 'done');
      return job !== undefined;
    });
    return box.job(job?.id ?? idOf(0));
  };
  const reportOf = async (id: JobId) => {
    const job = await box.job(id);
    const path = job.outputs.find(({name}) => name.endsWith('.report.json'))?.path ?? '';
    return JSON.parse(await readFile(path, 'utf8'));
  };
  const first = await dropped('Show S01E01', film);
  await page.goto(`${url}/edit/${first.id}`);
  await ready(page);
  await page.locator('summary').filter({hasText: 'Speakers'}).click();
  await page.getByLabel('Name of S1').fill('Anna');
  const voice = page.getByLabel('Voice of Anna');
  await voice.selectOption({label: 'Annie'});
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  for (const field of [page.getByLabel('Name of S1'), voice, page.getByRole('button', {name: 'Hear Anna'})])
    t.ok(((await field.boundingBox())?.height ?? 0) >= 44, 'big enough for a thumb');
  const [said] = await Promise.all([
    page.waitForResponse(response => response.url().endsWith('/lines/preview')),
    page.getByRole('button', {name: 'Hear Anna'}).click(),
  ]);
  t.match(JSON.parse(said.request().postData() ?? ''), {speaker: 'S1', voice: 'espeak-ng:Annie'});
  t.ok(Buffer.from((await said.json()).wav, 'base64').length > 20_000);
  await page.getByLabel('Remember for the series Show').check();
  await page.locator('.script > li').nth(0).getByRole('button').first().click();
  await page.getByLabel('The dub says').fill('No era malo.');
  t.match(await page.getByLabel('Speaker').locator('option').allTextContents(), ['Anna', 'Somebody else…']);
  await picture(page, 'edit-speakers');
  t.strictSame(await axeFaultsInBoth(page), []);
  await page.getByText('2 not saved').waitFor();
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await page.getByText('The series remembers the voices of Anna.').waitFor();
  await page.getByText('2 not dubbed yet').waitFor();
  t.match(JSON.parse(await readFile(box.path('jobs', first.id, 'brief.json'), 'utf8')), {
    revision: 2,
    speakers: [{speaker: 'S1', name: 'Anna', voice: 'espeak-ng:Annie', by: 'ann'}],
  });
  await page.getByRole('button', {name: 'Dub again'}).click();
  await page.locator('.savebar').waitFor({state: 'detached', timeout: 120_000});
  t.match(await reportOf(first.id), {
    voices: [{speaker: 'S1', voice: 'es+Annie'}],
    lines: [{speaker: 'S1', translation: 'No era malo.'}, {}],
  });
  const next = film.replace('film.mp4', 'next.mp4');
  await ffmpeg('-i', film, '-c', 'copy', '-metadata', 'title=next', next);
  const second = await dropped('Show S01E02', next);
  await page.goto(`${url}/edit/${second.id}`);
  await ready(page);
  await page.locator('summary').filter({hasText: 'Speakers'}).click();
  await page.getByLabel('Name of S1').fill('anna');
  await page
    .getByLabel('Voice of anna')
    .locator('option')
    .filter({hasText: 'As in the series: Annie'})
    .waitFor({state: 'attached'});
  const other = {speaker: 'S1', name: 'Hannah', voice: null};
  const theirs = {params: {id: second.id}, body: {since: 0, speakers: [other]}};
  t.match(await box.client.call('speakers.save', theirs), {ok: true, value: {revision: 1}});
  await page.getByRole('button', {name: 'Save', exact: true}).click();
  await page.getByRole('alert').filter({hasText: 'S1 is “Hannah”'}).waitFor();
  t.equal(await page.getByLabel('Name of S1').inputValue(), 'anna', 'what was typed is there still');
  await page.getByRole('button', {name: 'Keep mine'}).click();
  await page.getByText('1 not dubbed yet').waitFor();
  await page.getByRole('button', {name: 'Dub again'}).click();
  await page.locator('.savebar').waitFor({state: 'detached', timeout: 120_000});
  t.match(await reportOf(second.id), {
    voices: [{voice: 'es+Annie'}],
    speakers: [{name: 'anna', chosen: 'espeak-ng:Annie'}],
  });
  t.strictSame(violations, []);
});
