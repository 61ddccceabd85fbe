import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {LanguageTag} from '../../../appliance/languages.ts';
import {checkDecodes, checkOutput, type ExpectedOutput, misfit} from '../../../pipeline/check.ts';
import type {LoudnessPlan} from '../../../pipeline/documents.ts';
import {layoutOf} from '../../../pipeline/layouts.ts';
import {masterPlaylist, peakBitRate} from '../../../pipeline/outputs/hls.ts';
import {carriage, planMkv} from '../../../pipeline/outputs/mkv.ts';
import {masterStage} from '../../../pipeline/stages/master.ts';
import {pictureStage} from '../../../pipeline/stages/picture.ts';
import {
  failureOf,
  ffmpeg,
  filmAt,
  firstShown,
  keyFrames,
  packetHashes,
  picture,
  probeOf,
  runStage,
  samplesOf,
  sandbox,
  sourceAt,
  surround,
  tone,
  toolsIn,
  twoAtATime,
  x264,
} from '../film.ts';
import {cutPieces, encodePieces} from '../pieces.ts';

const cue = (text: string): string => `1\n00:00:00,500 --> 00:00:01,500\n${text}\n`;

interface Wish {
  readonly hls?: boolean;
  readonly title?: string;
  readonly from?: LanguageTag;
  /** Peak of the dub's tone before its gain. */
  readonly amplitude?: number;
  readonly level?: LoudnessPlan;
  readonly cuts?: readonly number[];
  readonly sourceText?: string;
}

/** A 1000 Hz tone in every channel but the low-frequency one; it fades in over 50 ms. */
async function dubTone(
  dir: string,
  {duration, channels, amplitude}: Record<string, number>,
): Promise<string> {
  const path = join(dir, 'programme.flac');
  const tone = `${(amplitude ?? 0) * 2}*min(1\\,n/2400)*sin(1000*2*PI*n/48000)`;
  const voice = Array.from({length: channels ?? 0}, (_, c) => (c === 3 ? '0' : tone));
  const graph = `aevalsrc=${voice.join('|')}:c=${layoutOf(voice.length).name}:s=48000:d=${duration}`;
  await ffmpeg('-f', 'lavfi', '-i', graph, '-c:a', 'flac', '-sample_fmt', 's16', path);
  return path;
}

/** Everything up to the finished files, with a tone for a dub. */
async function mastered(path: string, base: string, wish: Wish = {}) {
  const dir = await mkdtemp(join(base, 'm-'));
  const {hls = false, title = 'Film', from = 'en', amplitude = 0.2, cuts = []} = wish;
  const {level = {gainDb: 1, ceilingDbtp: -1.5}} = wish;
  const probe = await probeOf(path, dir);
  const {channels} = probe.audio.find(track => track.index === probe.spoken) ?? {channels: 2};
  const {duration} = probe;
  const [target, source] = [join(dir, 'target.srt'), join(dir, 'source.srt')];
  await writeFile(target, cue('Hola'));
  await writeFile(source, wish.sourceText ?? cue('Hello'));
  const prepared = await runStage(pictureStage({source: sourceAt(path), preset: 'fast'}), dir, {
    docs: {probe},
  });
  const programme = await dubTone(dir, {duration, channels, amplitude});
  const pieces = await cutPieces({programme, channels}, {duration, cuts}, dir);
  const encoded = await encodePieces(pieces, {level, dir, truePeakDbtp: 0});
  const stage = masterStage({source: sourceAt(path), from, to: 'es', hls, title});
  const made = await runStage(stage, dir, {
    docs: {probe},
    files: {
      'encode/full.aac': encoded.map(piece => join(piece.dir, 'full.aac')),
      'encode/stereo.aac': encoded.map(piece => join(piece.dir, 'stereo.aac')),
      'subtitle/target.srt': target,
      'subtitle/source.srt': source,
      'picture/picture.json': join(prepared.dir, 'picture.json'),
      'picture/source.json': join(prepared.dir, 'source.json'),
      'picture/picture.mp4': join(prepared.dir, 'picture.mp4'),
      'picture/sound.m4a': join(prepared.dir, 'sound.m4a'),
    },
  });
  return {...made, probe, mkv: join(made.dir, 'dub.mkv'), mp4: join(made.dir, 'dub.mp4')};
}

/** 5.1 and stereo sound, styled subtitles, chapters, two fonts and a cover. */
async function richFilm(dir: string): Promise<string> {
  await writeFile(join(dir, 'a.srt'), cue('Hello'));
  await ffmpeg('-i', join(dir, 'a.srt'), join(dir, 'a.ass'));
  await writeFile(
    join(dir, 'meta'),
    ';FFMETADATA1\ntitle=The Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=2000\ntitle=Two\n',
  );
  await ffmpeg(...picture(0.04, '64x64'), '-frames:v', '1', join(dir, 'cover.png'));
  for (const font of ['Serif', 'Sans']) await writeFile(join(dir, `${font}.ttf`), font.repeat(999));
  const path = join(dir, "rich 'film' 日本語.mkv");
  await ffmpeg(
    ...[
      ...picture(2, '64x36', '12'),
      ...surround(2),
      ...tone(2, 500),
      '-i',
      join(dir, 'a.ass'),
      '-i',
      join(dir, 'a.srt'),
      '-i',
      join(dir, 'meta'),
    ],
    ...[
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '3',
      '-map',
      '2',
      '-map',
      '4',
      '-map_metadata',
      '5',
      '-map_chapters',
      '5',
    ],
    ...[
      ...x264,
      '-c:a:0',
      'ac3',
      '-c:a:1',
      'aac',
      '-c:s:0',
      'ass',
      '-c:s:1',
      'srt',
      '-max_interleave_delta',
      '0',
    ],
    ...[
      '-metadata:s:a:0',
      'language=eng',
      '-metadata:s:a:0',
      'title=Surround',
      '-disposition:a:0',
      'default+original',
    ],
    ...[
      '-metadata:s:a:1',
      'language=eng',
      '-metadata:s:a:1',
      'title=Commentary',
      '-disposition:a:1',
      'comment',
    ],
    ...['-metadata:s:s:0', 'language=eng', '-disposition:s:0', 'default+forced', '-disposition:s:1', '0'],
    ...['Serif', 'Sans'].flatMap((font, i) => [
      '-attach',
      join(dir, `${font}.ttf`),
      `-metadata:s:t:${i}`,
      'mimetype=font/ttf',
    ]),
    ...[
      '-attach',
      join(dir, 'cover.png'),
      '-metadata:s:t:2',
      'mimetype=image/png',
      '-metadata:s:t:2',
      'filename=cover.png',
      path,
    ],
  );
  return path;
}

t.test('a rich film', async t => {
  const dir = await sandbox(t);
  const path = await richFilm(dir);
  const level = {gainDb: 6, ceilingDbtp: -2};
  const made = await mastered(path, dir, {title: 'The "Film"', amplitude: 0.49, level});
  await t.test('keeps every stream bit for bit, and gains the dub', t => kept(t, path, made));
  await t.test('plays on a phone', t => onPhone(t, path, made));
  await t.test('has no peak over the ceiling', t => limited(t, made));
});

type Mastered = Awaited<ReturnType<typeof mastered>>;

async function kept(t: Test, path: string, {mkv, dir, doc}: Mastered): Promise<void> {
  const before = await filmAt(path, dir);
  const after = await filmAt(mkv, dir);
  const kinds = after.streams.map(({kind, codec}) => `${kind} ${codec}`);
  t.same(kinds, [
    ...['video h264', 'audio ac3', 'subtitle ass', 'audio aac', 'subtitle subrip'],
    ...['audio aac', 'subtitle subrip', 'subtitle subrip'],
    ...['attachment unknown', 'attachment unknown', 'cover png'],
  ]);
  const theirs = await packetHashes(path, [0, 1, 2, 3, 4, 7]);
  t.same(
    await packetHashes(mkv, [0, 1, 2, 3, 4, 10]),
    theirs,
    'every stream is the same bytes, the cover too',
  );
  t.equal(new Set(theirs).size, 6);
  for (const nth of [0, 1]) {
    const [was, is] = [before.streams[5 + nth], after.streams[8 + nth]];
    t.ok(was?.setupHash);
    t.same([is?.setupHash, is?.fileName, is?.mimeType], [was?.setupHash, was?.fileName, was?.mimeType]);
  }
  t.equal(after.chapters, 2);
  t.match(after.streams[1], {title: 'Surround', language: 'eng', marks: new Set(['original'])});
  t.match(after.streams[2], {marks: new Set(['forced'])}, 'forced subtitles stay forced');
  t.match(after.streams[3], {title: 'Commentary', marks: new Set(['comment'])});
  t.match(after.streams[5], {
    title: 'Español (Dubstead)',
    language: 'spa',
    channels: 6,
    marks: new Set(['default']),
  });
  t.match(after.streams[6], {title: 'Español (Dubstead)', language: 'spa'});
  t.match(after.streams[7], {title: 'English (Dubstead)', language: 'eng'});
  t.same(await doc('master'), {notes: []});
}

async function onPhone(t: Test, path: string, {mp4, dir}: Mastered): Promise<void> {
  const phone = await filmAt(mp4, dir);
  t.match(phone.streams.slice(0, 5), [
    {kind: 'video', codec: 'h264'},
    {
      kind: 'audio',
      codec: 'aac',
      channels: 2,
      language: 'spa',
      handler: 'Español (Dubstead)',
      marks: new Set(['default']),
    },
    {kind: 'audio', codec: 'aac', channels: 2, language: 'eng', handler: 'English'},
    {kind: 'subtitle', codec: 'mov_text', language: 'spa'},
    {kind: 'subtitle', codec: 'mov_text', language: 'eng'},
  ]);
  t.equal(phone.chapters, 2);
  t.same(await packetHashes(mp4, [0]), await packetHashes(path, [0]), 'the picture was fit: copied');
  const boxes = (await readFile(mp4)).toString('latin1');
  t.ok(boxes.indexOf('moov') < boxes.indexOf('mdat'), 'playable before it is all there');
}

async function limited(t: Test, {mkv, mp4, dir, probe}: Mastered): Promise<void> {
  for (const [file, original, dub] of [
    [mkv, 1, 5],
    [mp4, 2, 1],
  ] as const) {
    const loud = await samplesOf(file, '-map', `0:${dub}`, '-af', 'aresample=192000');
    const peakDbtp = 20 * Math.log10(loud.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
    t.ok(peakDbtp <= -0.9 && peakDbtp > -6, `true peak ${peakDbtp.toFixed(2)} dBTP`);
    const [, dubbed] = await onsets(file, [original, dub]);
    t.ok(dubbed < 0.03, 'the look-ahead delays nothing');
    const {duration} = await filmAt(file, dir);
    t.ok(Math.abs((duration ?? 0) - probe.duration) < 0.1);
  }
}

/** Seconds at which sound begins that is silent before, in two streams of a file. */
async function onsets(path: string, streams: readonly [number, number]): Promise<readonly [number, number]> {
  const clock = 'aresample=48000:async=1:first_pts=0,aformat=channel_layouts=mono';
  const graph = `[0:${streams[0]}]${clock}[a];[0:${streams[1]}]${clock}[b];[a][b]join=inputs=2[both]`;
  const both = await samplesOf(path, '-filter_complex', graph, '-map', '[both]');
  const loud = (sample: number): boolean => Math.abs(sample) > 0.02;
  const first = (side: number): number => both.findIndex((sample, i) => i % 2 === side && loud(sample));
  return [first(0) / 96_000, first(1) / 96_000];
}

const small = picture(2, '64x36', '12');

/** Containers, and codecs that each takes another way through: what is copied, encoded, rewritten, left out. */
function everyContainer(dir: string): readonly (readonly [string, readonly string[], RegExp | null])[] {
  const late = ['-itsoffset', '0.6', ...tone(1)];
  const extras = ['-i', join(dir, 'a.srt'), '-i', join(dir, 'cover.jpg'), '-map', '0', '-map', '1'];
  const copied = [...x264, '-bf', '2', '-c:a', 'aac'];
  return [
    ['late.ts', [...small, ...late, ...copied], null],
    ['late.mpg', [...picture(2, '64x36', '25'), ...late, '-c:v', 'mpeg2video', '-c:a', 'mp2'], null],
    ['film.avi', [...small, ...tone(2), '-c:v', 'mpeg4', '-bf', '2', '-c:a', 'mp3'], null],
    [
      'texts, cover and timecode.mp4',
      [
        ...[...small, ...late, ...extras, '-map', '2', '-map', '3', ...copied, '-c:s', 'mov_text'],
        ...['-c:v:1', 'copy', '-disposition:v:1', 'attached_pic', '-timecode', '01:00:00:00'],
      ],
      /mov_text.*srt.*data.*not in the MKV/s,
    ],
  ];
}

t.test('films of every container come out whole and in step', async t => {
  const dir = await sandbox(t);
  await writeFile(join(dir, 'a.srt'), cue('Hello'));
  await ffmpeg(...picture(0.04, '64x64'), '-frames:v', '1', join(dir, 'cover.jpg'));
  await twoAtATime(everyContainer(dir), async ([name, argv, note]) => {
    const path = join(dir, name);
    await ffmpeg(...argv, path);
    const {mkv, mp4, doc} = await mastered(path, dir);
    const {streams} = await filmAt(mkv, dir);
    const dub = streams.findLastIndex(({kind}) => kind === 'audio');
    for (const [file, pair] of [
      [mkv, [1, dub]],
      [mp4, [2, 1]],
    ] as const) {
      const [original, dubbed] = await onsets(file, pair);
      const behind = original - dubbed;
      t.ok(Math.abs(behind - (name === 'film.avi' ? 0 : 0.6)) < 0.05, `${name}: ${behind.toFixed(3)} s`);
    }
    const notes = String(((await doc('master')) as {notes: unknown}).notes);
    if (note === null) t.equal(notes, '', name);
    else t.match(notes, note, name);
  });
});

t.test('HLS: both languages named, segments from key frame to key frame', async t => {
  const dir = await sandbox(t);
  const path = join(dir, 'film.webm');
  const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'];
  await ffmpeg(...picture(8, '64x36', '12'), '-itsoffset', '0.6', ...tone(7.4), ...vp8, path);
  const {dir: made, mkv, mp4} = await mastered(path, dir, {hls: true});
  for (const [file, pair] of [
    [mkv, [1, 2]],
    [mp4, [2, 1]],
  ] as const) {
    const [original, dubbed] = await onsets(file, pair);
    t.ok(Math.abs(original - dubbed - 0.6) < 0.05, `in step: ${(original - dubbed).toFixed(3)} s`);
  }
  const hls = (name: string): string => join(made, 'hls', name);
  const master = await readFile(hls('master.m3u8'), 'utf8');
  t.match(
    master,
    /TYPE=AUDIO,GROUP-ID="sound",NAME="Español \(Dubstead\)",LANGUAGE="es",DEFAULT=YES.*URI="dub.m3u8"/,
  );
  t.match(master, /TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",DEFAULT=NO.*URI="original.m3u8"/);
  t.match(master, /TYPE=SUBTITLES.*LANGUAGE="es".*URI="text-es.m3u8"/);
  t.match(master, /RESOLUTION=64x36,CODECS="avc1.6400[0-9a-f]{2},mp4a.40.2",AUDIO="sound",SUBTITLES="text"/);
  const lengths = [...(await readFile(hls('picture.m3u8'), 'utf8')).matchAll(/#EXTINF:([\d.]+)/g)];
  t.same(
    lengths.map(([, seconds]) => Math.round(Number(seconds))),
    [6, 2],
  );
  t.match(await readFile(hls('text-es.vtt'), 'utf8'), /^WEBVTT[\s\S]*Hola/);
  t.match(await readFile(hls('text-es.m3u8'), 'utf8'), /text-es.vtt/);
  // A player: ffmpeg's own HLS reader takes the whole presentation.
  await ffmpeg('-xerror', '-i', hls('master.m3u8'), '-map', '0:v', '-map', '0:a', '-f', 'null', '-');
  t.same(
    await packetHashes(hls('picture.m3u8'), [0]),
    await packetHashes(mp4, [0]),
    'nothing was encoded twice',
  );
  t.ok((await keyFrames(mp4)).length >= 4);
  const late = (await firstShown(hls('picture.mp4'), 0)) - (await firstShown(hls('dub.mp4'), 0));
  const lateThere = (await firstShown(mp4, 0)) - (await firstShown(mp4, 1));
  t.ok(Math.abs(late - lateThere) < 0.025, `sound and picture in step: ${late} as in the MP4: ${lateThere}`);
});

t.test('an odd film: no words, a title of 200 characters, scenes cut anywhere', async t => {
  const dir = await sandbox(t);
  const path = join(dir, `-${'長'.repeat(60)}🎬.mp4`);
  await ffmpeg(...small, ...tone(2), ...x264, '-c:a', 'aac', `file:${path}`);
  const {mkv, mp4} = await mastered(path, dir, {
    ...{title: `"${'x'.repeat(198)}'`, sourceText: '\n', from: 'ja'},
    cuts: [0.1, 0.100_021, 0.834_57],
  });
  t.same(
    (await filmAt(mkv, dir)).streams.map(s => s.kind),
    ['video', 'audio', 'audio', 'subtitle'],
  );
  t.match((await filmAt(mp4, dir)).streams[2], {language: 'jpn', handler: '日本語'});
  await t.test('its scenes join to the sample, without a click, at the loudness asked for', t =>
    joins(t, mkv),
  );
});

async function joins(t: Test, mkv: string): Promise<void> {
  const dub = await samplesOf(mkv, '-map', '0:2');
  // A tone obeys x[n+1] = 2·cos(w)·x[n] − x[n−1]; a lost or doubled sample breaks it by a large part of its amplitude.
  const turn = 2 * Math.cos((2 * Math.PI * 1000) / 48_000);
  let worst = 0;
  for (let n = 4000; n < 1.9 * 48_000; n++) {
    worst = Math.max(worst, Math.abs((dub[n + 1] ?? 0) - turn * (dub[n] ?? 0) + (dub[n - 1] ?? 0)));
  }
  t.ok(worst < 0.01, `largest break ${worst.toFixed(4)}`);
  const peak = dub.slice(4000, 80_000).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const expected = 0.2 * 10 ** (1 / 20);
  t.ok(Math.abs(peak / expected - 1) < 0.05, `1 dB louder: ${peak.toFixed(3)}`);
}

t.test('the check sees what is wrong', async t => {
  const dir = await sandbox(t);
  const path = join(dir, 'film.mkv');
  const other = join(dir, 'other.mkv');
  const dub = [
    '-metadata:s:a:0',
    'language=spa',
    '-metadata:s:a:0',
    'title=Dub',
    '-disposition:a:0',
    'default',
  ];
  await ffmpeg(...small, ...tone(2), ...x264, '-c:a', 'aac', ...dub, path);
  await ffmpeg(...small, ...tone(2, 301), ...x264, '-c:a', 'aac', ...dub, other);
  const [film, otherFilm] = [await filmAt(path, dir), await filmAt(other, dir)];
  const copyOf = (from: string, streams: typeof film.streams, index: number) => {
    const stream = streams[index];
    if (stream === undefined) throw new Error(`no stream ${index}`);
    return {of: {path: from, stream, format: 'matroska,webm'}, stream: index};
  };
  const good: ExpectedOutput = {
    duration: 2,
    streams: [{kind: 'video'}, {kind: 'audio', language: 'spa', title: 'Dub', isDefault: true}],
    copies: [copyOf(other, otherFilm.streams, 0)],
  };
  t.equal(await failureOf(checkOutput(path, good, toolsIn(dir))), 'no failure');
  const wrong: readonly (readonly [Partial<ExpectedOutput>, RegExp])[] = [
    [{duration: 3}, /lasts/],
    [{streams: [{kind: 'video'}]}, /2 tracks instead of 1/],
    [{streams: [{kind: 'audio'}, {kind: 'audio'}]}, /track 0: video instead of audio/],
    [{streams: [{kind: 'video'}, {kind: 'audio', language: 'jpn'}]}, /language spa instead of jpn/],
    [{streams: [{kind: 'video'}, {kind: 'audio', title: 'Original'}]}, /title Dub/],
    [{streams: [{kind: 'video'}, {kind: 'audio', isDefault: false}]}, /marked as default/],
    [{copies: [copyOf(other, otherFilm.streams, 1)]}, /track 1 is not the same/],
    [{copies: [{of: {hash: '0'.repeat(32)}, stream: 1}]}, /track 1 is not the same/],
  ];
  await twoAtATime(wrong, async ([over, detail]) => {
    const failure = await failureOf(checkOutput(path, {...good, ...over}, toolsIn(dir)));
    t.match(failure, {reason: 'bad-output', path, detail}, String(detail));
  });
  t.equal(
    misfit(film, {...good, streams: [{kind: 'video'}, {kind: 'audio', language: 'es'}]}),
    null,
    'either spelling',
  );
  const whole = {heard: [1], seen: 0};
  t.equal(await failureOf(checkDecodes(path, whole, toolsIn(dir))), 'no failure');
  const bytes = await readFile(path);
  bytes.fill(0x5a, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.6));
  await writeFile(path, bytes);
  const looks = [() => checkOutput(path, good, toolsIn(dir)), () => checkDecodes(path, whole, toolsIn(dir))];
  for (const look of looks) t.match(await failureOf(look()), {reason: 'bad-output'}, 'damage');
});

t.test('pure parts', async t => {
  t.equal(
    peakBitRate('#EXTINF:2.0,\n#EXT-X-BYTERANGE:1000@0\na\n#EXTINF:1.0,\n#EXT-X-BYTERANGE:900@1000\na\n'),
    7200,
  );
  const track = {stem: 'dub', tag: 'es', title: 'A "B"\n'};
  const sole = masterPlaylist({
    picture: 'picture',
    sounds: [track],
    subtitles: [],
    bandwidth: 1,
    width: 2,
    height: 2,
    videoCodec: 'avc1.640015',
  });
  t.match(sole, /NAME="A 'B''"/);
  t.notMatch(sole, /SUBTITLES/);
});

t.test('what Matroska cannot carry is rewritten or left out, and said', async t => {
  const dir = await sandbox(t);
  const path = join(dir, 'film.mkv');
  await ffmpeg(...picture(0.5), ...tone(0.5), ...x264, '-c:a', 'aac', path);
  const film = await filmAt(path, dir);
  const [base] = film.streams;
  if (base === undefined) throw new Error('no stream');
  const cases = [
    [{kind: 'data', codec: 'bin_data'}, 'dropped'],
    [{kind: 'subtitle', codec: 'mov_text'}, 'converted'],
    [{kind: 'subtitle', codec: 'eia_608'}, 'dropped'],
    [{kind: 'subtitle', codec: 'hdmv_pgs_subtitle'}, 'copied'],
    [{kind: 'audio', codec: 'pcm_bluray'}, 'converted'],
    [{kind: 'audio', codec: 'none'}, 'dropped'],
    [{kind: 'cover', codec: 'mjpeg'}, 'attached'],
    [{kind: 'attachment', codec: 'unknown'}, 'copied'],
  ] as const;
  for (const [over, is] of cases) t.equal(carriage({...base, ...over}).is, is, over.codec);
  const streams = cases.map(([over], i) => ({...base, ...over, index: i, fileName: '', mimeType: ''}));
  const own = {path: '/dub', iso639: 'spa', title: 'Dub'};
  const plan = planMkv({
    source: '/f',
    film: {...film, streams},
    covers: [],
    dub: own,
    subtitles: [],
    out: '/o',
  });
  t.same(
    plan.kept.map(({index}) => index),
    [1, 3, 4, 7],
  );
  t.same(
    plan.copied.map(({index}) => index),
    [3, 7],
  );
  t.equal(plan.notes.length, 5);
  const turned = planMkv({
    ...{source: '/f', film: {...film, streams: [{...base, rotation: 90}]}, covers: [], dub: own},
    ...{subtitles: [], out: '/o'},
  });
  t.match(turned.notes, [/not turned by 90° in the MKV/]);
  t.match(plan.argv.join(' '), /-map 1:0 -c:3 copy -disposition:3 default -metadata:s:3 language=spa/);
  t.match(plan.argv.join(' '), /-map 0:7 -c:4 copy -metadata:s:4 filename=attachment-7/);
});
