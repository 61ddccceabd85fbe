/** What is worth a push, and what the phone reads: every kind, every script, and nothing at all with titles off. */
import t from 'tap';
import type {Failure} from '../../../appliance/failure.ts';
import type {JobState} from '../../../appliance/job.ts';
import {
  type Batch,
  cleaned,
  cutToBytes,
  messageLimitBytes,
  messageOf,
  titleLimitBytes,
  type Wording,
} from '../../../supervisor/push/message.ts';
import {freshPushId, PushRow, pushOfJob, pushOfRefusal} from '../../../supervisor/push/row.ts';
import {ana, done, idOf, job, jobId, noon, wrong} from './rows.ts';

const folders = ['/media/my films/inbox', '/srv/dub'];
const home: Wording = {titles: true, publicBaseUrl: null, dataDir: '/srv/dub', folders};
const shy: Wording = {...home, titles: false};

const ended = {at: noon};
const finished = (summary: string[]): JobState => ({...ended, is: 'done', seconds: 12, outputs: [], summary});

/** A path in the job's own folder, where a worker finds the film. */
const inside = `/srv/dub/jobs/${jobId}/source/Film.mkv`;

t.test('a job is pushed when it is done, failed, refused or set aside, and at no other time', async t => {
  const crash: Failure = {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: 'x\nout of memory\n'};
  const table: readonly (readonly [JobState, string | undefined])[] = [
    [finished([]), 'done'],
    [{...ended, is: 'failed', failure: crash}, 'failed'],
    [{...ended, is: 'failed', failure: {reason: 'bug', detail: 'no'}}, 'failed'],
    [{...ended, is: 'failed', failure: {reason: 'no-audio', path: inside}}, 'refused'],
    [{...ended, is: 'set-aside', failure: crash}, 'set-aside'],
    [{is: 'queued', since: noon, notBefore: null}, undefined],
    [{is: 'running', since: noon, pid: 1}, undefined],
    [{is: 'pausing', since: noon, pid: 1}, undefined],
    [{is: 'paused', since: noon}, undefined],
    [{is: 'stopping', since: noon, pid: 1, towards: 'deleted'}, undefined],
    [{is: 'cancelled', at: noon}, undefined],
    [{is: 'deleted', at: noon, was: null}, undefined],
  ];
  for (const [state, kind] of table) {
    const row = pushOfJob(job(state), idOf('a'));
    t.equal(row?.about.kind, kind, `${state.is}: ${kind}`);
    if (row === undefined) continue;
    t.match(row, {id: 'a', owner: ana, made: noon, attempts: 0, notBefore: null});
    t.strictSame(PushRow.parse(JSON.parse(JSON.stringify(row))), row, 'the store can keep it');
  }
});

t.test(
  'of a finished job the row keeps the title, how long, and the first sentence of the report',
  async t => {
    const paragraph = 'A good dub by what was measured. All 12 lines are spoken. Fair: lag 0.4 s.';
    const table: readonly (readonly [string[], string])[] = [
      [[paragraph, 'Line 3 is over.'], 'A good dub by what was measured.'],
      [['No full stop'], 'No full stop'],
      [['Lag 0.4 s is fair. More.'], 'Lag 0.4 s is fair.'],
      [['Two\nlines. More.'], 'Two\nlines.'],
      [[], ''],
    ];
    for (const [summary, grade] of table) {
      t.match(pushOfJob(job(finished(summary)), idOf('a'))?.about, {
        title: 'Film',
        to: 'es',
        seconds: 12,
        grade,
      });
    }
    const names: Readonly<Record<string, string>> = {
      'a.b.mkv': 'a.b',
      'no-ending': 'no-ending',
      '映画.mp4': '映画',
    };
    for (const [name, title] of Object.entries(names))
      t.equal(pushOfJob(job(finished([]), name), idOf('a'))?.about.title, title);
  },
);

t.test('however much was said, a row stays small and whole', async t => {
  const long = '😀'.repeat(5000);
  const failures: readonly Failure[] = [
    {reason: 'worker-lost', exit: 'exit 1', stderr: long},
    {reason: 'not-media', path: inside, detail: long.slice(0, 4000)},
    {reason: 'bug', detail: long.slice(0, 4000)},
  ];
  for (const failure of failures) {
    const row = pushOfJob(job({...ended, is: 'set-aside', failure}), idOf('a'));
    t.ok(JSON.stringify(PushRow.parse(row)).length < 2000, failure.reason);
  }
  const named = {id: idOf('a'), owner: null, at: noon};
  const row = pushOfRefusal({...named, name: long, what: `x${long}`, fix: long});
  t.ok(PushRow.safeParse(row).success);
  const {title, ...said} = row.about;
  t.strictSame(title, '😀'.repeat(127), 'of the half that 255 would take, nothing');
  for (const words of Object.values(said)) t.ok(String(words).isWellFormed());
  t.match(row, {owner: null, made: noon, about: {kind: 'refused', job: null}});
});

t.test('what a tool said may hold a secret: the row does not', async t => {
  const detail = 'cannot open https://me:hunter22@films.example/a.mkv';
  const state: JobState = {...ended, is: 'failed', failure: {reason: 'not-media', path: inside, detail}};
  const named = {id: idOf('a'), owner: null, at: noon, name: 'a', what: detail, fix: detail};
  for (const row of [pushOfJob(job(state), idOf('a')), pushOfRefusal(named)]) {
    t.match(row?.about, {what: /films\.example/});
    t.notMatch(JSON.stringify(row), /hunter22/);
  }
});

t.test('fresh ids are never the same and fit the protocol', async t => {
  const some = new Set(Array.from({length: 1000}, freshPushId));
  t.equal(some.size, 1000);
  for (const id of some) if (!/^[-_A-Za-z0-9]{12}$/.test(id)) t.fail(id);
});

t.test('each kind has its words, its weight and its sign', async t => {
  const steps = `“dubstead logs ${jobId}” shows its log, “dubstead retry ${jobId}” starts it again.`;
  const what = `${inside} is cut off or damaged: moov atom not found in ${inside}.`;
  const fix = 'Copy it again.';
  const table = [
    {
      row: done('a'),
      title: 'Film a speaks Spanish now',
      message: 'Dubbed in 13 min. A good dub by what was measured.',
      ...{priority: 3, tags: ['clapper']},
    },
    {
      row: wrong('failed', 'b', {what, fix}),
      title: 'Film b could not be dubbed',
      message: `Film.mkv is cut off or damaged: moov atom not found in Film.mkv. ${steps}`,
      ...{priority: 4, tags: ['x']},
    },
    {
      row: wrong('refused', 'c', {what: '/media/my films/inbox/ana/c.txt and /srv/dub/x are no video.', fix}),
      title: 'Film c was refused',
      message: 'ana/c.txt and x are no video. Copy it again.',
      ...{priority: 3, tags: ['no_entry_sign']},
    },
    {
      row: wrong('set-aside', 'd', {what: 'Out of memory.'}),
      title: 'Film d was set aside',
      message: `Its worker was lost 3 times, so it waits for a person. Out of memory. ${steps}`,
      ...{priority: 4, tags: ['warning']},
    },
  ];
  for (const {row, ...wanted} of table)
    t.strictSame(messageOf([row], home), {...wanted, sequence_id: row.id}, row.about.kind);
});

t.test('how long it took is told in the unit that people would use', async t => {
  const table = [
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [90, '2 min'],
    [3569, '59 min'],
    [3571, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [100_000, '27 h 47 min'],
  ] as const;
  for (const [seconds, words] of table)
    t.equal(messageOf([done('a', {seconds, grade: ''})], home).message, `Dubbed in ${words}.`);
});

t.test('a tap leads to the job when the box has an address, and nowhere when it has none', async t => {
  const [one, other, file] = [done('a'), done('b'), wrong('refused', 'c', {job: null})];
  for (const batch of [[one], [one, other], [file]] satisfies Batch[])
    t.notOk('click' in messageOf(batch, home), 'not even an empty one');
  for (const publicBaseUrl of ['https://dub.example/x', 'https://dub.example/x//']) {
    const wording = {...home, publicBaseUrl};
    t.equal(messageOf([one], wording).click, `https://dub.example/x/jobs/${jobId}`);
    t.equal(messageOf([one, other], wording).click, 'https://dub.example/x/jobs');
    t.equal(messageOf([file], wording).click, 'https://dub.example/x/jobs');
  }
});

t.test('many of a kind become one: how many, and the first of their names', async t => {
  const films = Array.from({length: 12}, (_, i) => done(`n${i}`, {to: i % 2 === 0 ? 'es' : 'ja'}));
  const [first, ...others] = films;
  if (first === undefined) return;
  const {title, message, sequence_id} = messageOf([first, ...others], home);
  t.equal(title, '12 videos finished');
  t.strictSame(message.split('\n'), [
    ...films.slice(0, 10).map(({about}, i) => `${about.title} (${i % 2 === 0 ? 'Spanish' : 'Japanese'})`),
    'and 2 more',
  ]);
  t.equal(sequence_id, 'n0', 'named by the oldest, so that a larger one takes its place');
  t.notMatch(messageOf([first, ...others.slice(0, 9)], home).message, /more/);
  const titles = (['failed', 'refused', 'set-aside'] as const).map(
    kind => messageOf([wrong(kind, 'a'), wrong(kind, 'b')], home).title,
  );
  t.strictSame(titles, ['2 videos failed', '2 files were refused', '2 videos were set aside']);
});

t.test('titles in any script go through as they are; one read from the right is fenced off', async t => {
  const table: Readonly<Record<string, string>> = {
    'となりの山 第2話': 'となりの山 第2話',
    'Amélie — “Le fabuleux”': 'Amélie — “Le fabuleux”',
    '👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ☕️': '👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ☕️',
    'ครอบครัว நண்பன்': 'ครอบครัว நண்பன்',
    'e\u0301cole': 'e\u0301cole',
    'שלום עולם 2': '\u2068שלום עולם 2\u2069',
    'مرحبا 3': '\u2068مرحبا 3\u2069',
    'a  "b" \\ $(c) <d> {e} %f': 'a  "b" \\ $(c) <d> {e} %f',
  };
  for (const [title, shown] of Object.entries(table)) {
    t.equal(messageOf([done('a', {title})], home).title, `${shown} speaks Spanish now`);
    t.equal(messageOf([done('a', {title}), done('b')], home).message, `${shown} (Spanish)\nFilm b (Spanish)`);
  }
});

t.test('what could move the reader is taken out of what comes from outside', async t => {
  const table = {
    'a\r\nb\tc\0d\u009be': 'a b c d e',
    '\u001b[31mred\u001b[0m': '[31mred [0m',
    'a\u202egpj.exe\u202c\u2066x\u2069\u200e\u200f\u061c': 'agpj.exex',
    'a\u2028b\u2029c\ufeff': 'a b c',
    'half \ud83d': 'half \ufffd',
    '=?utf-8?q?=07=1b?=': '= ?utf-8?q?=07=1b?=',
    '  a  b  ': 'a  b',
  };
  for (const [text, clean] of Object.entries(table)) {
    t.equal(cleaned(text), clean);
    t.equal(messageOf([done('a', {title: text})], home).title, `${clean} speaks Spanish now`);
    t.equal(messageOf([wrong('refused', 'a', {what: text, fix: text})], home).message, `${clean} ${clean}`);
    t.match(messageOf([done('a', {grade: text})], home).message, `Dubbed in 13 min. ${clean}`);
  }
  t.equal(messageOf([done('a', {title: '\u0007\n'})], home).title, 'A video speaks Spanish now');
  t.equal(
    messageOf([done('a', {title: '\u0007'}), done('b')], home).message.split('\n')[0],
    'A video (Spanish)',
  );
});

t.test('nothing is longer than the server and a phone take, and no character is cut in two', async t => {
  t.equal(cutToBytes('abc', 3), 'abc');
  t.equal(cutToBytes('abcd', 3), '…');
  t.equal(cutToBytes('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 40), '👨‍👩‍👧‍👦…');
  for (const text of ['"', '\\', 'ü', '映', '👨‍👩‍👧‍👦', 'ש', 'a']) {
    const title = text.repeat(255).slice(0, 255).toWellFormed();
    const words = text.repeat(600).slice(0, 600).toWellFormed();
    const films = Array.from({length: 400}, (_, i) =>
      wrong('refused', `a${i}`, {title, what: words, fix: words}),
    );
    const [first, ...others] = films;
    if (first === undefined) return;
    for (const batch of [[first], [first, ...others], [done('a', {title, grade: words})]] satisfies Batch[]) {
      const made = messageOf(batch, {...home, publicBaseUrl: 'https://dub.example'});
      t.ok(Buffer.byteLength(made.title) <= titleLimitBytes, `${text}: title`);
      t.ok(Buffer.byteLength(made.message) <= messageLimitBytes, `${text}: message`);
      t.ok(Buffer.byteLength(JSON.stringify({topic: 'x'.repeat(64), ...made})) < 8192, `${text}: JSON`);
      t.ok(made.title.isWellFormed() && made.message.isWellFormed(), `${text}: whole`);
      t.match(made.title, /(now|refused)$/, `${text}: the end of the title says what happened`);
    }
  }
});

t.test('with titles off, nothing of what was dubbed is in any field', async t => {
  const secret = /secret|geheim|spanish|español|\bes\b|\/srv|\.mkv|good dub|moov/i;
  const title = 'Secret geheim.mkv';
  const what = `/srv/dub/jobs/${jobId}/source/Secret.mkv has no moov.`;
  const wording = {...shy, publicBaseUrl: 'https://dub.example'};
  const rows = [
    done('a', {title, grade: 'A good dub of Secret.'}),
    ...(['failed', 'refused', 'set-aside'] as const).map(kind => wrong(kind, 'b', {title, what, fix: what})),
    wrong('refused', 'c', {title, what, fix: what, job: null}),
  ];
  for (const row of rows) {
    const many: Batch = [row, ...Array.from({length: 11}, () => row)];
    for (const made of [messageOf([row], wording), messageOf(many, wording)]) {
      t.notMatch(JSON.stringify(made), secret, row.about.kind);
      t.ok(made.title.length > 10 && made.message.length > 10, made.message);
    }
    t.match(JSON.stringify(messageOf([row], {...wording, titles: true})), secret, 'with titles on, it is');
    t.match(JSON.stringify(messageOf(many, {...wording, titles: true})), secret);
  }
  t.equal(messageOf([done('a'), done('b')], wording).title, '2 videos finished');
});
