/** An upload that is whole becomes one job, once, with its subtitles; what is not whole or not what was said does not. */
import {readdir, readFile, stat} from 'node:fs/promises';
import t from 'tap';
import type {UploadId} from '../../../appliance/upload.ts';
import {anna, ben} from '../home.ts';
import {appendAsk, beginAsk, begun, completeAsk, type Desk, deskFor, filmOf, sha256} from './desk.ts';

const bytes = 100_000;

async function whole({uploads}: Desk, seed = 1, name = 'film.mkv', owner = anna): Promise<UploadId> {
  const isFilm = name.endsWith('.mkv');
  const data = isFilm ? filmOf(bytes, seed) : Buffer.from(`words ${seed}`);
  const id = await begun(uploads, beginAsk(data.length, {name, owner}));
  const appended = await uploads.append({...appendAsk(id, data), owner});
  if (!appended.ok) throw new Error(JSON.stringify(appended.why));
  return id;
}

t.test('it moves into the job, under its cleaned name, with its subtitles beside it', async t => {
  const desk = await deskFor(t);
  const film = await whole(desk, 1, 'My\u202e film\u0007.mkv');
  const words = await whole(desk, 2, 'english.en.srt');
  const more = await whole(desk, 3, 'My film.es.vtt');
  const ask = completeAsk(film, {sidecars: [words, more], options: {to: 'es', hls: true}, priority: 3});
  const answer = await desk.uploads.complete(ask);
  if (!answer.ok) throw new Error(JSON.stringify(answer.why));
  const {made, job} = answer.value;
  t.ok(made);
  t.match(job, {
    ...{owner: anna, via: 'upload', priority: 3, options: {hls: true}},
    source: {name: 'My film.mkv', bytes, digest: sha256(filmOf(bytes))},
  });
  const names = ['My film.en.srt', 'My film.es.vtt', 'My film.mkv'];
  t.strictSame((await readdir(desk.home.path(job.id, 'source'))).toSorted(), names);
  t.strictSame(job.sidecars.toSorted(), names.slice(0, 2));
  const found = await stat(desk.home.path(job.id, 'source/My film.mkv'));
  t.equal(found.mode & 0o777, 0o600);
  t.equal(found.nlink, 1, 'moved, not copied');
  t.ok((await readFile(desk.home.path(job.id, 'source/My film.mkv'))).equals(filmOf(bytes)));
  t.strictSame(await readdir(desk.home.folders.uploads), []);
  t.strictSame(desk.uploads.open(anna), [], 'none of them is open any more');
});

t.test('asked again it is the same job, also by the next daemon and under the same key', async t => {
  const desk = await deskFor(t);
  const id = await whole(desk);
  const first = await desk.uploads.complete(completeAsk(id, {key: 'k1'}));
  const job = first.ok ? first.value.job.id : undefined;
  const again = await desk.again();
  for (const uploads of [desk.uploads, again]) {
    for (const key of [null, 'k1'])
      t.match(await uploads.complete(completeAsk(id, {key})), {
        ok: true,
        value: {made: false, job: {id: job}},
      });
    t.match(await uploads.complete(completeAsk(id, {key: 'k2'})), {why: {reason: 'completed', job}});
  }
  t.match(await desk.uploads.look({owner: anna, id}), {value: {offset: bytes, length: bytes}});
  const other = await whole(desk, 7);
  t.match(await desk.uploads.complete(completeAsk(other, {key: 'k1'})), {
    value: {made: false, job: {id: job}},
  });
  const bens = await whole(desk, 8, 'film.mkv', ben);
  t.match(
    await desk.uploads.complete(completeAsk(bens, {key: 'k1', owner: ben})),
    {value: {made: true}},
    'the key of somebody else is another key',
  );
});

t.test('ten that ask at once get one job', async t => {
  const desk = await deskFor(t);
  const id = await whole(desk);
  const answers = await Promise.all(Array.from({length: 10}, () => desk.uploads.complete(completeAsk(id))));
  t.equal(answers.filter(answer => answer.ok && answer.value.made).length, 1);
  t.ok(answers.every(({ok}) => ok));
  t.equal(desk.home.store.all('jobs').size, 1);
});

t.test('a film that is a job already is that job, and its upload is gone', async t => {
  const desk = await deskFor(t);
  const made: (boolean | undefined)[] = [];
  for (const id of [await whole(desk), await whole(desk)]) {
    const answer = await desk.uploads.complete(completeAsk(id));
    made.push(answer.ok ? answer.value.made : undefined);
  }
  t.strictSame(made, [true, false]);
  t.equal((await readdir(desk.home.folders.jobs)).length, 1);
  t.strictSame(await readdir(desk.home.folders.uploads), []);
});

t.test('what is not whole, not what was announced, or no film is refused with the reason', async t => {
  const desk = await deskFor(t);
  const {uploads} = desk;
  const part = await begun(uploads, beginAsk(bytes));
  await uploads.append(appendAsk(part, filmOf(bytes).subarray(0, 500)));
  const not = {reason: 'not-whole', offset: 500, length: bytes};
  t.match(await uploads.complete(completeAsk(part)), {why: not});
  t.equal(await desk.bytesOf(part), 500, 'and can be gone on with');

  const wrong = await begun(uploads, beginAsk(bytes, {digest: sha256(Buffer.from('else'))}));
  await uploads.append(appendAsk(wrong, filmOf(bytes)));
  const found = sha256(filmOf(bytes));
  t.match(await uploads.complete(completeAsk(wrong)), {why: {reason: 'wrong-digest', found}});
  t.equal(await desk.bytesOf(wrong), undefined, 'nothing could make it right');
  t.match(desk.audited, [{action: 'upload.rejected', object: wrong, details: {why: 'wrong-digest'}}]);

  const right = await begun(uploads, beginAsk(bytes, {digest: found}));
  await uploads.append(appendAsk(right, filmOf(bytes)));
  const words = await whole(desk, 1, 'a.srt');
  t.match(await uploads.complete(completeAsk(words)), {why: {reason: 'no-film', name: 'a.srt'}});
  const bens = await whole(desk, 1, 'b.srt', ben);
  const nobodys = '00000000000000000000' as UploadId;
  for (const id of [part, bens, nobodys])
    t.match(await uploads.complete(completeAsk(right, {sidecars: [id]})), {why: {reason: 'bad-sidecar', id}});
  t.ok((await uploads.complete(completeAsk(right))).ok, 'it is there still');
});

t.test('a no of the queue, and a box that comes to rest, leave the upload as it is', async t => {
  const desk = await deskFor(t, {}, {caps: {queuedPerUser: 1}});
  const [first, second] = [await whole(desk, 1), await whole(desk, 2)];
  desk.isDraining = true;
  t.match(await desk.uploads.complete(completeAsk(first)), {why: {reason: 'draining'}});
  desk.isDraining = false;
  t.ok((await desk.uploads.complete(completeAsk(first))).ok);
  t.match(await desk.uploads.complete(completeAsk(second)), {why: {reason: 'over-cap'}});
  t.equal(await desk.bytesOf(second), bytes);
  t.equal((await readdir(desk.home.folders.jobs)).length, 1);
  const [job] = desk.home.store.all('jobs').keys();
  await desk.home.desk.wish((await desk.home.until(job as never, 'queued')).id, 'cancel');
  t.match(await desk.uploads.complete(completeAsk(second)), {value: {made: true}});
});
