/** What people see of a running dub, in a terminal, in a pipe and as JSON. */
import t from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import type {Event, EventOf} from '../../appliance/wire.ts';
import {enginesLines} from '../../tui/engines.ts';
import {doneText, dubView, jsonView, progressLine, type Screen} from '../../tui/view.ts';
import {duration} from '../../tui/words.ts';

const digest = digestOf('');

function fakeScreen(isTerminal: boolean, columns = 120) {
  const written: string[] = [];
  const screen: Screen = {write: text => written.push(text), isTerminal, columns: () => columns};
  return {screen, text: () => written.join('')};
}

const progress = (change: Partial<EventOf<'progress'>> = {}): EventOf<'progress'> => ({
  ...{is: 'progress', stage: 'recognising speech', scenesDone: 0, scenes: 3, done: 0.48, secondsLeft: 12},
  ...change,
});

const finished = (how: 'ran' | 'reused' | 'degraded', why = 'new'): Event => ({
  ...{is: 'finished', node: 'synthesize@0.1', stage: 'synthesize', how, why},
  ...{seconds: 1, cpuSeconds: 1, peakBytes: 1},
});

/** What a terminal of that width would show, line by line. */
function shown(text: string): string[] {
  return text.split('\n').map(line => line.split('\r\u001b[2K').at(-1) ?? '');
}

t.test('the progress line says how far, what, which scene and how long', async t => {
  const table: readonly [change: Partial<EventOf<'progress'>>, line: string][] = [
    [{}, '[##########..........]  48 %  recognising speech · scene 1 of 3 · about 12 s left'],
    [{done: 0, secondsLeft: null}, '[....................]   0 %  recognising speech · scene 1 of 3'],
    [
      {done: 1, scenesDone: 3, secondsLeft: 0},
      '[####################] 100 %  recognising speech · 3 scenes · about 0 s left',
    ],
    [{scenes: 0, secondsLeft: null}, '[##########..........]  48 %  recognising speech'],
    [{scenes: 1, secondsLeft: null}, '[##########..........]  48 %  recognising speech'],
    [
      {done: 0.999, secondsLeft: 0.4},
      '[####################]  99 %  recognising speech · scene 1 of 3 · about 1 s left',
    ],
    [
      {secondsLeft: 3700},
      '[##########..........]  48 %  recognising speech · scene 1 of 3 · about 1 h 2 min left',
    ],
  ];
  for (const [change, line] of table) t.equal(progressLine(progress(change)), line);
});

t.test('durations never have sixty of anything', async t => {
  const table: readonly [seconds: number, said: string][] = [
    [0, '0 s'],
    [0.01, '1 s'],
    [59, '59 s'],
    [59.5, '1 min 0 s'],
    [60, '1 min 0 s'],
    [119.7, '2 min 0 s'],
    [125, '2 min 5 s'],
    [3599, '59 min 59 s'],
    [3599.6, '1 h 0 min'],
    [7199, '2 h 0 min'],
    [7260, '2 h 1 min'],
    [100_000, '27 h 47 min'],
  ];
  for (const [seconds, said] of table) t.equal(duration(seconds), said, String(seconds));
  for (let seconds = 0; seconds < 9000; seconds += 0.37) {
    if (/\b60\b/.test(duration(seconds))) t.fail(`${seconds}: ${duration(seconds)}`);
  }
});

t.test('in a terminal one line lives, and words stand above it', async t => {
  const {screen, text} = fakeScreen(true);
  const view = dubView(screen);
  view.hear(progress({done: 0.1}));
  view.hear(progress({done: 0.2}));
  view.hear({is: 'skipped', stage: 'transcribe', why: 'given by film.srt'});
  view.hear(progress({done: 0.3}));
  view.hear({is: 'started', node: 'mix@0', stage: 'mix'});
  view.hear(finished('ran'));
  view.hear(finished('degraded', 'a simpler voice speaks'));
  view.hear({is: 'note', text: 'Noted.'});
  view.hear(progress({done: 0.4}));
  t.strictSame(shown(text()), [
    'Skipped: transcribe (given by film.srt).',
    'Made do: synthesize@0.1: a simpler voice speaks',
    'Noted.',
    progressLine(progress({done: 0.4})),
  ]);
  view.close();
  view.close();
  t.equal(shown(text()).at(-1), '', 'the live line is gone');
  t.ok(text().endsWith('\r\u001b[2K'), 'cleared once');
  t.notOk(text().endsWith('\r\u001b[2K\r\u001b[2K'));
});

t.test('a narrow terminal gets a shorter line, never a second one', async t => {
  for (const columns of [120, 80, 40, 20, 5, 2, 1, 0]) {
    const {screen, text} = fakeScreen(true, columns);
    dubView(screen).hear(progress());
    const line = shown(text()).at(-1) ?? '';
    t.ok(line.length <= Math.max(1, columns - 1), `${columns}: ${line.length}`);
    t.equal(line.endsWith('…'), columns < 100);
  }
});

t.test('in a pipe there are plain lines, one for each tenth of the way', async t => {
  const {screen, text} = fakeScreen(false);
  const view = dubView(screen);
  for (let done = 0; done <= 1; done += 0.01) view.hear(progress({done}));
  view.hear({is: 'skipped', stage: 'relisten', why: 'no recogniser here knows Spanish'});
  view.hear(progress({done: 0.99}));
  view.close();
  const lines = text().trimEnd().split('\n');
  t.ok(lines.length >= 10 && lines.length <= 11, `${lines.length} lines`);
  t.equal(lines.at(-1), 'Skipped: relisten (no recogniser here knows Spanish).');
  t.notMatch(text(), '\u001b');
});

t.test('as JSON every event is a line, but for a failure: that is told once, by the verb', async t => {
  const {screen, text} = fakeScreen(true);
  const view = jsonView(screen);
  const events: Event[] = [progress(), finished('reused'), {is: 'note', text: 'two\nlines \u001b[31m'}];
  for (const event of [...events, {is: 'failed', failure: {reason: 'stopped'}} as const]) view.hear(event);
  view.close();
  t.strictSame(
    text()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
    events,
  );
});

t.test('what is written is listed with its size, and how good it is', async t => {
  const done: Omit<EventOf<'done'>, 'is'> = {
    outputs: [
      {kind: 'film with every track', path: '/d/film.es.mkv', bytes: 1_250_000_000, digest},
      {kind: 'subtitles', path: '/d/film.es.srt', bytes: 12, digest},
      {kind: 'report', path: '/d/r', bytes: 2_540_000, digest},
    ],
    summary: ['All lines fit.', 'Loud enough.'],
  };
  t.equal(
    doneText('/films/A "film".mp4', done, 41.2),
    [
      'A "film".mp4 is dubbed (42 s).',
      '  film with every track  /d/film.es.mkv  1.3 GB',
      '  subtitles              /d/film.es.srt  1 kB',
      '  report                 /d/r  2.5 MB',
      '  All lines fit.',
      '  Loud enough.',
      '',
    ].join('\n'),
  );
  t.equal(doneText('/f.mp4', {outputs: [], summary: []}, 1), 'f.mp4 is dubbed (1 s).\n');
});

t.test('no name of a file and no word of a tool steers the terminal', async t => {
  const evil = 'a\u001b[2J\u0007\u009b31m\rb\nc';
  const {screen, text} = fakeScreen(true);
  const view = dubView(screen);
  view.hear({is: 'note', text: evil});
  view.hear({is: 'skipped', stage: 'transcribe', why: evil});
  view.hear(finished('degraded', evil));
  const outputs = [{kind: 'mkv', path: `/d/${evil}`, bytes: 1, digest}];
  const all = text() + doneText(`/films/${evil}`, {outputs, summary: [evil]}, 1);
  t.notMatch(all, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  t.equal(all.split('\n').length, 3 + 3 + 1, 'and none makes a line of its own');
});

t.test('engines are a table: ready or why not, and what each is for', async t => {
  const some = {
    engines: [
      {name: 'espeak-ng', kind: 'voice', about: 'Formant voices.', ready: true, detail: 'espeak-ng 1.51'},
      {name: 'apertium', kind: 'translator', about: 'Rules.', ready: false, detail: 'not\u001b[2J there'},
    ],
    pairs: ['en-es', 'es-en'],
  } satisfies Parameters<typeof enginesLines>[0];
  t.strictSame(enginesLines(some, 80), [
    'ready    voice       espeak-ng: espeak-ng 1.51',
    '                     Formant voices.',
    'missing  translator  apertium: not\uFFFD[2J there',
    '                     Rules.',
    'Language pairs: en-es, es-en',
  ]);
  for (const line of enginesLines(some, 42)) t.ok(line.length <= 42, line);
  t.strictSame(enginesLines({engines: [], pairs: []}, 80), ['Language pairs: none']);
});
