/** What is told of an upload is on disk; what was wrong changes nothing; room is kept from the beginning. */
import {readdir, readFile, rm, stat, statfs, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import type {UploadId} from '../../../appliance/upload.ts';
import {anna, ben} from '../home.ts';
import {appendAsk, beginAsk, begun, completeAsk, deskFor, filmOf, Line, sha256} from './desk.ts';

const MiB = 1 << 20;

t.test('bytes in pieces become a file of its own, 0600, and its hash needs no second reading', async t => {
  const {uploads, home} = await deskFor(t);
  const film = filmOf(5 * MiB + 17);
  const id = await begun(uploads, beginAsk(film.length));
  const path = join(home.folders.uploads, id);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  for (let offset = 0; offset < film.length; offset += 2 * MiB) {
    const data = film.subarray(offset, offset + 2 * MiB);
    const answer = await uploads.append(appendAsk(id, data, {offset, checksum: sha256(data)}));
    t.match(answer, {ok: true, value: {offset: offset + data.length}});
    t.equal((await stat(path)).size, offset + data.length);
  }
  t.ok(film.equals(await readFile(path)));
  await truncate(path, film.length);
  t.match(await uploads.complete(completeAsk(id)), {
    ok: true,
    value: {made: true, job: {source: {digest: sha256(film), name: 'film.mkv'}, via: 'upload'}},
  });
});

t.test('at the wrong offset, with the wrong checksum or too long, nothing changes', async t => {
  const desk = await deskFor(t);
  const {uploads} = desk;
  const film = filmOf(4 * MiB);
  const id = await begun(uploads, beginAsk(film.length));
  const first = film.subarray(0, MiB);
  await uploads.append(appendAsk(id, first));
  const more = film.subarray(MiB, 3 * MiB);
  const table = [
    [{offset: 0}, more, {reason: 'wrong-offset', offset: MiB}],
    [{offset: 2 * MiB}, more, {reason: 'wrong-offset', offset: MiB}],
    [{offset: MiB, checksum: sha256(first)}, more, {reason: 'wrong-checksum', offset: MiB}],
    [{offset: MiB}, film, {reason: 'past-its-end', length: film.length}],
    [{offset: MiB, bytes: null}, film, {reason: 'past-its-end', length: film.length}],
    [{offset: MiB, checksum: sha256(more), bytes: 3 * MiB}, more, {reason: 'broken-off', offset: MiB}],
  ] as const;
  for (const [changes, data, why] of table) {
    t.match(await uploads.append(appendAsk(id, data, changes)), {ok: false, why});
    t.match(await uploads.look({owner: anna, id}), {ok: true, value: {offset: MiB}});
    t.equal(await desk.bytesOf(id), MiB, why.reason);
  }
  t.ok((await uploads.append(appendAsk(id, film.subarray(MiB), {offset: MiB}))).ok);
  t.match(await uploads.complete(completeAsk(id)), {value: {job: {source: {digest: sha256(film)}}}});
});

t.test('a request that breaks off leaves what it brought, unless it came with a checksum', async t => {
  const desk = await deskFor(t);
  for (const [checksum, kept] of [
    [null, 3 * MiB + 5],
    [sha256(filmOf(4 * MiB)), 0],
  ] as const) {
    const id = await begun(desk.uploads, beginAsk(4 * MiB));
    const line = new Line();
    const ask = {pieces: line.pieces(), breakOff: line.breakOff, bytes: 4 * MiB, checksum};
    const appended = desk.uploads.append(appendAsk(id, Buffer.alloc(0), ask));
    line.say(filmOf(3 * MiB + 5));
    line.breakOff();
    t.match(await appended, {ok: false, why: {reason: 'broken-off', offset: kept}});
    t.equal(await desk.bytesOf(id), kept);
    t.match(await (await desk.again()).look({owner: anna, id}), {ok: true, value: {offset: kept}});
  }
});

t.test('a newcomer takes over from a connection that is dead and does not know it', async t => {
  const {uploads} = await deskFor(t);
  const film = filmOf(3 * MiB);
  const id = await begun(uploads, beginAsk(film.length));
  const dead = new Line();
  const older = uploads.append(
    appendAsk(id, Buffer.alloc(0), {pieces: dead.pieces(), breakOff: dead.breakOff, bytes: film.length}),
  );
  dead.say(film.subarray(0, MiB + 100));
  const looked = await uploads.look({owner: anna, id});
  t.ok(dead.isBroken, 'the older one was ended');
  t.match(await older, {ok: false, why: {reason: 'broken-off', offset: MiB + 100}});
  t.match(looked, {ok: true, value: {offset: MiB + 100}}, 'and what it had brought is kept');
  const rest = appendAsk(id, film.subarray(MiB + 100), {offset: MiB + 100});
  t.match(await uploads.append(rest), {ok: true, value: {offset: film.length}});
  t.match(await uploads.complete(completeAsk(id)), {value: {job: {source: {digest: sha256(film)}}}});
});

t.test('of many that come at once the last one wins, and each is answered', async t => {
  const {uploads} = await deskFor(t);
  const film = filmOf(2 * MiB);
  const id = await begun(uploads, beginAsk(film.length));
  const lines = Array.from({length: 6}, () => new Line());
  const answers = lines.map(line =>
    uploads.append(appendAsk(id, film, {pieces: line.pieces(), breakOff: line.breakOff})),
  );
  const last = lines.at(-1);
  last?.say(film);
  last?.say(null);
  const found = await Promise.all(answers);
  t.strictSame(
    found.map(answer => answer.ok),
    [false, false, false, false, false, true],
  );
});

t.test(
  'of 20 that begin at once as many are let in as there is room for, in number and in bytes',
  async t => {
    const table = [
      [{perUser: 5}, MiB, 5, 'over-quota'],
      [{perUser: 100, bytesPerUser: 7 * MiB + 1}, MiB, 7, 'over-quota'],
    ] as const;
    for (const [limits, length, wanted, why] of table) {
      const {uploads, home} = await deskFor(t, limits);
      const asks = Array.from({length: 20}, () => uploads.begin(beginAsk(length)));
      const answers = await Promise.all(asks);
      t.equal(answers.filter(({ok}) => ok).length, wanted);
      t.ok(answers.every(answer => answer.ok || answer.why.reason === why));
      t.equal((await readdir(home.folders.uploads)).length, wanted, 'and no file of the others');
      const [own] = uploads.open(anna);
      t.ok((await uploads.begin(beginAsk(length, {owner: ben}))).ok, 'somebody else has room of their own');
      if (own !== undefined) await uploads.drop({owner: anna, id: own.id});
      t.ok((await uploads.begin(beginAsk(length))).ok, 'one given up makes room for one');
    }
  },
);

t.test('what the disk has free is given away once', async t => {
  const {bavail, bsize} = await statfs(t.testdir());
  const half = Math.floor((bavail * bsize) / 2.5);
  const limits = {bytes: null, bytesPerUser: null};
  const {uploads} = await deskFor(t, {...limits, perUser: 100});
  const answers = await Promise.all(Array.from({length: 5}, () => uploads.begin(beginAsk(half))));
  t.equal(answers.filter(({ok}) => ok).length, 2);
  t.match(
    answers.find(({ok}) => !ok),
    {why: {reason: 'no-room', neededBytes: half}},
  );
  const kept = await deskFor(t, {...limits, keepFreeBytes: bavail * bsize});
  t.match(await kept.uploads.begin(beginAsk(MiB)), {ok: false, why: {reason: 'no-room', freeBytes: 0}});
});

t.test('too large, empty, or named as no film is, it does not begin', async t => {
  const {uploads, home} = await deskFor(t, {bytes: 10 * MiB});
  const table = [
    [beginAsk(10 * MiB + 1), {reason: 'upload-too-large', limitBytes: 10 * MiB}],
    [beginAsk(0), {reason: 'empty-upload'}],
    [beginAsk(5, {name: 'film.exe'}), {reason: 'bad-upload-name', fault: 'program'}],
  ] as const;
  for (const [ask, why] of table) t.match(await uploads.begin(ask), {ok: false, why});
  t.strictSame(await readdir(home.folders.uploads), []);
  const subtitles = await deskFor(t);
  t.match(await subtitles.uploads.begin(beginAsk(17 * MiB, {name: 'a.srt'})), {
    why: {reason: 'upload-too-large', limitBytes: 16 * MiB},
  });
});

t.test('what is no film inside is given up at its first megabyte, and at its end at the latest', async t => {
  const desk = await deskFor(t);
  const early = await begun(desk.uploads, beginAsk(8 * MiB));
  const text = Buffer.alloc(2 * MiB, 'MZ');
  t.match(await desk.uploads.append(appendAsk(early, text)), {why: {reason: 'wrong-content'}});
  t.equal(await desk.bytesOf(early), undefined);
  const late = await begun(desk.uploads, beginAsk(20));
  await desk.uploads.append(appendAsk(late, text.subarray(0, 20)));
  t.match(await desk.uploads.complete(completeAsk(late)), {why: {reason: 'wrong-content', name: 'film.mkv'}});
  t.match(await desk.uploads.look({owner: anna, id: late}), {why: {reason: 'no-such-upload'}});
  t.strictSame(await readdir(desk.home.folders.uploads), []);
  t.match(desk.audited, [
    {action: 'upload.rejected', user: 'anna', object: early, details: {why: 'wrong-content'}},
    {action: 'upload.rejected', user: 'anna', object: late},
  ]);
});

t.test('an upload of somebody else is not there, whatever is asked', async t => {
  const {uploads} = await deskFor(t);
  const id = await begun(uploads, beginAsk(100));
  const never = '00000000000000000000' as UploadId;
  for (const ask of [
    {owner: ben, id},
    {owner: anna, id: never},
  ]) {
    const answers = [
      await uploads.look(ask),
      await uploads.append({...appendAsk(ask.id, filmOf(10)), owner: ask.owner}),
      await uploads.drop(ask),
      await uploads.complete(completeAsk(ask.id, {owner: ask.owner})),
    ];
    for (const answer of answers) t.strictSame(answer, {ok: false, why: {reason: 'no-such-upload'}});
  }
  t.strictSame(uploads.open(ben), []);
  t.match(uploads.open(anna), [{id, offset: 0}]);
});

t.test('after a crash the smaller of what is stored and what is there counts', async t => {
  const desk = await deskFor(t);
  const film = filmOf(2 * MiB);
  const [longer, shorter, gone, whole] = [
    await begun(desk.uploads, beginAsk(2 * MiB)),
    await begun(desk.uploads, beginAsk(2 * MiB)),
    await begun(desk.uploads, beginAsk(2 * MiB)),
    await begun(desk.uploads, beginAsk(film.length)),
  ];
  for (const id of [longer, shorter, gone]) await desk.uploads.append(appendAsk(id, film.subarray(0, MiB)));
  await desk.uploads.append(appendAsk(whole, film));
  const path = (name: string) => join(desk.home.folders.uploads, name);
  await writeFile(path(longer), film);
  await truncate(path(shorter), 1000);
  await rm(path(gone));
  await writeFile(path('stranger'), 'of no upload');
  const next = await desk.again();
  t.match(await next.look({owner: anna, id: longer}), {value: {offset: MiB}});
  t.equal(await desk.bytesOf(longer), MiB, 'what was never acknowledged is cut off');
  t.match(await next.look({owner: anna, id: shorter}), {value: {offset: 1000}});
  t.match(await next.look({owner: anna, id: gone}), {why: {reason: 'no-such-upload'}});
  t.notOk((await readdir(desk.home.folders.uploads)).includes('stranger'));
  t.ok((await next.append(appendAsk(longer, film.subarray(MiB), {offset: MiB}))).ok);
  for (const id of [longer, whole]) {
    const answer = await next.complete(completeAsk(id));
    t.match(answer, {value: {job: {source: {digest: sha256(film)}}}}, 'hashed from the disk');
  }
});

t.test('what nothing comes of is given up; what is under way is not', async t => {
  const desk = await deskFor(t, {expireMs: 60_000});
  const [idle, active] = [await begun(desk.uploads, beginAsk(100)), await begun(desk.uploads, beginAsk(100))];
  const line = new Line();
  const under = desk.uploads.append(
    appendAsk(active, Buffer.alloc(0), {pieces: line.pieces(), breakOff: line.breakOff, bytes: 100}),
  );
  desk.home.laterMs = 59_000;
  await desk.uploads.sweep();
  t.equal(desk.uploads.open(anna).length, 2);
  desk.home.laterMs = 61_000;
  await desk.uploads.sweep();
  t.match(desk.uploads.open(anna), [{id: active}]);
  t.notOk(line.isBroken);
  t.equal(await desk.bytesOf(idle), undefined);
  t.match(desk.audited, [{action: 'upload.dropped', object: idle, details: {why: 'expired'}}]);
  line.say(filmOf(50));
  line.breakOff();
  await under;
  const found = await desk.uploads.look({owner: anna, id: active});
  t.ok(found.ok && found.value.expires > desk.home.now() + 50_000, 'counts from the last byte');
  desk.home.laterMs = 900 * 86_400_000;
  await desk.uploads.sweep();
  t.equal(desk.uploads.open(anna).length, 1, 'a clock that jumped is not believed');
});
