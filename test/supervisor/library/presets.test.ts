/** What people save, who sees it, and which films are dubbed by it. */
import {mkdir, writeFile} from 'node:fs/promises';
import t from 'tap';
import type {Sight} from '../../../appliance/api/permissions.ts';
import {blankCard} from '../../../appliance/library/card.ts';
import {PresetBody, type SavedSeries, SeriesBody} from '../../../appliance/library/preset.ts';
import {ann, bob, digest, jobOf} from '../../web/memory-box.ts';
import {until} from '../home.ts';
import {Wired} from '../wired.ts';

const sightOf = (user: typeof ann): Sight => ({is: 'own', user});
const body = (name: string, rest: object = {}) => PresetBody.parse({name, ...rest});
const missing = {ok: false, why: {reason: 'no-such-saved'}};

t.test('what is not shared is there for its owner alone; what is shared, to be used by all', async t => {
  const {parts} = await Wired.at(t);
  const {presets} = parts.saved;
  const saved = await presets.save(ann, body('Mine', {options: {to: 'fr'}}));
  if (!saved.ok) throw new Error('not saved');
  const {id} = saved.value;
  const namesFor = (sight: Sight) => presets.list(sight).map(({name}) => name);
  t.strictSame(
    [namesFor(sightOf(ann)), namesFor(sightOf(bob)), namesFor({is: 'all'})],
    [['Mine'], [], ['Mine']],
  );
  t.match(await presets.change(id, body('Stolen'), sightOf(bob)), missing);
  t.match(await presets.remove(id, sightOf(bob)), missing);
  t.match(parts.saved.options({owner: bob, fileName: 'a.mkv', like: 'mine'}, {}), missing);
  t.match(await presets.change(id, body('Mine', {shared: true, options: {to: 'de'}}), sightOf(ann)), {
    ok: true,
  });
  t.strictSame(namesFor(sightOf(bob)), ['Mine']);
  t.match(await presets.remove(id, sightOf(bob)), {ok: false, why: {reason: 'saved-by-another'}});
  t.match(parts.saved.options({owner: bob, fileName: 'a.mkv', like: 'MINE'}, {}), {
    ok: true,
    value: {to: 'de'},
  });
  t.match(await presets.save(ann, body('mine')), {ok: false, why: {reason: 'name-taken'}});
  t.match(await presets.save(bob, body('mine', {options: {to: 'it'}})), {ok: true});
  t.match(
    parts.saved.options({owner: bob, fileName: 'a.mkv', like: 'mine'}, {}),
    {value: {to: 'it'}},
    'one’s own first',
  );
  t.match(await presets.remove(id, sightOf(ann)), {ok: true});
  t.match(await presets.remove(id, sightOf(ann)), missing);
});

t.test('a film is dubbed as its owner’s series and the preset that was named say', async t => {
  const wired = await Wired.at(t);
  const {box, saved} = wired.parts;
  const owner = wired.parts.ground.config.settings.INBOX_OWNER;
  await box.setQueueMode('paused');
  await saved.series.save(owner, SeriesBody.parse({name: 'My Show', options: {to: 'fr', preset: 'best'}}));
  await saved.series.save(bob, SeriesBody.parse({name: 'Other', shared: true, options: {to: 'de'}}));
  await saved.presets.save(owner, body('Quick', {options: {preset: 'fast'}}));
  const path = wired.path('films', 'My.Show.S01E01.mkv');
  await writeFile(path, 'film');
  const {signal} = new AbortController();
  const ask = {path, owner, sidecars: [], priority: 0, options: {}, like: null};
  const optionsOf = async (wish: object) => {
    const answer = await box.submit({...ask, ...wish}, signal);
    return answer.ok ? answer.value.job.options : answer.why;
  };
  t.match(await optionsOf({}), {to: 'fr', preset: 'best'});
  t.match(await optionsOf({like: 'quick'}), {to: 'fr', preset: 'fast'});
  t.match(await optionsOf({like: 'quick', options: {to: 'it'}}), {to: 'it', preset: 'fast'});
  t.match(await optionsOf({like: 'nothing'}), {reason: 'no-such-saved'});
  const other = wired.path('films', 'Other S01E01.mkv');
  await writeFile(other, 'another');
  t.match(await optionsOf({path: other}), {to: 'es'}, 'somebody else’s series is none of it');
});

t.test('so is a film of the inbox, and one in a folder that bears the name of a preset', async t => {
  const wired = await Wired.at(t, {env: {INBOX_STABLE_SECONDS: '1'}});
  const {box, saved, inbox} = wired.parts;
  const owner = wired.parts.ground.config.settings.INBOX_OWNER;
  await box.setQueueMode('paused');
  await saved.series.save(owner, SeriesBody.parse({name: 'My Show', options: {preset: 'best'}}));
  await saved.presets.save(owner, body('Cinema', {options: {hls: true}}));
  await mkdir(wired.path('inbox', owner, 'cinema'), {recursive: true});
  await writeFile(wired.path('inbox', 'My.Show.S01E01.mkv'), 'one film');
  await writeFile(wired.path('inbox', owner, 'cinema', 'My.Show.S01E02.mkv'), 'two films');
  await inbox.start();
  const jobs = () => [...wired.parts.ground.store.all('jobs').values()];
  await until('both are taken', () => jobs().length === 2);
  const options = new Map(jobs().map(job => [job.source.name, job.options]));
  t.match(options.get('My.Show.S01E01.mkv'), {preset: 'best', hls: false});
  t.match(options.get('My.Show.S01E02.mkv'), {preset: 'best', hls: true});
});

t.test('a series keeps voices by name, beside all else that is saved of it', async t => {
  const wired = await Wired.at(t);
  const {saved} = wired.parts;
  const film = (name: string, owner = ann) => jobOf(1, {owner, source: {name, bytes: 5, digest}});
  const voicesOf = (name: string, owner = ann) => saved.seriesOf(film(name, owner))?.voices;
  t.equal(saved.seriesOf(film('Holiday.mkv')), null);
  t.match(await saved.rememberVoices(film('Holiday.mkv'), {Anna: 'v:1'}), missing);
  t.match(
    saved.seriesOf(film('My.Show.S01E01.mkv')),
    {name: 'My Show', voices: {}},
    'none is saved of it yet',
  );
  t.match(await saved.rememberVoices(film('My.Show.S01E01.mkv'), {Anna: 'v:1', Ben: 'v:2'}), {
    ok: true,
    value: {name: 'My Show', owner: ann, shared: false},
  });
  const [row] = saved.series.list(sightOf(ann));
  if (row === undefined) throw new Error('nothing was saved');
  await saved.series.change(
    row.id,
    SeriesBody.parse({...bodyOf(row), glossary: {warp: 'Warp'}, shared: true}),
    sightOf(ann),
  );
  const again = await saved.rememberVoices(film('my show 1x02.mkv'), {ANNA: 'v:3'});
  t.match(again, {ok: true, value: {id: row.id, name: 'My Show', glossary: {warp: 'Warp'}, shared: true}});
  t.strictSame(voicesOf('My.Show.S02E09.mkv'), {Anna: 'v:3', Ben: 'v:2'}, 'under the name as it was');
  t.strictSame(voicesOf('My.Show.S01E01.mkv', bob), {}, 'another’s is none of his, shared or not');
  const written = {...blankCard, episode: {series: 'MY SHOW', season: null, episode: null}};
  t.match(saved.seriesOf({...film('Holiday.mkv'), card: written}), {name: 'My Show'}, 'as its card says');
  const many = Object.fromEntries(Array.from({length: 500}, (_, i) => [`Extra ${i}`, 'v:1']));
  t.match(await saved.rememberVoices(film('My.Show.S01E01.mkv'), many), {
    why: {reason: 'over-cap', used: 502},
  });
  t.equal(Object.keys(voicesOf('My.Show.S01E01.mkv') ?? {}).length, 2, 'all or nothing');
  t.equal(saved.seriesOf(film(`${'x'.repeat(90)} S01E01.mkv`)), null, 'a name too long to save by');
});

function bodyOf({id: _, owner: __, at: ___, ...rest}: SavedSeries) {
  return rest;
}
