/** What people may bring to a film: which part of a brief it becomes, and what is wrong with what it is not. */
import t from 'tap';
import {Brief, noBrief} from '../../appliance/brief.ts';
import {
  givenBySubtitles,
  givenByTranslation,
  givenByTurns,
  SubtitlesImport,
  standingOf,
  TranslationImport,
  TurnsImport,
  withoutImport,
} from '../../appliance/imports.ts';

const enEs = {from: 'en', to: 'es'} as const;
const srt = (text: string): string => `1\n00:00:01,000 --> 00:00:02,500\n${text}\n`;
const cue = (text: string) => ({start: 1, end: 2.5, text});

t.test('subtitles stand for what is said, or for what is to be said', async t => {
  const table = [
    [{name: 'a.srt', text: srt('Hello.')}, {source: {from: 'a.srt', cues: [cue('Hello.')]}}],
    [{name: 'a.en.srt', text: srt('Hello.')}, {source: {from: 'a.en.srt', cues: [cue('Hello.')]}}],
    [{name: 'a.es.srt', text: srt('Hola.')}, {target: {from: 'a.es.srt', cues: [cue('Hola.')]}}],
    [{name: 'a.en.srt', text: srt('Hola.'), language: 'es'}, {target: {cues: [cue('Hola.')]}}],
    // As an old disc has it: Windows-1252.
    [
      {name: 'a.es.srt', base64: Buffer.from(srt('¿Qué?'), 'latin1').toString('base64')},
      {target: {cues: [cue('¿Qué?')]}},
    ],
    [{name: 'a.vtt', text: 'WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ana>Hi'}, {source: {cues: [cue('Hi')]}}],
  ] as const;
  for (const [body, value] of table)
    t.match(givenBySubtitles(SubtitlesImport.parse(body), enEs), {ok: true, value}, JSON.stringify(body));
  const unknown = {from: null, to: 'es'} as const;
  t.match(givenBySubtitles({name: 'a.fr.srt', text: srt('Oui.')}, unknown), {value: {source: {}}});
});

t.test('what are no subtitles, or not of this film, is said', async t => {
  const table: readonly (readonly [object, RegExp])[] = [
    [{name: 'a.srt', text: 'hello'}, /^line 1: /],
    [{name: 'a.srt', text: ''}, /the file is empty/],
    [{name: 'a.srt', text: `${srt('Hi')}\n2\n00:00:09,000 --> 00:00:03,000\nback\n`}, /^line \d+: /],
    [{name: 'a.srt', base64: 'AAAA'}, /not text/],
    [{name: 'a.fr.srt', text: srt('Oui.')}, /they are in French, and the job goes from English to Spanish/],
  ];
  for (const [body, why] of table)
    t.match(givenBySubtitles(SubtitlesImport.parse(body), enEs), {ok: false, why}, JSON.stringify(body));
  for (const odd of [{name: 'a.srt'}, {name: '', text: 'x'}, {name: 'a', base64: '%'}, {name: 'a', text: 1}])
    t.notOk(SubtitlesImport.safeParse(odd).success, JSON.stringify(odd));
});

t.test('a translation brings its lines, and what is said in the film where it has that', async t => {
  const line = {start: 4, end: 5, translation: 'Adiós.', text: 'Bye.', speaker: 'Ana'};
  const first = {start: 1, end: 2, translation: 'Hola.', text: 'Hello.'};
  const read = (lines: readonly object[]) => givenByTranslation(TranslationImport.parse({lines}));
  const both = read([line, first]);
  t.match(both, {
    value: {
      target: {
        cues: [
          {start: 1, text: 'Hola.'},
          {start: 4, text: 'Adiós.', speaker: 'Ana'},
        ],
      },
      source: {cues: [{text: 'Hello.'}, {text: 'Bye.'}]},
    },
  });
  t.ok(both.ok && Brief.safeParse({...noBrief, ...both.value}).success);
  const {text: _, ...bare} = first;
  t.strictSame(Object.keys((read([bare]) as {value: object}).value), ['target']);
  t.match(read([line, bare]), {ok: false, why: /1 of 2 lines have a text/});
  t.match(read([{...bare, end: 1}]), {ok: false, why: 'lines[0] ends before it begins'});
  for (const odd of [{lines: []}, {lines: [{...bare, translation: ' '}]}, {lines: [{...bare, x: 1}]}, []])
    t.notOk(TranslationImport.safeParse(odd).success, JSON.stringify(odd));
  for (const start of [-1, Number.NaN, 1e9, '1'])
    t.notOk(TranslationImport.safeParse({lines: [{...bare, start}]}).success, String(start));
});

t.test('who speaks when', async t => {
  const turns = [
    {start: 3, end: 4, speaker: 'Ben'},
    {start: 1, end: 3.5, speaker: 'Ana'},
  ];
  t.match(givenByTurns({turns}), {value: {turns: [{speaker: 'Ana'}, {speaker: 'Ben'}]}});
  t.match(givenByTurns({turns: [{start: 1, end: 1, speaker: 'A'}]}), {why: 'turns[0] ends before it begins'});
  const crowd = Array.from({length: 101}, (_, i) => ({start: i, end: i + 1, speaker: `P${i}`}));
  t.match(givenByTurns({turns: crowd}), {why: /101 people/});
  for (const speaker of ['', 'x'.repeat(61), 'a\nb', 7])
    t.notOk(TurnsImport.safeParse({turns: [{start: 0, end: 1, speaker}]}).success, String(speaker));
});

t.test('what was brought is told in numbers, and taken back part by part', async t => {
  const lines = [{start: 1, end: 2, translation: 'Hola.', text: 'Hello.'}];
  const given = givenByTranslation({lines});
  const turns = [{start: 0, end: 1, speaker: 'Ana'}];
  const brief: Brief = {...noBrief, ...(given.ok ? given.value : {}), turns};
  t.strictSame(standingOf(brief), {
    source: {from: 'a translation', cues: 1},
    target: {from: 'a translation', cues: 1},
    turns: {people: 1, turns: 1},
  });
  t.strictSame(standingOf(noBrief), {source: null, target: null, turns: null});
  t.strictSame(withoutImport(brief, 'target'), {...noBrief, turns}, 'its text goes with it');
  const own = {...brief, source: {from: 'a.srt', cues: []}};
  t.strictSame(withoutImport(own, 'target'), {...own, target: null}, 'what came by itself stays');
  t.strictSame(withoutImport(brief, 'turns'), {...brief, turns: null});
  t.strictSame(withoutImport(brief, 'source'), {...brief, source: null});
});
