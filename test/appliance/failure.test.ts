/** Every way to fail has a sentence that names the cause, a way out, and an exit code. */
import t from 'tap';
import {exitCodes} from '../../appliance/exit-codes.ts';
import {describe, Failed, Failure, Refusal} from '../../appliance/failure.ts';

const path = '/films/A "film" 映画.mp4';
const long = 'x'.repeat(6000);

type Row = readonly [failure: Failure, exit: number, what: RegExp, fix: RegExp];

const refused: readonly Row[] = [
  [{reason: 'no-such-file', path}, 3, /There is no file .*映画/, /path/],
  [{reason: 'is-a-folder', path}, 3, /映画\.mp4 is a folder/, /video files/],
  [{reason: 'not-a-file', path}, 3, /not a regular file/, /Name a video/],
  [{reason: 'unreadable', path, detail: 'EACCES'}, 3, /cannot be read: EACCES/, /permissions/],
  [{reason: 'empty-file', path}, 3, /is empty/, /Copy it again/],
  [{reason: 'not-media', path, detail: 'it is text'}, 3, /not a video.*it is text/, /MP4, MKV/],
  [{reason: 'playlist', path, format: 'hls'}, 3, /is a playlist \(hls\)/, /Name the video itself/],
  [{reason: 'truncated', path, detail: 'no moov'}, 3, /cut off or damaged: no moov/, /download it again/],
  [{reason: 'no-video', path}, 3, /no picture/, /video stream/],
  [{reason: 'too-long', path, seconds: 5400, mostSeconds: 3600}, 3, /90 min long; 60 min/, /MAX_VIDEO_MIN/],
  [{reason: 'no-audio', path}, 3, /no sound/, /silent video/],
  [{reason: 'no-duration', path}, 3, /no length/, /save it again/],
  [{reason: 'no-speech', path}, 3, /No speech/, /--subs/],
  [
    {reason: 'unsupported-pair', from: 'Korean', to: 'Thai', pairs: ['en-es', 'es-en']},
    3,
    /from Korean to Thai/,
    /en-es, es-en.*--subs/,
  ],
  [{reason: 'unsupported-pair', from: 'Korean', to: 'Thai', pairs: []}, 3, /Korean/, /none/],
  [{reason: 'same-language', language: 'Spanish'}, 3, /in Spanish already/, /--to.*--from/],
  [
    {reason: 'bad-subtitles', path: 'film.srt', line: 12, detail: 'no time'},
    3,
    /film\.srt.*line 12: no time/,
    /Mend that line/,
  ],
  [
    {reason: 'disk-full', path, neededBytes: 4.25e9, freeBytes: 12.1e6},
    3,
    /映画.*13 MB free.*4\.3 GB/,
    /--out/,
  ],
  [
    {reason: 'disk-full', path, neededBytes: 4.25e9, freeBytes: 4e9, noInodes: true},
    3,
    /映画.*no inodes/,
    /df -i/,
  ],
  [{reason: 'not-writable', path, detail: 'read-only'}, 3, /written to: read-only/, /permissions.*--out/],
  [{reason: 'nothing-to-edit', path}, 3, /no dub in/, /dubstead dub/],
  [{reason: 'which-to-edit', path, titles: ['a.es', 'b.es']}, 3, /more than one/, /--title: a\.es, b\.es/],
  [{reason: 'no-such-speaker', speaker: 'S9', speakers: ['S1', 'S2']}, 3, /called S9/, /--speaker: S1, S2/],
  [{reason: 'no-such-voice', voice: 'x', voices: ['espeak-ng:f2']}, 3, /no voice x/, /--voice: espeak-ng:f2/],
  [{reason: 'no-such-line', line: 9, lines: 3}, 3, /no line 9: this dub has 3/, /report/],
];

const troubles: readonly Row[] = [
  [
    {
      reason: 'engine-missing',
      kind: 'translator',
      engines: [
        {name: 'one', why: 'not installed'},
        {name: 'two', why: 'no model'},
      ],
    },
    4,
    /No engine is ready as translator: one \(not installed\); two \(no model\)\./,
    /scripts\/setup.*dubstead engines/,
  ],
  [
    {reason: 'tool-failed', tool: 'ffmpeg', stage: 'mix', exit: 'exit 1', stderr: 'first\nlast word\n'},
    5,
    /^ffmpeg failed in mix \(exit 1\): last word$/,
    /Try again: finished work is kept/,
  ],
  [{reason: 'bad-output', path, detail: 'it is short'}, 5, /did not pass its check: it is short/, /replaced/],
  [{reason: 'busy', path, pid: 4711}, 5, /process 4711/, /Wait/],
  [
    {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: ''},
    5,
    /without an answer \(signal SIGKILL\)\.$/,
    /goes on/,
  ],
  [
    {reason: 'limit', limit: 'job', allowed: 43_200, node: null},
    5,
    /^The job took longer than 12 hours\.$/,
    /last finished step.*JOB_HOURS_MAX/,
  ],
  [
    {reason: 'limit', limit: 'stage', allowed: 1800, node: 'mix@3'},
    5,
    /^mix@3 took longer than 30 minutes\.$/,
    /STAGE_MINUTES_MAX/,
  ],
  [
    {reason: 'limit', limit: 'silence', allowed: 60, node: null},
    5,
    /^Nothing was heard .* for 60 seconds\.$/,
    /JOB_HEARTBEAT_SECONDS/,
  ],
  [{reason: 'limit', limit: 'processor', allowed: 90.04, node: null}, 5, /90 seconds of processor/, /Retry/],
  [{reason: 'limit', limit: 'memory', allowed: 2e9, node: null}, 5, /its 2\.0 GB of memory/, /JOB_MEMORY_MB/],
  [{reason: 'limit', limit: 'file', allowed: 5e6, node: null}, 5, /grew beyond 5 MB/, /source/],
  [{reason: 'wire-broken', detail: 'answered twice'}, 5, /was ended: it answered twice\.$/, /report it/],
  [{reason: 'stopped'}, 130, /^Stopped\.$/, /goes on/],
  [{reason: 'bug', detail: 'no scene 3'}, 5, /fault in Dubstead itself: no scene 3/, /report it/],
];

t.test('every reason has a sentence, a fix and an exit code', async t => {
  for (const [failure, exit, what, fix] of [...refused, ...troubles]) {
    const said = describe(failure);
    t.match(said.what, what, failure.reason);
    t.match(said.fix, fix, failure.reason);
    t.equal(said.exit, exit, failure.reason);
    t.match(said.fix, /^[A-Z].*\.$/s, 'a fix is a sentence');
    t.notMatch(`${said.what} ${said.fix}`, /undefined|NaN|\[object/);
  }
});

t.test('the tables above leave none out', async t => {
  const reasons = (rows: readonly Row[]) => [...new Set(rows.map(([{reason}]) => reason))].toSorted();
  const declared = (union: {readonly options: typeof Failure.options | typeof Refusal.options}) =>
    union.options.map(({shape}) => shape.reason.value).toSorted();
  t.strictSame(reasons(refused), declared(Refusal));
  t.strictSame(reasons([...refused, ...troubles]), declared(Failure));
});

t.test('a refusal is one for its reason, however long its words', async t => {
  const said = describe({reason: 'not-media', path: long, detail: long});
  t.equal(said.exit, exitCodes.refused);
  t.match(said.what, /is not a video/);
});

t.test('the longest path there can be goes over the wire', async t => {
  const failure: Failure = {reason: 'no-such-file', path: `/${'x'.repeat(4094)}`};
  t.strictSame(Failure.parse(JSON.parse(JSON.stringify(failure))), failure);
  t.notOk(Failure.safeParse({reason: 'no-such-file', path: long}).success, 'and nothing beyond it');
});

t.test('of what a tool said the last line is told, and not all of it', async t => {
  const failed = (stderr: string) =>
    describe({reason: 'tool-failed', tool: 'x', stage: 'y', exit: 'exit 1', stderr}).what;
  t.equal(failed(''), 'x failed in y (exit 1): ');
  t.equal(failed('one\ntwo\n\n'), 'x failed in y (exit 1): two');
  t.ok(failed(long).length < 400);
});

t.test('sizes are told in units that people read', async t => {
  const free = (freeBytes: number) =>
    /has (.*) free/.exec(describe({reason: 'disk-full', path, neededBytes: 1, freeBytes}).what)?.[1];
  for (const [bytes, said] of [
    [0, '0 MB'],
    [1, '1 MB'],
    [999e6, '999 MB'],
    [1e9, '1.0 GB'],
    [2.5e12, '2500.0 GB'],
  ] as const) {
    t.equal(free(bytes), said);
  }
});

t.test('a span of time is told in the unit that people would choose', async t => {
  const longer = (allowed: number) =>
    /than (.*)\.$/.exec(describe({reason: 'limit', limit: 'job', allowed, node: null}).what)?.[1];
  for (const [seconds, said] of [
    [0.25, '0.3 seconds'],
    [119, '119 seconds'],
    [120, '2 minutes'],
    [5400, '90 minutes'],
    [7200, '2 hours'],
    [9000, '2.5 hours'],
  ] as const) {
    t.equal(longer(seconds), said);
  }
});

t.test('Failed carries the failure, its sentence and its cause', async t => {
  const cause = new Error('below');
  const failed = new Failed({reason: 'no-audio', path}, {cause});
  t.ok(failed instanceof Error);
  t.equal(failed.name, 'Failed');
  t.equal(failed.message, describe({reason: 'no-audio', path}).what);
  t.strictSame(failed.failure, {reason: 'no-audio', path});
  t.equal(failed.cause, cause);
});

t.test('what is no failure is refused at the door', async t => {
  for (const wrong of [{}, {reason: 'tired'}, {reason: 'busy', path, pid: 1.5}, {reason: 'no-video'}, null]) {
    t.notOk(Failure.safeParse(wrong).success, JSON.stringify(wrong));
  }
});
