import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t from 'tap';
import {Loudness} from '../../../pipeline/documents.ts';
import {integratedLufs, silenceLufs} from '../../../pipeline/loudness.ts';
import {measureStage} from '../../../pipeline/stages/measure.ts';
import {runStage, sandbox} from '../film.ts';
import {cutPieces, encodePieces, joinedFrames, readProgramme} from '../pieces.ts';

const run = promisify(execFile);

/** What ffmpeg's meter says of a whole file in the end. */
async function summaryOf(path: string): Promise<{readonly lufs: number; readonly peakDbtp: number}> {
  const meter = ['-nostdin', '-nostats', '-i', `file:${path}`, '-af', 'ebur128=peak=true:framelog=verbose'];
  const {stderr} = await run('ffmpeg', [...meter, '-f', 'null', '-']);
  const value = (pattern: RegExp): number =>
    Number(pattern.exec(stderr.slice(stderr.indexOf('Summary')))?.[1]);
  return {lufs: value(/I:\s+(\S+) LUFS/), peakDbtp: value(/Peak:\s+(\S+) dBFS/)};
}

t.test('scenes put together measure as the whole track does', async t => {
  const dir = await sandbox(t);
  const whole = await readProgramme(dir, 12, []);
  const pieces = await cutPieces(whole, {duration: 12, cuts: [1.951, 4.137, 4.287, 7.993]}, dir);
  const encoded = await encodePieces(pieces, {level: {gainDb: 8, ceilingDbtp: -6}, dir, truePeakDbtp: 0});
  const track = join(dir, 'track.aac');
  await writeFile(track, await joinedFrames(encoded, 'full.aac'));

  const scenes = {fit: pieces.fits, encode: encoded.map(({heard}) => heard)};
  const measured = Loudness.parse(await (await runStage(measureStage, dir, {scenes})).doc('measure'));
  const {lufs, peakDbtp} = await summaryOf(track);
  const found = integratedLufs(measured.momentaryLufs) ?? 0;
  t.ok(Math.abs(found - lufs) < 0.2, `${found.toFixed(2)} LUFS, in one go ${lufs}`);
  const peak = measured.truePeakDbtp;
  t.ok(Math.abs(peak - peakDbtp) < 0.3, `${peak.toFixed(2)} dBTP, in one go ${peakDbtp}`);
  t.equal(measured.momentaryLufs.length, 120, 'one value each 100 ms');
});

t.test('each scene keeps its own place on the clock of the film', async t => {
  const dir = await sandbox(t);
  const fit = (from: number, to: number) => ({from, to, placements: []});
  const heard = (lufs: readonly number[], truePeakDbtp = -9) => ({momentaryLufs: [...lufs], truePeakDbtp});
  const cases = [
    {
      name: 'the first windows of a scene reach back over its beginning',
      fits: [fit(0, 0.5), fit(0.5, 1)],
      scenes: [heard([-26, -23, -21, -20, -20]), heard([-36, -33, -31, -30, -30])],
      whole: [-26, -23, -21, -20, -20, -20, -20, -20, -30, -30],
    },
    {
      name: 'a scene that ends between two steps',
      fits: [fit(0, 0.46), fit(0.46, 0.94)],
      scenes: [heard([-20, -20, -20, -20]), heard([-30, -30, -30, -30])],
      whole: [-20, -20, -20, -20, -20, -20, -20, -20, -30],
    },
    {
      name: 'a scene that was heard past its end',
      fits: [fit(0, 0.44), fit(0.44, 0.9)],
      scenes: [heard([-20, -20, -20, -20, -99]), heard([-30, -30, -30, -30], -3)],
      whole: [-20, -20, -20, -20, -20, -20, -20, -30],
    },
    {
      name: 'scenes with nothing in them',
      fits: [fit(0, 0.2), fit(0.2, 0.2), fit(0.2, 0.3)],
      scenes: [heard([]), heard([], silenceLufs), heard([-20])],
      whole: [silenceLufs, silenceLufs, silenceLufs],
    },
  ];
  for (const {name, fits, scenes, whole} of cases) {
    const made = await runStage(measureStage, dir, {scenes: {fit: fits, encode: scenes}});
    const truePeakDbtp = Math.max(...scenes.map(scene => scene.truePeakDbtp));
    t.same(await made.doc('measure'), {momentaryLufs: whole, truePeakDbtp}, name);
  }
});
