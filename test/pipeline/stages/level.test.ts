import t from 'tap';
import type {Documents} from '../../../pipeline/stage.ts';
import {levelStage} from '../../../pipeline/stages/level.ts';
import {runStage, sandbox} from '../film.ts';

/** A scene that is equally loud throughout. */
function mix(lufs: number, truePeakDbtp: number, steps = 20): Documents['mix'] {
  return {momentaryLufs: Array.from({length: steps}, () => lufs), bedMomentaryLufs: [], truePeakDbtp};
}

t.test('one gain for all scenes, in tenths of a decibel', async t => {
  const dir = await sandbox(t);
  const cases: readonly (readonly [string, readonly Documents['mix'][], number, object])[] = [
    ['up', [mix(-22.04, -12)], -16, {gainDb: 6}],
    ['down', [mix(-11.73, -2)], -16, {gainDb: -4.3}],
    ['a sum that binary fractions cannot hold', [mix(-16.3, -12)], -16, {gainDb: 0.3}],
    ['another loudness', [mix(-22.04, -12)], -23, {gainDb: -1}],
    ['past the ceiling', [mix(-22, -7)], -16, {gainDb: 6, ceilingDbtp: -1.5}],
    ['never more than 20 dB', [mix(-60, -30)], -16, {gainDb: 20}],
    ['silence stays silent', [mix(-120, -120)], -16, {gainDb: 0}],
  ];
  for (const [name, scenes, target, plan] of cases) {
    const made = await runStage(levelStage(target), dir, {scenes: {mix: scenes}});
    t.match(await made.doc('level'), plan, name);
  }
});

t.test('a line said otherwise leaves the gain, and so the other scenes, as they are', async t => {
  const gain = async (edited: number) => {
    const scenes = {mix: [mix(-22, -9, 700), mix(edited, -9, 40)]};
    const dir = await sandbox(t);
    return await (await runStage(levelStage(-16), dir, {scenes})).doc('level');
  };
  t.same(await gain(-22.4), await gain(-22));
  t.notSame(await gain(-12), await gain(-22), 'a shout is another matter');
});
