/** Bringing words and speakers to a job over the API: what is stored, and that a bad one changes nothing. */
import t from 'tap';
import {noBrief} from '../../appliance/brief.ts';
import {idOf, jobOf} from './memory-box.ts';
import {ask, json, serve} from './served.ts';

const id = idOf(1);
const srt = '1\n00:00:01,000 --> 00:00:02,500\nHola.\n';

t.test('what is brought stands until it is taken back', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const bring = (kind: string, body: object) => ask(path, `/api/jobs/${id}/import/${kind}`, json(body));
  t.match(await bring('subtitles', {name: 'a.es.srt', text: srt}), {status: 200});
  const lines = [{start: 1, end: 2, text: 'Hello.', translation: 'Hola.'}];
  t.match(await bring('translated_json', {lines}), {status: 200});
  const turned = await bring('diarization_json', {turns: [{start: 1, end: 2, speaker: 'Ana'}]});
  const standing = {
    source: {from: 'a translation', cues: 1},
    target: {from: 'a translation', cues: 1},
    turns: {people: 1, turns: 1},
  };
  t.strictSame(JSON.parse(turned.text), standing);
  t.strictSame(JSON.parse((await ask(path, `/api/jobs/${id}/import`)).text), standing);
  const dropped = await ask(path, `/api/jobs/${id}/import/target`, {method: 'DELETE'});
  t.strictSame(JSON.parse(dropped.text), {source: null, target: null, turns: standing.turns});
  t.match(box.briefsOf.get(id), {turns: [{speaker: 'Ana'}]});
});

t.test('a bad one changes nothing, and says what is wrong', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const before = {...noBrief, turns: [{start: 0, end: 1, speaker: 'Ana'}]};
  box.briefsOf.set(id, before);
  const table: readonly (readonly [kind: string, body: object, status: number, what: RegExp])[] = [
    ['subtitles', {name: 'a.srt', text: 'x'}, 422, /Nothing was taken over: line 1/],
    ['subtitles', {name: 'a.fr.srt', text: srt, language: 'xx'}, 400, /language/],
    ['subtitles', {name: 'a.srt'}, 400, /body/],
    ['translated_json', {lines: [{start: 2, end: 1, translation: 'x'}]}, 422, /lines\[0\] ends before/],
    ['translated_json', {lines: [{start: 1, end: 2}]}, 400, /lines.0.translation/],
    ['diarization_json', {turns: []}, 400, /turns/],
    ['other', {turns: []}, 405, /Here there is DELETE/],
  ];
  for (const [kind, body, status, what] of table) {
    const found = await ask(path, `/api/jobs/${id}/import/${kind}`, json(body));
    t.match(found, {status}, `${kind} ${JSON.stringify(body)}`);
    t.match(found.text, what);
  }
  t.match(await ask(path, `/api/jobs/${id}/import/nothing`, {method: 'DELETE'}), {status: 400});
  t.equal(box.briefsOf.get(id), before);
});

t.test('where imports are off nothing is brought, and what was can be taken back', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)], areImportsOn: false});
  box.briefsOf.set(id, {...noBrief, turns: [{start: 0, end: 1, speaker: 'Ana'}]});
  const body = json({turns: [{start: 5, end: 6, speaker: 'Ben'}]});
  t.match(await ask(path, `/api/jobs/${id}/import/diarization_json`, body), {
    ...{status: 403, code: 'imports-off'},
  });
  t.equal((await ask(path, `/api/jobs/${id}/import/turns`, {method: 'DELETE'})).status, 200);
  t.equal(box.briefsOf.get(id)?.turns, null);
});
