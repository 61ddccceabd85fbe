/** The lines of a dub over the API: as they were dubbed, what people make of them, and two of them at once. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {LinesShown} from '../../appliance/api/line-shapes.ts';
import {QualityShown} from '../../appliance/api/quality-shapes.ts';
import type {JobState} from '../../appliance/job.ts';
import {makeReport} from '../../pipeline/report/make.ts';
import {film} from '../pipeline/report/film.ts';
import {digest, idOf, jobOf} from './memory-box.ts';
import {addPerson, Browser, networkOf} from './people.ts';
import {ask, json, serve} from './served.ts';

const id = idOf(1);
const path = `/api/jobs/${id}/lines`;
const anchor = {start: 1, source: 'We should go before the rain comes.'};
const line = {
  ...{start: 1, end: 3, text: anchor.source, translation: 'Vámonos.'},
  ...{speaker: 'S1', sound: 'dub'},
};

/** A job that is done, with a report as the job process makes it. */
async function doneJob(t: Test, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'lines-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const report = join(folder, 'film.es.report.json');
  await writeFile(report, text);
  const outputs = [{kind: 'report for programs', path: report, bytes: Buffer.byteLength(text), digest}];
  const state: JobState = {is: 'done', at: 2, seconds: 1, summary: [], outputs};
  return jobOf(1, {state});
}

const report = () => JSON.stringify(makeReport(film([{start: 1}, {start: 5, residue: 1}])));

t.test('lines are those of the report, with what was made of them since', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t, report())]});
  const found = await ask(socket, path);
  t.equal(found.status, 200, found.text);
  const shown = LinesShown.parse(JSON.parse(found.text));
  t.match(shown, {
    revision: 0,
    ...{from: 'en', to: 'es', edits: []},
    lines: [
      {number: 1, anchor, state: 'fits', sound: 'dub'},
      {number: 2, state: 'over'},
    ],
    findings: [{line: 2}],
  });
  t.ok(Buffer.from(shown.wave.levels, 'base64').length > 0);
  const saved = await ask(socket, path, json({since: 0, edits: [{anchor, becomes: [line]}]}, 'PUT'));
  t.match(JSON.parse(saved.text), {revision: 1, edits: [{anchor, becomes: [line], revision: 1}]});
  t.match(JSON.parse((await ask(socket, path)).text), {revision: 1, edits: [{becomes: [line]}]});
  const back = await ask(socket, path, json({since: 1, edits: [{anchor, becomes: null}]}, 'PUT'));
  t.match(JSON.parse(back.text), {revision: 2, edits: []});
  t.match(box.briefsOf.get(id), {edits: []});
});

t.test('the later of two is told, and nothing of either is lost', async t => {
  const net = await networkOf(t);
  net.box.all.set(id, await doneJob(t, report()));
  await addPerson(net, 'ann', 'operator');
  await addPerson(net, 'root2', 'admin');
  const [ann, admin] = [new Browser(net.url), new Browser(net.url)];
  await ann.login('ann');
  await admin.login('root2');
  const other = {...anchor, start: 5};
  const save = (browser: Browser, since: number, edits: object[]) =>
    browser.ask(path, {method: 'PUT', body: {since, edits}});
  t.equal((await save(ann, 0, [{anchor, becomes: [line]}])).status, 200);
  const late = await save(admin, 0, [
    {anchor, becomes: []},
    {anchor: other, becomes: []},
  ]);
  t.match(late, {status: 409, json: {error: {code: 'edited-meanwhile', what: /^ann changed/}}});
  t.match(net.box.briefsOf.get(id), {revision: 1, edits: [{by: 'ann', becomes: [line]}]}, 'none of it');
  t.equal((await save(admin, 0, [{anchor: other, becomes: []}])).status, 200, 'another line is no trouble');
  t.equal((await save(admin, 2, [{anchor, becomes: []}])).status, 200, 'nor is what was seen');
  t.match(net.box.briefsOf.get(id), {revision: 3});
});

t.test(
  'passages are saved all at once, told as long as they are not dubbed, and never over somebody else’s',
  async t => {
    const net = await networkOf(t);
    net.box.all.set(id, await doneJob(t, report()));
    await addPerson(net, 'ann', 'operator');
    await addPerson(net, 'root2', 'admin');
    const [ann, admin] = [new Browser(net.url), new Browser(net.url)];
    await ann.login('ann');
    await admin.login('root2');
    const save = (browser: Browser, body: object) => browser.ask(path, {method: 'PUT', body});
    const song = {kind: 'music', start: 0, end: 4};
    t.match((await ann.ask(path)).json, {passages: [], passagesPending: 0});
    const ending = {kind: 'ending', start: 60, end: 70};
    t.match((await save(ann, {since: 0, edits: [], passages: [ending, song]})).json, {
      ...{revision: 1, passages: [song, ending], passagesPending: 1},
    });
    t.match(await save(admin, {since: 0, edits: [], passages: []}), {
      ...{status: 409, json: {error: {code: 'edited-meanwhile', what: /^ann changed/}}},
    });
    const edits = [{anchor, becomes: [line]}];
    t.match(
      (await save(admin, {since: 0, edits})).json,
      {passages: [song, ending], passagesPending: 0},
      'a line of its own is theirs',
    );
    t.match((await save(admin, {since: 2, edits: [], passages: []})).json, {
      passages: [],
      passagesPending: 0,
    });
    t.match(net.box.briefsOf.get(id), {revision: 3, passages: {list: [], by: 'root2', revision: 3}});
  },
);

t.test('a line that was kept for a passage that is there no more waits to be dubbed', async t => {
  const kept = {start: 1, keepOriginal: 'it is sung'};
  const {path: socket} = await serve(t, {
    jobs: [await doneJob(t, JSON.stringify(makeReport(film([kept, {start: 5}]))))],
  });
  t.match(JSON.parse((await ask(socket, path)).text), {passagesPending: 1});
});

t.test('what does not hold together is not saved', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t, report())]});
  const table = [
    {since: 0, edits: []},
    {since: 0, edits: [], passages: [{kind: 'opening', start: 9, end: 9}]},
    {since: 0, edits: [], passages: [{kind: 'credits', start: 1, end: 9}]},
    {since: 0, edits: [], passages: Array(101).fill({kind: 'music', start: 1, end: 9})},
    {since: -1, edits: [{anchor, becomes: []}]},
    {since: 0, edits: [{anchor, becomes: [{...line, end: 1}]}]},
    {since: 0, edits: [{anchor, becomes: [{...line, translation: ''}]}]},
    {since: 0, edits: [{anchor, becomes: [line], by: 'root'}]},
    {since: 0, edits: [{anchor, becomes: Array(21).fill(line)}]},
  ];
  for (const body of table) {
    const found = await ask(socket, path, json(body, 'PUT'));
    t.match(found, {status: 400, code: 'bad-body'}, JSON.stringify(body).slice(0, 80));
  }
  t.equal(box.briefsOf.size, 0);
});

t.test('a report that is none, or an old one, is told apart from lines', async t => {
  const table = [
    ['{"lines": []}', 409, 'old-report'],
    ['[]', 404, 'output-changed'],
  ] as const;
  for (const [text, status, code] of table) {
    const {path: socket} = await serve(t, {jobs: [await doneJob(t, text)]});
    t.match(await ask(socket, path), {status, code}, text);
  }
  const {path: socket} = await serve(t, {jobs: [jobOf(1)]});
  t.match(await ask(socket, path), {status: 404, code: 'no-report'});
});

t.test('how good it came out is shown in figures, each with what it is held against', async t => {
  const {path: socket} = await serve(t, {jobs: [await doneJob(t, report())]});
  const found = await ask(socket, `/api/jobs/${id}/quality`);
  t.equal(found.status, 200, found.text);
  const shown = QualityShown.parse(JSON.parse(found.text));
  t.ok(shown.metrics.length > 10);
  t.match(shown, {rungs: {voice: 2}, loudness: {targetLufs: Number}, findings: [{line: 2}]});
});

t.test('words are said in the voice of the speaker, and in the first where nobody cast one', async t => {
  const {path: socket, box} = await serve(t, {jobs: [await doneJob(t, report())]});
  const say = (body: object) => ask(socket, `${path}/preview`, json(body));
  for (const speaker of ['S1', 'somebody new']) {
    const said = await say({text: 'Hola.', speaker});
    t.match(JSON.parse(said.text), {wav: Buffer.from('RIFF').toString('base64')});
    t.match(box.asked.at(-1), {text: 'Hola.', language: 'es', voice: {speaker: 'S1', voice: 'es+m3'}});
  }
  for (const odd of [{text: '', speaker: 'S1'}, {text: 'x'.repeat(601), speaker: 'S1'}, {text: 'x'}])
    t.match(await say(odd), {status: 400});
  const other = await say({text: 'Hola.', speaker: 'S1', voice: 'espeak-ng:f4'});
  t.equal(other.status, 200, 'or in another that they could have');
  t.strictSame(box.asked.at(-1), {
    ...{text: 'Hola.', language: 'es'},
    voice: {as: 'espeak-ng:f4', person: {id: 'S1', gender: 'male', pitchHz: 115}},
  });
  await say({text: 'Hola.', speaker: 'S7', voice: 'espeak-ng:f4'});
  t.match(box.asked.at(-1), {voice: {person: {id: 'S7', gender: 'unknown', pitchHz: null}}});
  box.trouble = {reason: 'draining'};
  t.match(await say({text: 'Hola.', speaker: 'S1'}), {status: 503, code: 'not-said'});
});
