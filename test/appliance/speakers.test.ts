/** What is decided of those who speak: the last counts, others hear of it, and all of it comes to who is cast. */
import t from 'tap';
import {Brief, noBrief, withEdits} from '../../appliance/brief.ts';
import {decidedSince, everybodyIn, keyOfName, SpeakerChange, withSpeakers} from '../../appliance/speakers.ts';

const anna = {speaker: 'S1', name: 'Anna', voice: null};
const seriesHas = (name: string) => (name === 'Anna' ? 'espeak-ng:f4' : null);

t.test('what is decided counts the brief up, and keeps who did', async t => {
  const first = withSpeakers(
    noBrief,
    [anna, {speaker: 'S2', name: null, voice: 'espeak-ng:m1'}],
    'ann',
    seriesHas,
  );
  t.match(first, {
    revision: 1,
    speakers: [
      {...anna, seriesVoice: 'espeak-ng:f4', by: 'ann', revision: 1},
      {speaker: 'S2', seriesVoice: null, voice: 'espeak-ng:m1'},
    ],
  });
  const again = withSpeakers(first, [{speaker: 'S1', name: null, voice: null}], 'bob', seriesHas);
  t.match(again, {
    revision: 2,
    speakers: [{name: null, seriesVoice: null, by: 'bob', revision: 2}, {revision: 1}],
  });
  t.ok(Brief.safeParse(again).success);
  t.equal(withEdits(again, [], 'ann').speakers.length, 2, 'an edit leaves them');
});

t.test('what others decided otherwise meanwhile is told', async t => {
  const first = withSpeakers(noBrief, [anna], 'ann');
  const mine = [{speaker: 'S1', name: 'Hannah', voice: null}];
  t.match(decidedSince(first, mine, 0), [{name: 'Anna', by: 'ann'}]);
  t.same(decidedSince(first, mine, 1), [], 'what was seen is no news');
  t.same(decidedSince(first, [anna], 0), [], 'nor is the same');
  t.same(decidedSince(first, [{...anna, speaker: 'S2'}], 0), [], 'nor is somebody else');
});

t.test('a name and a voice are a line each', async t => {
  t.match(SpeakerChange.parse({...anna, name: '  Anna  '}), {name: 'Anna'});
  for (const odd of [
    {name: ''},
    {name: 'a\nb'},
    {name: 'x'.repeat(61)},
    {voice: ''},
    {voice: 5},
    {speaker: ''},
    {by: 'root'},
  ])
    t.notOk(SpeakerChange.safeParse({...anna, ...odd}).success, JSON.stringify(odd).slice(0, 60));
});

t.test('a chosen voice goes before that of the series, and who was given a line speaks', async t => {
  const line = {start: 1, end: 2, text: 'Hi.', translation: 'Hola.', sound: 'dub'} as const;
  const anchor = {start: 1, source: 'Hi.'};
  const edited = withEdits(
    noBrief,
    [
      {
        anchor,
        becomes: [
          {...line, speaker: 'S4'},
          {...line, speaker: 'S1'},
        ],
      },
    ],
    'ann',
  );
  const brief = withSpeakers(
    edited,
    [
      {...anna, voice: 'espeak-ng:f1'},
      {...anna, speaker: 'S2'},
    ],
    'ann',
    seriesHas,
  );
  t.strictSame(everybodyIn(brief), [
    {speaker: 'S1', name: 'Anna', voice: 'espeak-ng:f1', isGivenLines: true},
    {speaker: 'S2', name: 'Anna', voice: 'espeak-ng:f4', isGivenLines: false},
    {speaker: 'S4', name: null, voice: null, isGivenLines: true},
  ]);
});

t.test('a name is the same in any case', async t => {
  t.equal(keyOfName({ANNA: 'x', Ben: 'y'}, 'anna'), 'ANNA');
  t.equal(keyOfName({Ben: 'y'}, 'constructor'), undefined);
});
