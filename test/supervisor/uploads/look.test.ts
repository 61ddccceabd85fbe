/** What an upload is, before it is a job: looked into in a jail, shown, or refused with the reason and its room free. */
import {readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {readConfig} from '../../../appliance/config/config.ts';
import type {Film, Looked} from '../../../appliance/film.ts';
import {UploadId} from '../../../appliance/upload.ts';
import type {Confined} from '../../../supervisor/confine/confine.ts';
import {type Confinement, findConfinementOf} from '../../../supervisor/confinement.ts';
import {type Looking, lookerOf} from '../../../supervisor/uploads/look.ts';
import type {UploadNow} from '../../../web/upload-desk.ts';
import {ffmpeg} from '../../clips.ts';
import {anna, type Home, until} from '../home.ts';
import {checkout, noJail, placeFor} from '../place.ts';
import {scratch} from '../wired.ts';
import {appendAsk, beginAsk, begun, completeAsk, type Desk, deskFor, sha256} from './desk.ts';

const sample = await readFile(join(checkout, 'media/sample.mp4'));
const id = UploadId.parse('0123456789abcdefghjk');

async function confinementFor(home: Pick<Home, 'folders'>): Promise<Confinement> {
  // The limits alone are of interest here; the folder of a test has too long a path for a socket in it.
  const read = await readConfig({env: {DATA_DIR: '/var/empty'}, root: checkout, folder: home.folders.root});
  if (!read.ok) throw new Error(JSON.stringify(read.why));
  return findConfinementOf({
    ...{folders: home.folders, settings: read.value.settings, root: checkout, home: '/', runtimeDir: null},
    compileCache: null,
  });
}

async function lookFor(home: Home): Promise<Looking> {
  const {look} = await confinementFor(home);
  if (look === null) throw new Error('nobody looks');
  return lookerOf({confine: look, folder: home.folders.uploads, longestSeconds: 600});
}

async function sent({uploads}: Desk, data: Buffer, name = 'A film.mp4'): Promise<UploadId> {
  const upload = await begun(uploads, beginAsk(data.length, {name}));
  const answer = await uploads.append(appendAsk(upload, data));
  if (!answer.ok) throw new Error(JSON.stringify(answer.why));
  return upload;
}

async function seen({uploads}: Desk, upload: UploadId): Promise<UploadNow> {
  const now = (): UploadNow | undefined => uploads.open(anna).find(one => one.id === upload);
  await until('it was looked into', () => now()?.film != null || now()?.refused != null);
  const found = now();
  if (found === undefined) throw new Error('it is gone');
  return found;
}

t.test('a film that is whole says what is in it, before it is a job and with it', async t => {
  const desk = await deskFor(t, {}, {}, lookFor);
  const upload = await sent(desk, sample);
  const {film, refused} = await seen(desk, upload);
  t.equal(refused, null);
  t.match(film, {width: 1280, height: 720, audio: [{language: 'en', isSpoken: true}]} as Partial<Film>);
  t.ok(film !== null && Math.abs(film.seconds - 60) < 1, `${film?.seconds} s`);
  t.equal(desk.home.store.all('jobs').size, 0);
  t.strictSame((await desk.again()).open(anna)[0]?.film, film, 'and so after a restart');
  const answer = await desk.uploads.complete(completeAsk(upload));
  t.match(answer, {ok: true, value: {made: true}});
  t.strictSame(answer.ok && answer.value.film, film);
  const again = await desk.uploads.complete(completeAsk(upload));
  t.strictSame(again.ok && [again.value.made, again.value.film], [false, film]);
  t.strictSame(await readdir(desk.home.folders.uploads), [], 'nothing of the look is left');
});

t.test('who completes at once waits for the look', async t => {
  const desk = await deskFor(t, {}, {}, lookFor);
  const upload = await sent(desk, sample);
  const answer = await desk.uploads.complete(completeAsk(upload));
  t.match(answer, {ok: true, value: {made: true, film: {width: 1280}}});
});

async function notFilms(t: Test): Promise<Readonly<Record<string, {data: Buffer; reason: string}>>> {
  const folder = await scratch(t);
  const silent = join(folder, 'silent.mp4');
  await ffmpeg('-i', join(checkout, 'media/sample.mp4'), '-t', '2', '-an', '-c', 'copy', silent);
  const song = join(folder, 'song.mp4');
  await ffmpeg('-i', join(checkout, 'media/sample.mp4'), '-t', '2', '-vn', '-c', 'copy', song);
  const head = sample.subarray(0, sample.readUInt32BE(0));
  return {
    text: {data: Buffer.concat([head, Buffer.from('This is no film. '.repeat(500))]), reason: 'truncated'},
    playlist: {
      data: Buffer.concat([Buffer.from('\0\0\0\x08free'), Buffer.from('#EXTM3U\nfile:///etc/passwd\n')]),
      reason: 'truncated',
    },
    silent: {data: await readFile(silent), reason: 'no-audio'},
    song: {data: await readFile(song), reason: 'no-video'},
    cut: {data: sample.subarray(0, sample.length >> 1), reason: 'truncated'},
  };
}

t.test('what is no film to dub is refused before a job, its room is free, and the reason stays', async t => {
  for (const [name, {data, reason}] of Object.entries(await notFilms(t))) {
    const desk = await deskFor(t, {perUser: 1, bytesPerUser: data.length}, {}, lookFor);
    const upload = await sent(desk, data, `${name}.mp4`);
    const {refused, film} = await seen(desk, upload);
    t.match(refused, {reason, path: `${name}.mp4`}, name);
    t.equal(film, null);
    await until('it is gone', async () => (await readdir(desk.home.folders.uploads)).length === 0);
    const why = {reason: 'refused', why: {reason}} as const;
    t.match(await desk.uploads.complete(completeAsk(upload)), {ok: false, why}, name);
    t.match((await desk.again()).open(anna), [{id: upload, refused: {reason}}]);
    t.match(desk.audited, [{action: 'upload.rejected', details: {why: reason}}]);
    const next = await desk.uploads.begin(beginAsk(data.length));
    t.ok(next.ok, 'its room is free');
    t.equal(desk.home.store.all('jobs').size, 0);
    t.match(await desk.uploads.drop({owner: anna, id: upload}), {ok: true});
    t.notOk(desk.uploads.open(anna).some(one => one.id === upload));
  }
});

t.test('completed at once it is refused all the same', async t => {
  const desk = await deskFor(t, {}, {}, lookFor);
  const {silent} = await notFilms(t);
  if (silent === undefined) throw new Error('there is one');
  const upload = await sent(desk, silent.data);
  t.match(await desk.uploads.complete(completeAsk(upload)), {
    why: {reason: 'refused', why: {reason: 'no-audio'}},
  });
  t.equal(desk.home.store.all('jobs').size, 0);
  t.strictSame(await readdir(desk.home.folders.uploads), []);
});

t.test('only the last twenty of one owner stay', async t => {
  const why: Looked = {is: 'refused', why: {reason: 'no-audio', path: 'x'}};
  const desk = await deskFor(t, {}, {}, async () => async () => why);
  const ids: UploadId[] = [];
  for (let i = 0; i < 22; i++) {
    const upload = await sent(desk, Buffer.concat([sample.subarray(0, 2000), Buffer.from([i])]));
    await until('it is refused', () => desk.uploads.open(anna).at(-1)?.refused != null);
    ids.push(upload);
  }
  t.strictSame(
    desk.uploads.open(anna).map(one => one.id),
    ids.slice(-20),
  );
  t.equal(desk.home.store.all('uploads').size, 20);
});

t.test('bytes that are not what was promised are not looked into', async t => {
  let looks = 0;
  const desk = await deskFor(t, {}, {}, async () => async () => {
    looks += 1;
    return {is: 'refused', why: {reason: 'no-audio', path: 'x'}};
  });
  const upload = await begun(
    desk.uploads,
    beginAsk(sample.length, {name: 'film.mp4', digest: sha256(Buffer.from('another'))}),
  );
  await desk.uploads.append(appendAsk(upload, sample));
  t.match(await desk.uploads.complete(completeAsk(upload)), {why: {reason: 'wrong-digest'}});
  t.equal(looks, 0);
});

t.test('what nobody could look into is for its job to see', async t => {
  const desk = await deskFor(t, {}, {}, async () => async () => null);
  const upload = await sent(desk, sample);
  t.match(await desk.uploads.complete(completeAsk(upload)), {ok: true, value: {made: true, film: null}});
});

/** A look by another program in the same confinement. */
async function lookBy(t: Test, script: (place: {data: string}) => string, limitMs = 10_000) {
  const place = await placeFor(t);
  const folders = {root: place.data, jobs: join(place.data, 'jobs')} as Home['folders'];
  const {look} = await confinementFor({folders});
  const file = join(place.data, 'uploads-of-all');
  await writeFile(file, sample.subarray(0, 5000));
  const confine = (at: {folder: string; file: string}): Confined => {
    const confined = look?.(at);
    if (confined === undefined) throw new Error('nobody looks');
    const from = confined.argv.findIndex(word => word.endsWith('/node'));
    return {...confined, argv: [...confined.argv.slice(0, from), '/bin/sh', '-c', script(place)]};
  };
  const looking = lookerOf({confine, folder: place.data, longestSeconds: 60, limitMs});
  const looked = await looking({id, file, name: 'A film.mp4', signal: new AbortController().signal});
  t.notOk(
    (await readdir(place.data)).some(name => name.startsWith('look-')),
    'its folder is gone',
  );
  t.equal((await stat(file)).size, 5000, 'the file is as it was');
  return looked;
}

const says = (words: string): string =>
  `printf '{"is":"refused","why":{"reason":"not-media","path":"/secret","detail":"%s"}}\\n' "${words}" >&3`;

t.test('it sees that file alone, changes nothing and reaches nobody', {skip: noJail}, async t => {
  const looked = await lookBy(
    t,
    ({data}) =>
      `cd ${data}; for f in *; do seen="$seen$f "; done; cat jobs/*/source/* && seen=leak; echo x >> uploads-of-all && seen=written; ` +
      `for n in /sys/class/net/* /proc/net/route; do :; done; seen="$seen$(tail -n +2 /proc/net/route | wc -l)"; ` +
      says('$seen'),
  );
  // The one of the look has a name of its own, and there is no way out of the jail's network.
  const detail = `look-${id} uploads-of-all 0`;
  t.strictSame(looked, {is: 'refused', why: {reason: 'not-media', path: 'A film.mp4', detail}});
});

t.test('what it says counts in its shape and in its time alone', async t => {
  const film = `{"is":"film","film":{"seconds":%s,"width":10,"height":10,"audio":[{"language":"en","title":"","channels":2,"isSpoken":true}],"subtitles":[]}}`;
  const saysFilm = (seconds: string): string => `printf '${film}\\n' ${seconds} >&3`;
  const table: readonly (readonly [string, string, unknown])[] = [
    ['a film', saysFilm('5'), {is: 'film', film: {seconds: 5}}],
    ['one that is too long', saysFilm('61'), {is: 'refused', why: {reason: 'too-long', mostSeconds: 60}}],
    ['one of no length', saysFilm('-1'), null],
    ['nonsense', 'echo nonsense >&3', null],
    ['nothing', 'exit 0', null],
    ['no end of a line', "head -c 200000 /dev/zero | tr '\\0' x >&3", null],
    ['trouble that is none of the film', says('x').replace('not-media', 'not-writable'), null],
    ['two lines', `${saysFilm('5')}; echo more >&3`, {is: 'film'}],
  ];
  for (const [what, script, wanted] of table) {
    const looked = await lookBy(t, () => script);
    if (wanted === null) t.equal(looked, null, what);
    else t.match(looked, wanted as object, what);
  }
  const from = performance.now();
  t.equal(await lookBy(t, () => 'sleep 300 & sleep 300', 300), null, 'silence');
  t.ok(performance.now() - from < 8000, 'ends');
});
