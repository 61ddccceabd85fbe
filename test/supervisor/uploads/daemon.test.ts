/** The real client, unmodified, against the real daemon, over a network that breaks and a daemon that is killed. */
import {createReadStream} from 'node:fs';
import {appendFile, open, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import t, {type Test} from 'tap';
import {Upload} from 'tus-js-client';
import {verifyAudit} from '../../../appliance/audit/verify.ts';
import {digestOfFile} from '../../../appliance/digest.ts';
import {UploadId} from '../../../appliance/upload.ts';
import {readerFilm, writeCues} from '../../clips.ts';
import {type TestBox, testBox, until} from '../daemons.ts';
import {Wire} from './wire.ts';

const MiB = 1 << 20;

/** A real film with so much in it that no player shows: a box of MP4 that is skipped. */
async function filmOf(t: Test, bytes: number): Promise<string> {
  const path = await readerFilm(join(t.testdir(), 'A film.mp4'));
  const {size} = await stat(path);
  const box = Buffer.alloc(bytes - size);
  for (let at = 8; at < box.length; at += 4096) box.writeUInt32BE(at, Math.min(at, box.length - 4));
  box.writeUInt32BE(box.length, 0);
  box.write('free', 4, 'latin1');
  await appendFile(path, box);
  return path;
}

interface Sent {
  readonly id: () => UploadId | undefined;
  /** The furthest that the daemon has said yes to. */
  readonly acknowledged: () => number;
  readonly over: Promise<void>;
}

function send(wire: Wire, path: string, name: string, size: number, chunkSize: number): Sent {
  let acknowledged = 0;
  const {promise: over, resolve, reject} = Promise.withResolvers<void>();
  const upload = new Upload(createReadStream(path) as never, {
    ...{endpoint: `${wire.url}/api/uploads`, uploadSize: size, chunkSize},
    metadata: {filename: name, filetype: 'video/mp4'},
    retryDelays: Array.from({length: 300}, () => 100),
    onChunkComplete: (_, offset) => {
      acknowledged = Math.max(acknowledged, offset);
    },
    onSuccess: () => resolve(),
    onError: reject,
  });
  upload.start();
  const id = () => UploadId.safeParse(upload.url?.split('/').at(-1)).data;
  return {id, acknowledged: () => acknowledged, over};
}

async function onDisk(box: TestBox): Promise<{readonly bytes: number; readonly path: string}> {
  const [name = ''] = await readdir(box.path('uploads'));
  const path = box.path('uploads', name);
  return {path, bytes: (await stat(path)).size};
}

async function offsetOf(box: TestBox): Promise<number> {
  const found = await box.client.call('uploads.list', {});
  return found.ok ? (found.value.uploads[0]?.offset ?? -1) : -1;
}

async function beginsAs(path: string, film: string, bytes: number): Promise<boolean> {
  await using file = await open(path);
  const {buffer} = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.equals((await readFile(film)).subarray(0, bytes));
}

t.test('cut twice and the daemon killed in between, the film arrives whole and is dubbed', async t => {
  const box = await testBox(t);
  await box.start();
  const size = 40 * MiB;
  const film = await filmOf(t, size);
  const wire = await Wire.to(t, box.path('run/control.sock'));
  const sent = send(wire, film, 'A film.mp4', size, 4 * MiB);
  await wire.after(6 * MiB);
  wire.cut();
  await wire.after(16 * MiB);
  wire.cut();
  await wire.after(26 * MiB);
  t.equal(await box.end('SIGKILL'), 'SIGKILL');
  const acknowledged = sent.acknowledged();
  t.ok(acknowledged >= 8 * MiB, `${acknowledged} bytes were acknowledged`);
  t.ok((await onDisk(box)).bytes >= acknowledged, 'none that is not on disk');
  await box.start();
  await sent.over;
  t.equal(sent.acknowledged(), size);
  const id = sent.id();
  if (id === undefined) throw new Error('it has no address');

  const words = await writeCues(dirname(film), 'words.es.srt', 'es');
  const sidecar = send(wire, words, 'words.es.srt', (await stat(words)).size, MiB);
  await sidecar.over;
  const sidecars = [sidecar.id() ?? id];
  const done = await box.client.call('uploads.complete', {params: {upload: id}, body: {sidecars}});
  if (!done.ok) throw new Error(JSON.stringify(done.why));
  t.match(done.value, {
    made: true,
    job: {via: 'upload', source: {digest: await digestOfFile(film)}, sidecars: ['A film.es.srt']},
  });
  t.match(await box.jobIn('done', 'failed'), {state: {is: 'done'}});
  t.strictSame(await readdir(box.path('uploads')), []);
  t.equal(await box.end('SIGTERM'), 0);
  t.ok((await verifyAudit(box.path('audit'))).ok, 'the audit is whole');
  t.notMatch(box.said, /fault|error/i);
});

t.test(
  'in one request as long as the film, a killed daemon loses little and tells nothing wrong',
  async t => {
    const box = await testBox(t);
    await box.start();
    const size = 60 * MiB;
    const film = await filmOf(t, size);
    const wire = await Wire.to(t, box.path('run/control.sock'));
    const sent = send(wire, film, 'A film.mp4', size, Number.POSITIVE_INFINITY);
    await until('some was stored', async () => (await offsetOf(box)) >= 16 * MiB);
    await box.end('SIGKILL');
    const there = await onDisk(box);
    wire.cut();
    await box.start();
    const offset = await offsetOf(box);
    t.ok(offset >= 16 * MiB && offset <= size, `${offset} bytes are kept`);
    t.ok(await beginsAs(there.path, film, Math.min(offset, there.bytes)), 'and they are the film’s');
    await sent.over;
    const id = sent.id();
    if (id === undefined) throw new Error('it has no address');
    const done = await box.client.call('uploads.complete', {params: {upload: id}});
    t.match(done, {ok: true, value: {job: {source: {digest: await digestOfFile(film)}}}});
    const again = await box.client.call('uploads.complete', {params: {upload: id}});
    t.match(again, {ok: true, value: {made: false}});
  },
);

t.test('what is no film inside is refused before a job, from a jail, with the reason', async t => {
  const box = await testBox(t);
  await box.start();
  const wire = await Wire.to(t, box.path('run/control.sock'));
  const path = join(t.testdir(), 'no film.mkv');
  const bytes = Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.alloc(5000, 'x')]);
  await writeFile(path, bytes);
  const sent = send(wire, path, 'no film.mkv', bytes.length, MiB);
  await sent.over;
  const id = sent.id();
  if (id === undefined) throw new Error('it has no address');
  const done = await box.client.call('uploads.complete', {params: {upload: id}});
  t.match(done, {ok: false, why: {status: 422, problem: {code: 'not-media'}}});
  t.match(await box.client.call('uploads.list', {}), {
    ok: true,
    value: {uploads: [{id, film: null, refused: {code: 'not-media', what: /^no film\.mkv is not a video/}}]},
  });
  t.strictSame(await readdir(box.path('uploads')), []);
  t.strictSame(await readdir(box.path('jobs')), []);
});
