import {readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {type Brief, noBrief} from '../../appliance/brief.ts';
import {digestOfFile} from '../../appliance/digest.ts';
import {type SpeakerChange, withSpeakers} from '../../appliance/speakers.ts';
import {Report} from '../../pipeline/report/report.ts';
import {runWorker} from '../../tui/worker.ts';
import {ffmpeg, packetsOf, readerFilm, reading, streamsOf, writeCues} from '../clips.ts';
import {type Dubbed, dubbed, orderFor, outputOf} from '../jobs.ts';

const still = new AbortController().signal;

t.test('a film is recognised, translated, spoken and mixed; its own tracks stay as they are', async t => {
  const folder = t.testdir();
  const film = await readerFilm(join(folder, 'film.mp4'));
  const before = await digestOfFile(film);
  const out = join(folder, 'out');
  const first = await dubbed(orderFor(film, out));

  t.equal(await digestOfFile(film), before, 'the source is untouched');
  t.same((await readdir(out)).toSorted(), [
    ...['.dubstead', 'film.es.mkv', 'film.es.mp4', 'film.es.report.html', 'film.es.report.json'],
    ...['film.es.srt', 'film.es.vtt'],
  ]);
  const [video, original, dub, ...subtitles] = await streamsOf(outputOf(first, '.mkv'));
  t.match(video, {codec_type: 'video', codec_name: 'h264'});
  t.match(original, {codec_type: 'audio', disposition: {default: 0}});
  t.match(dub, {
    codec_name: 'aac',
    tags: {language: 'spa', title: 'Español (Dubstead)'},
    disposition: {default: 1},
  });
  t.same(
    subtitles.map(({tags}) => tags?.['language']),
    ['spa', 'eng'],
  );
  t.equal(
    await packetsOf(outputOf(first, '.mkv'), '0:v:0'),
    await packetsOf(film, '0:v:0'),
    'picture bit for bit',
  );
  t.equal(
    await packetsOf(outputOf(first, '.mkv'), '0:a:0'),
    await packetsOf(film, '0:a:0'),
    'sound bit for bit',
  );

  const report = Report.parse(JSON.parse(await readFile(outputOf(first, '.report.json'), 'utf8')));
  t.ok(report.lines.length >= 2, 'at least the two sentences are lines');
  t.ok(
    report.lines.every(line => line.dub !== null && line.translation !== ''),
    'every line is spoken',
  );
  const metric = (key: string) => report.metrics.find(one => one.key === key)?.value ?? Number.NaN;
  t.ok(Math.abs(metric('integrated') + 16) < 0.7, `${metric('integrated')} LUFS`);
  t.ok(metric('truePeak') <= -1, `${metric('truePeak')} dBTP`);

  const again = await dubbed(orderFor(film, out));
  t.same(again.ran, [], 'nothing is done twice');
  t.equal(await digestOfFile(outputOf(again, '.mkv')), await digestOfFile(outputOf(first, '.mkv')));

  await t.test('an edited line is the only one spoken anew', async t => {
    const edit = {v: 1, do: 'edit', out, title: null, line: 1, text: 'No era malo.'} as const;
    const edited = await runWorker(edit, () => {}, still);
    t.match(edited, {is: 'edited', line: 1, now: 'No era malo.'});
    const third = await dubbed(orderFor(film, out));
    const spoken = third.ran.filter(node => node.startsWith('synthesize'));
    t.same(spoken, ['synthesize@0.0']);
    t.notOk(
      third.ran.some(node => /^(probe|demux|detect|transcribe|diarize|segment|translate|picture)/.test(node)),
    );
    t.match(await readFile(outputOf(third, '.srt'), 'utf8'), 'No era malo.');
  });

  await t.test('a speaker is named and has another voice, each kept beside the other', async t => {
    const recast = (change: object) =>
      runWorker({v: 1, do: 'recast', out, title: null, speaker: 'S1', ...change}, () => {}, still);
    t.match(await recast({voice: 'espeak-ng:Annie'}), {is: 'recast', speaker: 'S1', name: null});
    t.match(await recast({name: 'Anna'}), {name: 'Anna', voice: 'espeak-ng:Annie'});
    const anew = await dubbed(orderFor(film, out));
    t.ok(anew.ran.includes('cast') && anew.ran.includes('synthesize@0.0'), String(anew.ran));
    t.match(await readFile(outputOf(anew, '.srt'), 'utf8'), 'No era malo.', 'the edit is there still');
    const told = JSON.parse(await readFile(outputOf(anew, '.report.json'), 'utf8'));
    t.match(told, {speakers: [{name: 'Anna', voice: 'espeak-ng:Annie'}]});
    t.match(await recast({voice: null}), {name: 'Anna', voice: null});
    await t.rejects(recast({voice: 'espeak-ng:x'}), /There is no voice espeak-ng:x/);
    await t.rejects(recast({speaker: 'S9', name: 'x'}), /Nobody in this dub is called S9/);
  });

  await t.test('an edit names a line and a dub that are there', async t => {
    const edit = (line: number, title: string | null, where = out) =>
      runWorker({v: 1, do: 'edit', out: where, title, line, text: 'x'}, () => {}, still);
    await t.rejects(edit(99, null), /There is no line 99/);
    await t.rejects(edit(1, 'other.es'), /There is no dub in/);
    await t.rejects(edit(1, null, folder), /There is no dub in/);
  });

  await t.test('a finished file that somebody changed is made again', async t => {
    await writeFile(outputOf(first, '.mkv'), 'spoiled');
    const mended = await dubbed(orderFor(film, out));
    t.ok(mended.ran.includes('master'));
    t.equal((await streamsOf(outputOf(mended, '.mkv'))).length, 5);
  });
});

t.test('given subtitles are used instead of guessing', async t => {
  const folder = t.testdir({in: {}, source: {}, target: {}, both: {}});
  for (const name of ['source', 'target', 'both']) await readerFilm(join(folder, name, 'film.mp4'));
  const sound = 'no engine that splits speech from music is installed; the original is ducked instead';
  const deaf = 'relisten: no recogniser here knows Spanish';

  await t.test('in the language that is spoken: nothing is recognised', async t => {
    await writeCues(join(folder, 'source'), 'film.srt', 'en');
    const {skipped, ran, done} = await dubbed(
      orderFor(join(folder, 'source/film.mp4'), join(folder, 'out1')),
    );
    t.same(skipped, [`separate: ${sound}`, 'transcribe: given by film.srt', deaf]);
    t.notOk(ran.some(node => node.startsWith('transcribe')));
    t.match(await readFile(outputOf({done}, '.srt'), 'utf8'), /joven/);
  });

  await t.test('in the language that is wanted: nothing is translated either', async t => {
    await writeCues(join(folder, 'target'), 'film.es.srt', 'es');
    const {skipped, done} = await dubbed(orderFor(join(folder, 'target/film.mp4'), join(folder, 'out2')));
    t.same(skipped.slice(1, 3), ['transcribe: given by film.es.srt', 'translate: given by film.es.srt']);
    t.match(await readFile(outputOf({done}, '.srt'), 'utf8'), 'No era un joven malintencionado.');
  });

  await t.test('by people, before what lies beside it, and with who speaks', async t => {
    const path = join(folder, 'brief.json');
    const translation = 'Era un buen chico, y nada más.';
    const brief: Brief = {
      ...{...noBrief, turns: [{start: 0, end: 60, speaker: 'Ana'}]},
      target: {from: 'a translation', cues: [{start: 0.5, end: 3, text: translation}]},
    };
    await writeFile(path, JSON.stringify(brief));
    const order = orderFor(join(folder, 'target/film.mp4'), join(folder, 'out5'), {brief: path});
    const {skipped, done} = await dubbed(order);
    t.ok(skipped.includes('translate: given by a translation'), String(skipped));
    const report = Report.parse(JSON.parse(await readFile(outputOf({done}, '.report.json'), 'utf8')));
    t.same(
      report.lines.map(line => [line.speaker, line.translation]),
      [['Ana', translation]],
    );
    await writeFile(path, JSON.stringify({...brief, turns: [{start: 0, end: 60, speaker: 'Ben'}]}));
    const {ran} = await dubbed(order);
    t.ok(ran.includes('diarize'));
    t.notOk(
      ran.some(node => /^(probe|demux|detect|picture)/.test(node)),
      String(ran),
    );
  });

  await t.test('another voice has only the lines of that speaker spoken anew', async t => {
    const path = join(folder, 'voices.json');
    const turns = [
      {start: 0, end: 4.2, speaker: 'S1'},
      {start: 4.2, end: 60, speaker: 'S2'},
    ];
    const brief: Brief = {...noBrief, turns};
    const save = (...changes: SpeakerChange[]) =>
      writeFile(path, JSON.stringify(withSpeakers(brief, changes, 'ann')));
    const order = orderFor(join(folder, 'target/film.mp4'), join(folder, 'out6'), {brief: path});
    const report = async (made: Pick<Dubbed, 'done'>) =>
      Report.parse(JSON.parse(await readFile(outputOf(made, '.report.json'), 'utf8')));
    const voicing = ({ran}: Dubbed) => ran.filter(node => /^(cast|synthesize|conform)/.test(node));
    await writeFile(path, JSON.stringify({...brief, speakers: undefined}));
    const first = await report(await dubbed(order));
    t.match(first.speakers, [
      {name: null, chosen: null},
      {name: null, chosen: null},
    ]);
    const other = {speaker: 'S2', name: 'Ben', voice: 'espeak-ng:m6'};
    await save(other);
    const again = await dubbed(order);
    t.strictSame(voicing(again), ['cast', 'synthesize@0.1', 'conform@0.1']);
    t.notOk(again.ran.some(node => /^(probe|demux|detect|diarize|translate|revise|picture)/.test(node)));
    const {voices, speakers, lines} = await report(again);
    t.match(
      voices.find(({speaker}) => speaker === 'S2'),
      {voice: 'es+m6'},
    );
    t.match(
      speakers.find(({id}) => id === 'S2'),
      {name: 'Ben', chosen: 'espeak-ng:m6', voice: 'espeak-ng:m6'},
    );
    t.match(
      lines.map(({speaker}) => speaker),
      ['S1', 'S2'],
    );
    t.match(await readFile(outputOf(again, '.report.html'), 'utf8'), '>Ben<');
    await save({...other, name: 'Bernard'});
    const renamed = await dubbed(order);
    t.strictSame(renamed.ran, ['cast'], 'a name is heard in no line');
    t.match(await readFile(outputOf(renamed, '.report.html'), 'utf8'), '>Bernard<');
    await save({...other, voice: 'espeak-ng:nobody'});
    const gone = await dubbed(order);
    const {findings} = await report(gone);
    t.match(
      findings.find(({what}) => what.startsWith('cast: ')),
      {
        what: 'cast: the voice espeak-ng:nobody, chosen for Ben (S2), is not here any more; another speaks',
      },
    );
    t.strictSame((await dubbed(order)).ran, ['cast'], 'it is looked for again each time');
  });

  await t.test('in both, inside the film: each is used for what it is', async t => {
    const [en, es] = [await writeCues(folder, 'a.srt', 'en'), await writeCues(folder, 'b.srt', 'es')];
    const film = join(folder, 'both/inside.mkv');
    await ffmpeg(
      ...[
        '-i',
        join(folder, 'both/film.mp4'),
        '-i',
        en,
        '-i',
        es,
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        '-c',
        'copy',
      ],
      ...['-c:s', 'srt', '-metadata:s:s:0', 'language=eng', '-metadata:s:s:1', 'language=spa', film],
    );
    const {skipped, done} = await dubbed(orderFor(film, join(folder, 'out3')));
    t.same(skipped[1], 'transcribe: given by subtitle track 3');
    const report = Report.parse(JSON.parse(await readFile(outputOf({done}, '.report.json'), 'utf8')));
    t.same(
      report.lines.map(({text, translation}) => [text, translation]),
      [
        ['He was not an ill-disposed young man.', 'No era un joven malintencionado.'],
        ['He might even have been made amiable himself.', 'Incluso podría haber sido amable.'],
      ],
    );
  });

  await t.test('into English, the dub is listened to again', async t => {
    await writeCues(join(folder, 'in'), 'film.es.srt', 'es');
    const film = await readerFilm(join(folder, 'in/film.mp4'));
    const {ran, done} = await dubbed(orderFor(film, join(folder, 'out4'), {from: 'es', to: 'en'}));
    t.ok(ran.includes('relisten@0'));

    const report = Report.parse(JSON.parse(await readFile(outputOf({done}, '.report.json'), 'utf8')));
    t.type(report.metrics.find(({key}) => key === 'wordError')?.value, 'number');
  });
});

t.test('a film keeps all it came with: 5.1, two sound tracks, chapters, fonts, subtitles', async t => {
  const folder = t.testdir({'font.ttf': 'not really a font, but kept as one'});
  const chapters = join(folder, 'chapters.txt');
  const chapter = (title: string, from: number, to: number) =>
    `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${to}\ntitle=${title}\n`;
  await writeFile(chapters, `;FFMETADATA1\n${chapter('One', 0, 4000)}${chapter('Two', 4000, 9000)}`);
  const cues = await writeCues(folder, 'cues.srt', 'en');
  const film = join(folder, 'film.mkv');
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=320x180:r=12',
      '-f',
      'lavfi',
      '-i',
      'sine=220',
      '-i',
      reading('0880'),
    ],
    ...['-i', reading('0930'), '-i', cues, '-i', chapters],
    ...[
      '-filter_complex',
      '[2:a]adelay=500[a];[3:a]adelay=4800[b];[a][b]amix=normalize=0,apad=whole_dur=9[c];[1:a]atrim=end=9,volume=0.05,asplit=5[l][r][e][x][y];[l][r][c][e][x][y]join=inputs=6:channel_layout=5.1[s]',
    ],
    ...['-map', '0:v', '-map', '[s]', '-map', '1:a', '-map', '4:s', '-map_metadata', '5', '-t', '9'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'ac3', '-c:s', 'ass'],
    ...[
      '-metadata:s:a:0',
      'language=eng',
      '-metadata:s:a:1',
      'title=Commentary',
      '-metadata:s:s:0',
      'language=eng',
    ],
    ...['-attach', join(folder, 'font.ttf'), '-metadata:s:t', 'mimetype=font/ttf', film],
  );
  const {done} = await dubbed(orderFor(film, join(folder, 'out'), {hls: true}));
  const mkv = outputOf({done}, '.mkv');
  const kinds = (await streamsOf(mkv)).map(({codec_type, codec_name}) => `${codec_type} ${codec_name}`);
  t.same(kinds, [
    ...['video h264', 'audio ac3', 'audio ac3', 'subtitle ass', 'audio aac'],
    ...['subtitle subrip', 'subtitle subrip', 'attachment undefined'],
  ]);
  for (const map of ['0:v:0', '0:a:0', '0:a:1', '0:s:0'])
    t.equal(await packetsOf(mkv, map), await packetsOf(film, map), map);
  t.match(await streamsOf(mkv).then(all => all[4]), {channels: 6, tags: {language: 'spa'}});
  t.match(await streamsOf(outputOf({done}, '.mp4')).then(all => all[1]), {
    channels: 2,
    tags: {language: 'spa'},
  });
  const playlist = outputOf({done}, 'master.m3u8');
  t.match(await readFile(playlist, 'utf8'), /LANGUAGE="es"[\s\S]*LANGUAGE="en"/);
  t.ok((await stat(join(playlist, '../picture.mp4'))).size > 1000);
});
