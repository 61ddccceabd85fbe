/** Who speaks in a dub over the API: names and voices, two people at once, and what a series keeps of them. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {SpeakersSaved, SpeakersShown} from '../../appliance/api/speaker-shapes.ts';
import {noBrief, withEdits} from '../../appliance/brief.ts';
import type {JobState} from '../../appliance/job.ts';
import {blankCard} from '../../appliance/library/card.ts';
import {withSpeakers} from '../../appliance/speakers.ts';
import type {CastSpeaker} from '../../pipeline/documents.ts';
import {makeReport} from '../../pipeline/report/make.ts';
import {film} from '../pipeline/report/film.ts';
import {digest, idOf, jobOf} from './memory-box.ts';
import {addPerson, Browser, networkOf} from './people.ts';
import {ask, json, serve} from './served.ts';

const id = idOf(1);
const path = `/api/jobs/${id}/speakers`;

const person = (own: string, more: Partial<CastSpeaker> = {}): CastSpeaker => ({
  ...{id: own, gender: 'female', pitchHz: 205, seconds: 7, name: null, chosen: null, voice: 'espeak-ng:f4'},
  ...more,
});

const facts = film([{start: 1}, {start: 5, speaker: 'S2'}, {start: 9, speaker: 'S2'}], {
  speakers: [person('S1', {gender: 'male', voice: 'espeak-ng:m3'}), person('S2')],
});

async function doneJob(t: Test, report: object = makeReport(facts), card = blankCard) {
  const folder = await mkdtemp(join(tmpdir(), 'speakers-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const text = JSON.stringify(report);
  const file = join(folder, 'film.es.report.json');
  await writeFile(file, text);
  const outputs = [{kind: 'report for programs', path: file, bytes: Buffer.byteLength(text), digest}];
  const state: JobState = {is: 'done', at: 2, seconds: 1, summary: [], outputs};
  return jobOf(1, {state, card});
}

const of = (speaker: string, name: string | null, voice: string | null = null) => ({speaker, name, voice});

t.test('speakers are those of the report, with what was decided of them since', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t)]});
  const shown = async () => SpeakersShown.parse(JSON.parse((await ask(socket, path)).text));
  t.match(await shown(), {
    ...{revision: 0, to: 'es', series: null, voices: [{id: 'espeak-ng:f4', gender: 'female'}, {}]},
    speakers: [
      {id: 'S1', name: null, voice: 'espeak-ng:m3', isDubbed: true, gender: 'male', line: {number: 1}},
      {id: 'S2', voice: 'espeak-ng:f4', seconds: 7, line: {number: 2, anchor: {start: 5}}},
    ],
  });
  const body = {since: 0, speakers: [of('S2', 'Anna', 'espeak-ng:m3')]};
  const saved = SpeakersSaved.parse(JSON.parse((await ask(socket, path, json(body, 'PUT'))).text));
  t.match(saved, {revision: 1, speakers: [{speaker: 'S2', name: 'Anna', revision: 1}], remembered: []});
  t.match(await shown(), {
    revision: 1,
    speakers: [
      {isDubbed: true},
      {name: 'Anna', chosen: 'espeak-ng:m3', voice: 'espeak-ng:f4', isDubbed: false},
    ],
  });
  const line = {start: 1, end: 3, text: 'a', translation: 'b', speaker: 'S3', sound: 'dub'} as const;
  box.briefsOf.set(id, withEdits(noBrief, [{anchor: {start: 1, source: 'a'}, becomes: [line]}], 'ann'));
  t.match((await shown()).speakers[2], {id: 'S3', voice: null, gender: 'unknown', seconds: 0, line: null});
});

t.test('a dub that has them as they are saved has nothing left to do', async t => {
  const speakers = [person('S1', {name: 'Ben', chosen: 'espeak-ng:gone', voice: 'espeak-ng:m3'})];
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t, makeReport({...facts, speakers}))]});
  const isDubbed = async (name: string | null, voice: string | null, series: string | null = null) => {
    box.briefsOf.set(
      id,
      withSpeakers(noBrief, [of('S1', name, voice)], 'ann', () => series),
    );
    return SpeakersShown.parse(JSON.parse((await ask(socket, path)).text)).speakers[0]?.isDubbed;
  };
  t.equal(await isDubbed('Ben', 'espeak-ng:gone'), true, 'also where the voice was not there');
  t.equal(await isDubbed('Ben', null, 'espeak-ng:gone'), true, 'or was that of the series');
  t.equal(await isDubbed('Bob', 'espeak-ng:gone'), false);
  t.equal(await isDubbed('Ben', null), false);
});

t.test('a report from before speakers had names still says who speaks', async t => {
  const {speakers: _, ...old} = makeReport(facts);
  const {path: socket} = await serve(t, {jobs: [await doneJob(t, old)]});
  t.match(SpeakersShown.parse(JSON.parse((await ask(socket, path)).text)).speakers, [
    {id: 'S1', voice: null, gender: 'unknown', seconds: 2},
    {id: 'S2', seconds: 4},
  ]);
});

t.test('the later of two is told what the other chose', async t => {
  const net = await networkOf(t);
  net.box.all.set(id, await doneJob(t));
  await addPerson(net, 'ann', 'operator');
  await addPerson(net, 'root2', 'admin');
  const [ann, admin] = [new Browser(net.url), new Browser(net.url)];
  await ann.login('ann');
  await admin.login('root2');
  const save = (browser: Browser, since: number, ...speakers: object[]) =>
    browser.ask(path, {method: 'PUT', body: {since, speakers}});
  t.equal((await save(ann, 0, of('S2', 'Anna', 'espeak-ng:m3'))).status, 200);
  const late = await save(admin, 0, of('S1', 'Ben'), of('S2', 'Hannah'));
  t.match(late, {
    status: 409,
    json: {error: {code: 'edited-meanwhile', what: /by ann, S2 is “Anna”, in the voice espeak-ng:m3/}},
  });
  t.match(net.box.briefsOf.get(id), {revision: 1, speakers: [{name: 'Anna'}]}, 'none of it');
  t.equal((await save(admin, 0, of('S1', 'Ben'))).status, 200, 'somebody else is no trouble');
  t.equal((await save(admin, 0, of('S2', 'Anna', 'espeak-ng:m3'))).status, 200, 'nor is the same choice');
  t.equal((await save(admin, 3, of('S2', null))).status, 200, 'nor is what was seen');
  t.match(net.box.briefsOf.get(id), {revision: 4, speakers: [{name: null}, {name: 'Ben'}]});
});

t.test('what does not hold together, and a voice that is not here, is not saved', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t)]});
  const save = (body: object) => ask(socket, path, json(body, 'PUT'));
  for (const odd of [
    {since: 0, speakers: []},
    {since: -1, speakers: [of('S1', 'a')]},
    {since: 0, speakers: [of('S1', '')]},
    {since: 0, speakers: [{...of('S1', 'a'), by: 'root'}]},
    {since: 0, speakers: [of('S1', 'a'), of('S1', 'b')]},
    {since: 0, speakers: Array.from({length: 201}, (_, i) => of(`S${i}`, 'a'))},
  ])
    t.match(await save(odd), {status: 400, code: 'bad-body'}, JSON.stringify(odd).slice(0, 80));
  const gone = {since: 0, speakers: [of('S1', 'Ben', 'espeak-ng:gone')]};
  t.match(await save(gone), {status: 422, code: 'no-such-voice'});
  t.equal(box.briefsOf.size, 0);
  box.briefsOf.set(id, withSpeakers(noBrief, [of('S1', null, 'espeak-ng:gone')], 'ann'));
  t.match(await save({...gone, since: 1}), {status: 200}, 'one that was saved before may stay');
});

t.test('a series keeps the voices of those who have names, and gives them back by their names', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t)]});
  const save = (body: object) => ask(socket, path, json(body, 'PUT'));
  t.match(await save({since: 0, speakers: [of('S1', 'Ben')], remember: true}), {
    status: 409,
    code: 'no-series',
  });
  t.equal(box.briefsOf.size, 0, 'nothing was saved');
  box.seriesVoices.set(id, {name: 'Show', voices: {ANNA: 'espeak-ng:f4', Cleo: 'of another engine'}});
  const saved = await save({since: 0, speakers: [of('S2', 'Anna')]});
  t.match(JSON.parse(saved.text), {speakers: [{name: 'Anna', voice: null, seriesVoice: 'espeak-ng:f4'}]});
  t.match(JSON.parse((await ask(socket, path)).text), {
    speakers: [{}, {name: 'Anna', chosen: null, seriesVoice: 'espeak-ng:f4'}],
    series: {name: 'Show', voices: [{name: 'ANNA', voice: 'espeak-ng:f4'}, {}]},
  });
  const kept = await save({since: 1, speakers: [of('S1', 'Ben')], remember: true});
  t.match(JSON.parse(kept.text), {remembered: ['Anna', 'Ben']});
  t.match(
    box.seriesVoices.get(id)?.voices,
    {Anna: 'espeak-ng:f4', Ben: 'espeak-ng:m3'},
    'also what was found for him',
  );
  await save({since: 2, speakers: [of('S2', 'Anna', 'espeak-ng:m3')], remember: true});
  const {Ben, Anna} = box.seriesVoices.get(id)?.voices ?? {};
  t.strictSame([Anna, Ben], ['espeak-ng:m3', 'espeak-ng:m3']);
  t.notOk(
    box.asked.some((asked, i) => i > 0 && JSON.stringify(asked) === '{"remember":{}}'),
    'nothing empty is kept',
  );
  const again = JSON.parse((await save({since: 3, speakers: [], remember: true})).text);
  t.equal(again.revision, 3);
  t.strictSame(again.remembered, ['Anna'], 'a voice given to another is not his to keep');
});

t.test('others look at a shared film’s speakers, and not at the series of its owner', async t => {
  const net = await networkOf(t);
  net.box.all.set(id, await doneJob(t, makeReport(facts), {...blankCard, visibility: 'shared'}));
  net.box.seriesVoices.set(id, {name: 'Show', voices: {Anna: 'espeak-ng:f4'}});
  await addPerson(net, 'bob', 'operator');
  await addPerson(net, 'ann', 'operator');
  const [bob, ann] = [new Browser(net.url), new Browser(net.url)];
  await bob.login('bob');
  await ann.login('ann');
  t.match((await bob.ask(path)).json, {speakers: [{id: 'S1'}, {}], series: null});
  t.match((await ann.ask(path)).json, {series: {name: 'Show'}});
  const body = {since: 0, speakers: [of('S1', 'Ben')]};
  t.match(await bob.ask(path, {method: 'PUT', body}), {status: 403, json: {error: {code: 'read-only'}}});
});
