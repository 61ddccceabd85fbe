/** Who speaks in which voice: what people decided, and what is found for the others. The real engine says what there is. */
import t from 'tap';
import {noBrief} from '../../../appliance/brief.ts';
import {everybodyIn, type SpeakerChange, withSpeakers} from '../../../appliance/speakers.ts';
import {Cast, type Gender, type Speaker} from '../../../pipeline/documents.ts';
import {espeak} from '../../../pipeline/engines/espeak.ts';
import type {Outcome} from '../../../pipeline/stage.ts';
import {castStage} from '../../../pipeline/stages/cast.ts';
import {runStage, sandbox} from '../film.ts';

const speaker = (id: string, gender: Gender): Speaker => ({id, gender, pitchHz: null, seconds: 10});
const heard = [speaker('S1', 'male'), speaker('S2', 'female'), speaker('S3', 'male')];
const of = (id: string, name: string | null, voice: string | null): SpeakerChange => ({
  ...{speaker: id, name, voice},
});

async function castBy(base: string, changes: readonly SpeakerChange[], lines: readonly string[] = []) {
  const edits = lines.map(id => ({
    ...{anchor: {start: 1, source: 'Hi.'}, by: 'ann', revision: 1},
    becomes: [{start: 1, end: 2, text: 'Hi.', translation: 'Hola.', speaker: id, sound: 'dub' as const}],
  }));
  const people = everybodyIn({...withSpeakers(noBrief, changes, 'ann'), edits});
  let outcome: Outcome | undefined;
  const stage = castStage({voice: espeak, engines: [], language: 'es', people});
  const kept = {
    ...stage,
    run: async (context: Parameters<typeof stage.run>[0]) => (outcome = await stage.run(context)),
  };
  const made = await runStage(kept, base, {docs: {diarize: {speakers: heard, turns: []}}});
  return {outcome, ...Cast.parse(await made.doc('cast'))};
}

t.test('who was given a voice has it, whatever they are called', async t => {
  const base = await sandbox(t);
  const usual = await castBy(base, []);
  t.match(usual, {
    outcome: {is: 'made'},
    speakers: [{id: 'S1', name: null, chosen: null, voice: 'espeak-ng:m3'}],
  });
  const cast = await castBy(base, [of('S2', 'Anna', 'espeak-ng:Annie'), of('S3', 'Ben', null)]);
  t.match(cast.voices, [usual.voices[0], {speaker: 'S2', voice: 'es+Annie'}, usual.voices[2]]);
  t.match(cast, {
    outcome: {is: 'made'},
    speakers: [
      {id: 'S1', name: null, chosen: null},
      {id: 'S2', name: 'Anna', chosen: 'espeak-ng:Annie', voice: 'espeak-ng:Annie'},
      {id: 'S3', name: 'Ben', chosen: null, voice: 'espeak-ng:m1'},
    ],
  });
});

t.test('a voice that is not here any more is said to be gone', async t => {
  const base = await sandbox(t);
  const usual = await castBy(base, []);
  const cast = await castBy(base, [of('S2', 'Anna', 'espeak-ng:nobody'), of('S3', null, 'other:f1')]);
  t.strictSame(cast.voices, usual.voices, 'as if nobody had chosen');
  t.match(cast.speakers[1], {chosen: 'espeak-ng:nobody', voice: 'espeak-ng:f2'});
  t.match(cast.outcome, {
    is: 'degraded',
    why: 'the voice espeak-ng:nobody, chosen for Anna (S2), is not here any more; another speaks; the voice other:f1, chosen for S3, is not here any more; another speaks',
  });
});

t.test('two of one name are one person, and have one voice', async t => {
  const base = await sandbox(t);
  const usual = await castBy(base, []);
  const {voices} = await castBy(base, [of('S1', 'Ben', null), of('S3', 'ben', null)]);
  t.strictSame(voices[2], {...usual.voices[0], speaker: 'S3'}, 'that of the first');
  const chosen = await castBy(base, [of('S1', 'Ben', null), of('S3', 'Ben', 'espeak-ng:m7')]);
  t.match(chosen.voices, [{speaker: 'S1', voice: 'es+m7'}, {}, {speaker: 'S3', voice: 'es+m7'}]);
  const both = await castBy(base, [of('S1', 'Ben', 'espeak-ng:m2'), of('S3', 'Ben', 'espeak-ng:m7')]);
  t.match(both.voices, [{voice: 'es+m2'}, {}, {voice: 'es+m7'}], 'what was chosen for each counts first');
});

t.test('somebody who was only given lines has a voice of their own', async t => {
  const base = await sandbox(t);
  const usual = await castBy(base, []);
  const cast = await castBy(base, [of('S9', 'Nobody', 'espeak-ng:m3')], ['S2', 'S4']);
  t.strictSame(cast.voices.slice(0, 3), usual.voices, 'and nobody is cast for who says nothing');
  t.match(cast.voices.slice(3), [{speaker: 'S4', voice: 'es+m7'}]);
  const named = await castBy(base, [of('S4', 'Narrator', 'espeak-ng:m2')], ['S4']);
  t.match(named.speakers[3], {id: 'S4', name: 'Narrator', seconds: 0, voice: 'espeak-ng:m2'});
});
