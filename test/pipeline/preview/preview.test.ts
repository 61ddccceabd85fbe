/** A film that grows while it is dubbed, by real ffmpeg: what can be played when, how it sounds at a seam, and that nothing is left. */
import {existsSync} from 'node:fs';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {NodeRecord} from '../../../appliance/artifacts.ts';
import type {Event, EventOf} from '../../../appliance/wire.ts';
import type {Probe} from '../../../pipeline/documents.ts';
import {Preview, type PreviewParts} from '../../../pipeline/preview/preview.ts';
import {filmArgv, growingMaster, rawArgv, secondsOf} from '../../../pipeline/preview/renditions.ts';
import {ffmpeg, filmAt, firstShown, picture, probeOf, samplesOf, sandbox, tone, x264} from '../film.ts';

const hz = 48_000;
const seconds = 14;
/** In the middle of a wave: a jump there would be heard. */
const cut = 6.1234;

interface Place {
  readonly dir: string;
  readonly folder: string;
  readonly film: string;
  readonly probe: Probe;
  readonly told: EventOf<'preview'>[];
}

async function placeFor(
  t: Test,
  argv: readonly string[] = [...x264, '-bf', '2', '-g', '24', '-c:a', 'aac'],
): Promise<Place> {
  const dir = await sandbox(t);
  const film = join(dir, 'film.mkv');
  await ffmpeg(...picture(seconds), ...tone(seconds), ...argv, film);
  return {dir, folder: join(dir, 'preview'), film, probe: await probeOf(film, dir), told: []};
}

/** Two mixes of one sound, the second only when it is let go. */
async function mixesIn(
  {dir}: Place,
  until: () => Promise<unknown>,
): Promise<ReturnType<PreviewParts['sound']>> {
  const wave = `aevalsrc=0.05*sin(2*PI*220*t)|0.05*sin(2*PI*220*t):d=${seconds}:s=${hz}`;
  const whole = join(dir, 'whole.flac');
  await ffmpeg('-f', 'lavfi', '-i', wave, '-sample_fmt', 's32', whole);
  const at = Math.round(cut * hz);
  await ffmpeg('-i', whole, '-af', `atrim=end_sample=${at}`, join(dir, 'mix0.flac'));
  await ffmpeg('-i', whole, '-af', `atrim=start_sample=${at},asetpts=N/SR/TB`, join(dir, 'mix1.flac'));
  const ends = [cut, seconds];
  return {
    main: {
      scenes: async () => ends.map((end, i) => ({start: i === 0 ? 0 : cut, end})),
      build: async () => [],
      scene: async (stage, scene) => {
        if (scene === 1) await until();
        const [from, to] = [scene === 0 ? 0 : cut, ends[scene] ?? 0];
        const placements = [{start: from, end: to, slot: to - from, rate: 1, stretch: 1, residue: 0}];
        const mix = {momentaryLufs: Array(60).fill(-26), truePeakDbtp: -20, bedMomentaryLufs: []};
        return {
          node: `mix${scene}`,
          document: stage === 'fit' ? {from, to, placements} : mix,
        } as unknown as NodeRecord;
      },
    },
    open: () => {
      throw new Error('no window is wanted');
    },
    path: ({node}) => join(dir, `${node}.flac`),
  };
}

function previewOf(place: Place, more: Pick<PreviewParts, 'sound'> & Partial<PreviewParts>): Preview {
  const {folder, film: source, probe, told} = place;
  const tell = (event: Event): void => {
    if (event.is === 'preview') told.push(event);
  };
  const signal = new AbortController().signal;
  return new Preview({
    folder,
    source,
    probe,
    pair: {from: 'en', to: 'es'},
    loudnessLufs: -16,
    tell,
    signal,
    ...more,
  });
}

async function isTold(place: Place, enough: (event: EventOf<'preview'>) => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (place.told.some(enough)) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`it never came: ${JSON.stringify(place.told)}`);
}

t.test('it is played from the first scene on, grows, and has no seam', async t => {
  const place = await placeFor(t);
  const {folder} = place;
  const second = Promise.withResolvers<void>();
  const mixes = await mixesIn(place, () => second.promise);
  const preview = previewOf(place, {sound: () => mixes});
  t.notOk(existsSync(folder), 'nobody has asked for it');
  preview.begin();
  preview.begin();
  await isTold(place, ({seconds}) => seconds >= 4);
  const early = await readFile(join(folder, 'growing-dub.m3u8'), 'utf8');
  t.match(early, /#EXT-X-PLAYLIST-TYPE:EVENT/);
  t.notMatch(early, /ENDLIST/, 'more is to come');
  t.ok(secondsOf(early) <= cut);
  const master = await readFile(join(folder, 'master.m3u8'), 'utf8');
  t.match(master, /#EXT-X-START:TIME-OFFSET=0/);
  t.match(master, /NAME="Español",LANGUAGE="es",DEFAULT=YES.*URI="growing-dub.m3u8"/);
  t.match(master, /NAME="English \(original\)",LANGUAGE="en",DEFAULT=NO.*URI="growing-original.m3u8"/);
  t.match(master, /RESOLUTION=320x180,CODECS="avc1\.[0-9a-f]{6},mp4a.40.2"/);
  second.resolve();
  await isTold(place, ({seconds: dubbed}) => dubbed >= seconds - 0.05);
  const dub = await readFile(join(folder, 'growing-dub.m3u8'), 'utf8');
  t.match(dub, /ENDLIST/);
  t.ok(Math.abs(secondsOf(dub) - seconds) < 0.05);
  t.ok(dub.startsWith(early.slice(0, early.lastIndexOf('#EXTINF'))), 'what was there stays as it was');
  await whole(t, place);
  const heard = await samplesOf(join(folder, 'growing-dub.m3u8'));
  const left = heard.filter((_, i) => i % 2 === 0);
  const steps = (from: number, to: number): number => {
    let most = 0;
    for (let i = Math.round(from * hz); i < to * hz; i++)
      most = Math.max(most, Math.abs((left[i + 1] ?? 0) - (left[i] ?? 0)));
    return most;
  };
  t.ok(steps(cut - 0.1, cut + 0.1) < 1.02 * steps(3, 4), 'at the seam it moves no faster than elsewhere');
  const loud = Math.max(...left.subarray(3 * hz, 4 * hz));
  t.ok(Math.abs(20 * Math.log10(loud / 0.05) - 10) < 0.6, `brought from -26 to -16 LUFS: ${loud}`);
  await preview.end();
  t.notOk(existsSync(folder), 'nothing is left');
  t.ok(
    place.told.every(({trouble}) => trouble === null),
    JSON.stringify(place.told.at(-1)),
  );
});

/** Picture and its own sound are those of the film, and in step. */
async function whole(t: Test, {folder, film}: Place): Promise<void> {
  const hashes = async (path: string, stream: string) =>
    /MD5=\w+/.exec(await ffmpeg('-i', path, '-map', stream, '-c', 'copy', '-f', 'md5', '-'))?.[0];
  const joined = join(folder, 'joined.mp4');
  const parts = (await readdir(folder)).filter(name => /^growing-picture-\d+\.m4s$/.test(name)).sort();
  const files = await Promise.all(
    ['growing-picture-init.mp4', ...parts].map(name => readFile(join(folder, name))),
  );
  await writeFile(joined, Buffer.concat(files));
  const late = (await firstShown(joined, 0)) - (await firstShown(film, 0));
  t.ok(Math.abs(late) < 0.01, `the picture is late by ${late}`);
  const frames = async (path: string): Promise<string> =>
    (await ffmpeg('-i', path, '-map', '0:v', '-f', 'framemd5', '-')).replaceAll(/^#.*\n|^.*,\s*/gm, '');
  t.equal(await frames(joined), await frames(film), 'every frame of it');
  t.equal(await hashes(join(folder, 'growing-original.m3u8'), '0:a'), await hashes(film, '0:a'));
}

t.test('an end in the middle leaves nothing, and is no trouble', async t => {
  const place = await placeFor(t);
  const mixes = await mixesIn(place, () => new Promise(() => {}));
  const stop = new AbortController();
  const stuck = {
    ...mixes,
    main: {
      ...mixes.main,
      scene: (stage: 'fit' | 'mix', scene: number) =>
        scene === 0
          ? mixes.main.scene(stage, scene)
          : new Promise<never>((_, reject) => stop.signal.addEventListener('abort', reject)),
    },
  };
  const preview = previewOf(place, {sound: () => stuck as typeof mixes});
  preview.begin();
  await isTold(place, ({seconds}) => seconds > 0);
  stop.abort();
  await preview.end();
  t.notOk(existsSync(place.folder));
  t.ok(
    place.told.every(({trouble}) => trouble === null),
    JSON.stringify(place.told),
  );
  preview.begin();
  await preview.end();
  t.notOk(existsSync(place.folder), 'what has ended does not begin');
});

t.test('what goes wrong is told once, and its files are gone at once', async t => {
  const place = await placeFor(t);
  const broken = await mixesIn(place, async () => {
    throw new Error('the second scene fell over');
  });
  const preview = previewOf(place, {sound: () => broken});
  preview.begin();
  await isTold(place, ({trouble}) => trouble !== null);
  t.match(place.told.at(-1)?.trouble, /the second scene fell over/);
  t.equal(place.told.filter(({trouble}) => trouble !== null).length, 1);
  t.notOk(existsSync(place.folder));
  await preview.end();
  const never = {...broken, main: {...broken.main, scene: () => new Promise<never>(() => {})}};
  const gone = {...place, film: join(place.dir, 'gone.mkv'), told: []};
  const waiting = previewOf(gone, {sound: () => never});
  waiting.begin();
  await isTold(gone, ({trouble}) => trouble !== null);
  await waiting.end();
  const full = previewOf(place, {sound: () => broken, probe: {...place.probe, bytes: 1e18}});
  full.begin();
  await isTold(place, ({trouble}) => trouble?.includes('no room') === true);
  await full.end();
  t.notOk(existsSync(place.folder));
});

t.test('what a browser cannot show is encoded, what it can is copied', async t => {
  const place = await placeFor(t, ['-c:v', 'mpeg4', '-c:a', 'libopus']);
  const {dir, film, probe} = place;
  const argvOf = async (path: string, of: Probe) => {
    const stream = (await filmAt(path, dir)).streams[0];
    if (stream === undefined) throw new Error('no picture');
    return filmArgv(path, stream, of).join(' ');
  };
  t.match(await argvOf(film, probe), /libx264 .*-c:a aac/);
  const fit = join(dir, 'fit.mkv');
  await ffmpeg(...picture(2), ...tone(2), ...x264, '-c:a', 'aac', fit);
  const copied = await argvOf(fit, await probeOf(fit, dir));
  t.match(copied, /-c:v copy .*-c:a copy/);
  t.notMatch(copied, /libx264/);
  const six = await probeOf(fit, dir);
  t.match(
    await argvOf(fit, {...six, audio: six.audio.map(track => ({...track, channels: 6}))}),
    /-c:v copy .*stereo.* aac/,
  );
  const raw = (channels: number, gainDb: number): string =>
    rawArgv({path: '/m.flac', from: 0, to: 9, gainDb}, channels, '/o').join(' ');
  t.match(raw(6, 0), /FL\+0\.707\*FC/, 'the dialogue of a centre channel is as loud as in the finished film');
  t.match(raw(2, -6), /volume=-6dB/);
  t.notMatch(raw(2, 0), /volume|FC/);
  const master = growingMaster(probe, {from: 'en', to: 'es'}, {videoCodec: 'avc1.64001f', hasDub: false});
  t.notMatch(master, /growing-dub/, 'until there is one');
});
