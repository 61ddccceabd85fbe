/** Which options a film gets, and what can be saved. */
import t from 'tap';
import type {JobOptions} from '../../../appliance/job.ts';
import {PresetBody, SavedSeries, SeriesBody, settledOptions} from '../../../appliance/library/preset.ts';

const box: JobOptions = {
  from: null,
  to: 'es',
  preset: 'balanced',
  hls: false,
  loudnessLufs: -16,
  keep: 'lines',
};

t.test(
  'what was asked counts before the preset, that before the series, and that before the box',
  async t => {
    const none = {series: undefined, preset: undefined, asked: {}};
    t.strictSame(settledOptions({box, ...none}), box);
    const series = {to: 'fr', preset: 'best', hls: true} as const;
    t.strictSame(settledOptions({box, ...none, series}), {...box, ...series});
    const preset = {preset: 'fast', keep: 'work'} as const;
    t.strictSame(settledOptions({box, series, preset, asked: {}}), {...box, ...series, ...preset});
    const asked = {to: 'de', keep: undefined} as const;
    t.strictSame(settledOptions({box, series, preset, asked}), {...box, ...series, ...preset, to: 'de'});
  },
);

t.test('a series keeps all that is to be the same, and nothing that does not fit', async t => {
  t.strictSame(PresetBody.parse({name: ' mine '}), {name: 'mine', options: {}, shared: false});
  const full = {
    ...{name: 'Show', options: {to: 'fr'}, shared: true, voices: {Ana: 'af_1'}, glossary: {warp: 'Warp'}},
    ...{names: ['Enterprise'], style: 'formal', subtitles: {lineLength: 42, lines: 2}},
  };
  const body = SeriesBody.parse(full);
  t.strictSame(body, full);
  const row = SavedSeries.parse({...body, id: '0123456789', owner: 'ann', at: 5});
  t.strictSame(SavedSeries.parse(row), row, 'parsed again it is the same');
  const bad: readonly object[] = [
    {name: ''},
    {name: 'a', options: {to: 'xx'}},
    {name: 'a', options: {path: '/etc'}},
    {name: 'a', voices: {'': 'x'}},
    {name: 'a', names: Array(501).fill('x')},
    {name: 'a', glossary: Object.fromEntries(Array.from({length: 501}, (_, i) => [`t${i}`, 'x']))},
    {name: 'a', subtitles: {lineLength: 5, lines: 2}},
    {name: 'a', owner: 'bob'},
  ];
  for (const given of bad) t.notOk(SeriesBody.safeParse(given).success, JSON.stringify(given).slice(0, 50));
});
