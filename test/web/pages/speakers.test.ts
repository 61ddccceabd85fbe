/** Who speaks while a dub is edited: dubbed, saved, typed; in plain values. */
import t from 'tap';
import type {SpeakerShown, SpeakersShown} from '../../../appliance/api/speaker-shapes.ts';
import {
  calledBy,
  changesOf,
  freshSpeaker,
  type SpeakerDrafts,
  speakerRows,
  voiceToHear,
  withDraft,
} from '../../../web/pages/speakers.ts';

const speaker = (id: string, more: Partial<SpeakerShown> = {}): SpeakerShown => ({
  ...{id, name: null, chosen: null, seriesVoice: null, voice: 'v:usual', isDubbed: true},
  ...{gender: 'female', seconds: 5, line: null, ...more},
});

const shown: Pick<SpeakersShown, 'speakers' | 'series'> = {
  speakers: [speaker('S1'), speaker('S2', {name: 'Ben', chosen: 'v:ben'})],
  series: {name: 'Show', voices: [{name: 'ANNA', voice: 'v:anna'}]},
};
const none: SpeakerDrafts = new Map();

function rowOf(drafts: SpeakerDrafts, id: string) {
  const row = speakerRows(shown, drafts, []).find(each => each.id === id);
  if (row === undefined) throw new Error(`no ${id}`);
  return row;
}

t.test('what is typed stands over what was saved, until it is the same', async t => {
  t.match(speakerRows(shown, none, ['S1', 'S7']), [
    {id: 'S1', name: '', voice: null, isDraft: false},
    {id: 'S2', name: 'Ben', voice: 'v:ben'},
    {id: 'S7', name: '', dubbed: null, shown: {line: null}},
  ]);
  const typed = withDraft(none, rowOf(none, 'S2'), {name: 'Bernard ', voice: null});
  t.match(rowOf(typed, 'S2'), {name: 'Bernard ', voice: null, isDraft: true});
  t.strictSame(changesOf(typed), [{speaker: 'S2', name: 'Bernard', voice: null}]);
  t.equal(withDraft(typed, rowOf(typed, 'S2'), {name: 'Ben', voice: 'v:ben'}).size, 0);
  t.strictSame(changesOf(new Map([['S2', {name: ' ', voice: null}]])), [
    {speaker: 'S2', name: null, voice: null},
  ]);
});

t.test('a name that the series knows takes the voice that it has there, unless one is chosen', async t => {
  const named = withDraft(none, rowOf(none, 'S1'), {name: 'anna', voice: null});
  t.equal(rowOf(named, 'S1').seriesVoice, 'v:anna');
  t.equal(voiceToHear([rowOf(named, 'S1')], 'S1'), 'v:anna');
  const chosen = new Map([['S1', {name: 'Anna', voice: 'v:other'}]]);
  t.equal(voiceToHear([rowOf(chosen, 'S1')], 'S1'), 'v:other');
  t.equal(voiceToHear([rowOf(none, 'S1')], 'S1'), undefined, 'as it was dubbed');
  t.equal(voiceToHear([rowOf(new Map([['S1', {name: '', voice: 'v:usual'}]]), 'S1')], 'S1'), undefined);
  t.equal(voiceToHear([], 'S9'), undefined);
});

t.test('two of one name are told apart, and somebody new has an id of their own', async t => {
  const called = calledBy(
    speakerRows(
      {...shown, speakers: [...shown.speakers, speaker('S3', {name: 'Ben'}), speaker('S4', {name: 'Cleo'})]},
      none,
      [],
    ),
  );
  t.strictSame(['S1', 'S2', 'S3', 'S4', 'S9'].map(called), ['S1', 'Ben (S2)', 'Ben (S3)', 'Cleo', 'S9']);
  t.equal(freshSpeaker(['S1', 'S3', 'Narrator']), 'S2');
});
