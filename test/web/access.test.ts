/** Every row against everybody: who gets in, who is told what, and that what is not theirs is not there. */
import {statSync} from 'node:fs';
import {type IncomingMessage, request} from 'node:http';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {grants, KeyId} from '../../appliance/accounts/key.ts';
import {areaScopes, Scope} from '../../appliance/accounts/scope.ts';
import {accountRows} from '../../appliance/api/account-rows.ts';
import {type Caller, may, Role} from '../../appliance/api/permissions.ts';
import type {Row} from '../../appliance/api/row.ts';
import {type RowName, rowNames, rows} from '../../appliance/api/rows.ts';
import {isShared, type JobState} from '../../appliance/job.ts';
import {blankCard, type Visibility} from '../../appliance/library/card.ts';
import {makeReport} from '../../pipeline/report/make.ts';
import {type Door, socketDoor} from '../../web/door.ts';
import {film} from '../pipeline/report/film.ts';
import {ann, aSession, bob, digest, idOf, jobOf, type MemoryBox} from './memory-box.ts';
import {uploadIdOf} from './memory-uploads.ts';
import {ask, json, type Served, serve, until} from './served.ts';

const annsJob = idOf(1);
const nobodysJob = idOf(9);
const scopes = [...areaScopes, `job:${annsJob}:read`, `job:${annsJob}:write`, `job:${nobodysJob}:write`];

function keyOf(role: Role, scope: string): Caller {
  const id = KeyId.parse('0123456789ab');
  return {user: ann, role, came: {is: 'key', id, grants: grants({scopes: [Scope.parse(scope)]}, role)}};
}

const callers: Readonly<Record<string, Caller>> = {
  ...Object.fromEntries(
    Role.options.flatMap(role => [
      [`ann-${role}`, {user: ann, role, came: {is: 'session', id: aSession}}],
      [`bob-${role}`, {user: bob, role, came: {is: 'session', id: aSession}}],
    ]),
  ),
  socket: {user: ann, role: 'admin', came: {is: 'socket'}},
  ...Object.fromEntries(
    Role.options.flatMap(role => scopes.map(scope => [`ann-${role} ${scope}`, keyOf(role, scope)])),
  ),
};

/** Takes people by their word, as only a test may. */
const byName: Door = {
  ...socketDoor(ann),
  identify: ({headers}: IncomingMessage) => callers[String(headers['x-caller'])] ?? null,
  waitMs: () => 0,
};

const bodies: Partial<Record<RowName, unknown>> = {
  'jobs.submit': {folder: 1, file: 'a.mkv'},
  'jobs.batch': {jobs: [{folder: 1, file: 'a.mkv'}]},
  'jobs.priority': {priority: 5},
  'queue.set': {mode: 'paused'},
  'presets.save': {name: 'a'},
  'presets.change': {name: 'a'},
  'series.save': {name: 'a'},
  'series.change': {name: 'a'},
  'jobs.card': {title: 'A title'},
  'jobs.watched': {seconds: 5, duration: 10},
  'jobs.link': {file: 'subtitles'},
  'imports.subtitles': {name: 'a.srt', text: '1\n00:00:01,000 --> 00:00:02,000\nHi.\n'},
  'imports.translation': {lines: [{start: 0, end: 1, translation: 'Hola.'}]},
  'imports.turns': {turns: [{start: 0, end: 1, speaker: 'Ana'}]},
  'lines.preview': {text: 'Hola.', speaker: 'S1'},
  'lines.save': {since: 0, edits: [{anchor: {start: 0, source: 'Hi.'}, becomes: null}]},
  'speakers.save': {since: 0, speakers: [{speaker: 'S1', name: 'Ana', voice: 'espeak-ng:f4'}]},
  'uploads.complete': {},
  'sessions.revoke_all': {user: null},
  'purge.plan': {kinds: ['outputs']},
  'purge.carry': {files: 2},
};

const annsUpload = uploadIdOf(1);

/** What clients of tus say. */
const tusHeaders: Partial<Record<RowName, Readonly<Record<string, string>>>> = {
  'uploads.begin': {'Upload-Length': '10', 'Upload-Metadata': 'filename ZmlsbS5ta3Y='},
  'uploads.append': {'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream'},
};

/** Of a success, where it is not 200. */
const statuses: Partial<Record<RowName, number>> = {
  ...{'uploads.begin': 201, 'uploads.abilities': 204, 'uploads.append': 204, 'uploads.drop': 204},
};

/** As good a file as any to download. */
const thisFile = {
  ...{kind: 'subtitles', path: import.meta.filename, digest},
  bytes: statSync(import.meta.filename).size,
};

const reportPath = join(
  t.testdir({'a.report.json': JSON.stringify(makeReport(film([{start: 1}])))}),
  'a.report.json',
);
const aReport = {
  ...{kind: 'report for programs', path: reportPath, digest},
  bytes: statSync(reportPath).size,
};

const isAboutJob = ({object}: Row): boolean => object === 'job' || object === 'own-job';
const isAboutUpload = ({path}: Row): boolean => path.includes('/:upload');

const fields: Readonly<Record<string, string>> = {
  ...{
    part: 'master.m3u8',
    given: 'turns',
    asset: 'nothing.js',
    picture: 'icon-180.png',
    token: 'x',
    file: 'subtitles',
    session: aSession,
    intent: '0123456789abcdef',
    key: '0123456789ab',
    name: 'zoe',
    upload: 'no-upload',
    plan: 'a1b2c3d4e5f60718',
    preset: idOf(7),
    series: idOf(7),
  },
};

function pathFor({path}: Row, job: string): string {
  return path.replaceAll(/:([a-z]+)/g, (_, field: string) => (field === 'id' ? job : (fields[field] ?? '')));
}

/** The request that a row wants, about a job where it is about one. */
function askFor(
  served: Served,
  name: RowName,
  caller: string,
  job: string = annsJob,
  upload: string = annsUpload,
) {
  const row: Row = rows[name];
  const body = bodies[name];
  const asked = body === undefined ? {method: row.method} : json(body, row.method);
  const headers = {
    ...('headers' in asked ? asked.headers : {}),
    ...(row.answer.is === 'tus' ? {'Tus-Resumable': '1.0.0', ...tusHeaders[name]} : {}),
    'X-Caller': caller,
  };
  return ask(served.path, pathFor(row, job).replace('no-upload', upload), {...asked, headers});
}

/** Ann has a job in a state that grants what the row wishes, Bob has one as well. */
function seed(box: MemoryBox, name: RowName, visibility: Visibility = 'private'): void {
  const states: Partial<Record<RowName, JobState>> = {
    'jobs.resume': {is: 'paused', since: 1},
    'jobs.retry': {is: 'cancelled', at: 1},
    'jobs.restore': {is: 'deleted', at: 1, was: {is: 'cancelled', at: 1}},
    'jobs.report': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'jobs.quality': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'page.quality': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'lines.preview': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'lines.get': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'speakers.get': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [aReport]},
    'jobs.file': {is: 'done', at: 2, seconds: 1, summary: [], outputs: [thisFile]},
  };
  const state = states[name];
  box.all.clear();
  const card = visibility === 'shared' ? {...blankCard, visibility} : null;
  const annsOwn = jobOf(1, {card, ...(state && {state})});
  for (const job of [annsOwn, jobOf(2, {owner: bob})]) box.all.set(job.id, job);
  for (const id of box.all.keys()) box.growing.set(id, {seconds: 1, trouble: null});
  box.briefsOf.clear();
  box.memoryUploads.all.clear();
  box.memoryUploads.put(1, ann);
  box.memoryUploads.put(2, bob);
  box.asked.length = 0;
}

/** Streams do not end by themselves: their head is what is asked for here. */
const plain = rowNames.filter(name => !['events', 'socket'].includes(rows[name].answer.is));

/** Those about people want a body and a person of their own, and those about films want films: that somebody is let in to them is all that is looked at here. */
const elsewhere: ReadonlySet<string> = new Set([
  ...Object.keys(accountRows),
  // For people who logged in, and not for the socket.
  'push.test',
  // One's own: written down of admins alone.
  'audit.recent',
  'jobs.stream',
  'jobs.video',
  'jobs.link',
  'link',
  // Those that there are have names of their own.
  'page.asset',
  // For people who logged in.
  'page.settings',
  'page.welcome',
]);
const isOfTheBox = (name: RowName): boolean => !elsewhere.has(name);

async function openTo(t: Test, name: RowName): Promise<Served> {
  const served = await serve(t, {door: byName});
  seed(served.box, name);
  return served;
}

/** What a caller who may do this is answered about Ann's job, or about none. */
function answerTo(row: Row, caller: Caller | null, isOpen: boolean): 200 | 403 | 404 {
  if (!isAboutJob(row) || caller?.role === 'admin' || caller?.user === ann) return 200;
  if (!isOpen) return 404;
  return row.object === 'job' ? 200 : 403;
}

t.test('each row lets in who has its permission, and tells all others the same', async t => {
  for (const name of plain) {
    const row: Row = rows[name];
    const served = await openTo(t, name);
    const visibilities = isAboutJob(row) ? (['private', 'shared'] as const) : (['private'] as const);
    for (const visibility of visibilities)
      for (const who of [...Object.keys(callers), 'nobody']) {
        const caller = callers[who] ?? null;
        seed(served.box, name, visibility);
        const isOpen = isShared(served.box.all.get(annsJob) ?? jobOf(1));
        const found = await askFor(served, name, who);
        // A page asks for lists as well; a key that may bring films and read nothing is for scripts.
        if (name === 'page.add' && caller !== null && !may(caller, 'read:job')) continue;
        const allowed = may(caller, row.permission, isAboutJob(row) ? annsJob : null);
        const title = `${who} ${row.method} ${row.path} (${visibility})`;
        const refused = {401: 'unknown-caller', 403: 'not-allowed'}[found.status];
        const denied = refused !== undefined && (row.method === 'HEAD' || found.code === refused);
        t.equal(!denied, allowed, `${title}: ${found.text.slice(0, 100)}`);
        const wanted = answerTo(row, caller, isOpen);
        if (!allowed) t.equal(found.status, caller === null ? 401 : 403);
        else if (isAboutUpload(row) && caller?.user !== ann) t.equal(found.status, 404, title);
        else if (wanted === 403) t.equal(found.code, 'read-only', title);
        else if (wanted === 404) t.match(found, {status: 404, code: 'no-such-job'}, title);
        else if (isOfTheBox(name)) t.equal(found.status, statuses[name] ?? 200, `${title} ${found.text}`);
        if (!allowed || (wanted !== 200 && isAboutJob(row)))
          t.strictSame(served.box.asked, [], `${title}: the box was not even asked`);
      }
  }
});

t.test('a job of somebody else and a job that never was get the same answer', async t => {
  const aboutJobs = plain.filter(name => isAboutJob(rows[name]));
  t.ok(aboutJobs.length >= 8);
  for (const name of aboutJobs) {
    const served = await openTo(t, name);
    const others = await askFor(served, name, 'bob-operator');
    const nobodys = await askFor(served, name, 'bob-operator', nobodysJob);
    const odd = await askFor(served, name, 'bob-operator', 'no-id_at.all');
    for (const found of [nobodys, odd]) {
      t.equal(found.status, others.status, name);
      t.equal(found.text, others.text, `${name}: word for word`);
      t.equal(found.headers['content-length'], others.headers['content-length']);
    }
    t.strictSame(served.box.asked, [], `${name}: nothing was done`);
  }
});

t.test('an upload of somebody else and one that never was get the same answer', async t => {
  const aboutUploads = plain.filter(name => isAboutUpload(rows[name]));
  t.ok(aboutUploads.length >= 4);
  for (const name of aboutUploads) {
    const served = await openTo(t, name);
    const [others, nobodys] = await Promise.all(
      [annsUpload, uploadIdOf(9)].map(upload => askFor(served, name, 'bob-admin', annsJob, upload)),
    );
    t.equal(others?.status, 404, name);
    const {date: _, 'x-request-id': __, ...told} = others?.headers ?? {};
    t.match(nobodys, {status: 404, text: others?.text, headers: told}, `${name}: word for word`);
    t.strictSame(served.box.asked, [], `${name}: nothing was done`);
  }
});

t.test('a list of uploads has only one’s own, an admin’s too', async t => {
  const served = await openTo(t, 'uploads.list');
  for (const who of ['bob-operator', 'bob-admin']) {
    const {text} = await ask(served.path, '/api/uploads', {headers: {'X-Caller': who}});
    t.match(JSON.parse(text), {uploads: [{id: uploadIdOf(2)}]}, who);
    t.equal(JSON.parse(text).uploads.length, 1, who);
  }
});

t.test('a list has only what its reader sees, whatever is asked for', async t => {
  const served = await openTo(t, 'jobs.list');
  const table = [
    ['ann-viewer', '', ['ann']],
    ['bob-operator', '', ['bob']],
    ['bob-operator', '?owner=ann', []],
    ['bob-operator', '?q=film', ['bob']],
    ['bob-admin', '', ['bob', 'ann']],
    ['bob-admin', '?owner=ann', ['ann']],
    ['socket', '', ['bob', 'ann']],
  ] as const;
  for (const [who, query, owners] of table) {
    const {text} = await ask(served.path, `/api/jobs${query}`, {headers: {'X-Caller': who}});
    const found = JSON.parse(text).jobs.map(({owner}: {owner: string}) => owner);
    t.strictSame(found, owners, `${who} ${query}`);
  }
});

t.test('what is shared is in the lists of all, and in the trash of its owner alone', async t => {
  const served = await openTo(t, 'jobs.list');
  const ownersOf = async (query: string): Promise<string[]> => {
    const {text} = await ask(served.path, `/api/jobs${query}`, {headers: {'X-Caller': 'bob-viewer'}});
    return JSON.parse(text).jobs.map(({owner}: {owner: string}) => owner);
  };
  seed(served.box, 'jobs.list', 'shared');
  t.strictSame(await ownersOf(''), ['bob', 'ann']);
  t.strictSame(await ownersOf('?owner=ann'), ['ann']);
  const trashed = jobOf(1, {
    card: {...blankCard, visibility: 'shared'},
    state: {is: 'deleted', at: 1, was: {is: 'cancelled', at: 1}},
  });
  served.box.all.set(annsJob, trashed);
  t.strictSame(await ownersOf('?state=deleted'), []);
  t.match(await askFor(served, 'jobs.get', 'bob-viewer'), {status: 404, code: 'no-such-job'});
});

t.test('an admin who looks at a job of somebody else is written down, once in a while', async t => {
  const served = await openTo(t, 'jobs.get');
  for (const who of ['ann-admin', 'bob-admin', 'bob-admin', 'bob-viewer', 'ann-viewer'])
    await askFor(served, 'jobs.get', who);
  await askFor(served, 'jobs.files', 'bob-admin');
  await askFor(served, 'jobs.get', 'ann-admin', idOf(2));
  t.match(
    served.audited.map(({event, by, object}) => [event, by?.user, object]),
    [
      ['admin.viewed', 'bob', annsJob],
      ['admin.viewed', 'ann', idOf(2)],
    ],
  );
});

t.test('events go to whose they are, and the box’s own to its admins', async t => {
  const served = await serve(t, {door: byName});
  const heard = new Map<string, string>();
  const stop = new AbortController();
  const people = ['ann-viewer', 'bob-operator', 'bob-admin', 'socket'];
  for (const who of people) {
    heard.set(who, '');
    readInto(served.path, who, heard, stop.signal);
  }
  await until('all follow', () => served.box.events.followers === people.length);
  served.box.events.append({is: 'job-gone', id: idOf(1), owner: ann});
  served.box.events.append({is: 'job-gone', id: idOf(2), owner: bob});
  served.box.events.append({is: 'alerts', alerts: []});
  served.box.events.append({is: 'job-gone', id: idOf(3), owner: ann}, 'all');
  served.box.events.append({is: 'job-gone', id: idOf(4), owner: ann}, 'others');
  const own = (who: string) => [...(heard.get(who) ?? '').matchAll(/"owner":"(\w+)"|"is":"(alerts)"/g)];
  const wanted = {
    'ann-viewer': 'ann ann',
    'bob-operator': 'bob ann ann',
    'bob-admin': 'ann bob alerts ann',
    socket: 'ann bob alerts ann',
  };
  for (const [who, words] of Object.entries(wanted)) {
    await until(`${who} hears`, () => own(who).length === words.split(' ').length);
    t.equal(
      own(who)
        .map(([, owner, alerts]) => owner ?? alerts)
        .join(' '),
      words,
      who,
    );
  }
  stop.abort();
  await until('none follows', () => served.box.events.followers === 0);
  const nobody = await ask(served.path, '/api/jobs/events', {headers: {'X-Caller': 'nobody'}});
  t.match(nobody, {status: 401, code: 'unknown-caller'});
});

function readInto(path: string, who: string, heard: Map<string, string>, signal: AbortSignal): void {
  const headers = {'X-Caller': who, Accept: 'text/event-stream'};
  const sent = request(
    {socketPath: path, path: '/api/jobs/events', headers, signal, agent: false},
    answer => {
      answer.on('error', () => {});
      answer.on('data', chunk => heard.set(who, `${heard.get(who)}${chunk}`));
    },
  );
  sent.on('error', () => {});
  sent.end();
}

t.test('whoever is not on the box is not told where things lie on it', async t => {
  const outputs = [{kind: 'video', path: '/box/out/film.es.mkv', bytes: 5, digest}];
  const state: JobState = {is: 'done', at: 2, seconds: 1, summary: [], outputs};
  const served = await serve(t, {door: byName, jobs: [jobOf(1, {state})]});
  const there = await askFor(served, 'jobs.get', 'ann-admin');
  t.match(JSON.parse(there.text).outputs, [{name: 'film.es.mkv', path: null}]);
  const here = await askFor(served, 'jobs.get', 'socket');
  t.match(JSON.parse(here.text).outputs, [{path: '/box/out/film.es.mkv'}]);
});

t.test(
  'what changes or takes something is written down with who, what and how it ended; the rest is not',
  async t => {
    for (const name of plain.filter(isOfTheBox)) {
      const row: Row = rows[name];
      const served = await openTo(t, name);
      await askFor(served, name, 'socket');
      await askFor(served, name, 'bob-viewer');
      if (row.audit === null) {
        t.strictSame(served.audited, [], name);
      } else {
        const [done, denied] = served.audited;
        const {ok: granted, no: refused} =
          typeof row.audit === 'string' ? {ok: row.audit, no: row.audit} : row.audit;
        t.match(
          done,
          {event: granted, by: {user: 'ann', came: {is: 'socket'}}, address: null, result: 'ok'},
          name,
        );
        const object = {
          'jobs.submit': idOf(3),
          'jobs.batch': idOf(3),
          'usage.all': 'usage of everybody',
          'jobs.priority': `${annsJob} to 5`,
          'queue.set': 'paused',
          'jobs.file': `${annsJob} subtitles`,
          'inbox.rescan': null,
          'uploads.begin': uploadIdOf(3),
          'uploads.drop': annsUpload,
          'uploads.complete': `${annsUpload} to ${idOf(3)}`,
          'presets.save': idOf(7),
          'presets.change': idOf(7),
          'presets.remove': idOf(7),
          'series.save': idOf(7),
          'series.change': idOf(7),
          'series.remove': idOf(7),
          'retention.sweep': '2 files',
          'purge.plan': 'plan:a1b2c3d4e5f60718',
          'purge.carry': 'plan:a1b2c3d4e5f60718',
        }[String(name)];
        t.equal(done?.object, object === undefined ? annsJob : object, `${name}: what it was done to`);
        const result = may(callers['bob-viewer'] ?? null, row.permission) ? 'no-such-job' : 'not-allowed';
        t.match(denied, {event: refused, by: {user: 'bob'}, object: null, result}, name);
        t.equal(served.audited.length, 2);
        t.not(done?.requestId, denied?.requestId);
      }
    }
  },
);

t.test('a no of the box and a bug are written down too', async t => {
  const served = await serve(t, {jobs: [jobOf(1)]});
  const cancel = () => ask(served.path, `/api/jobs/${annsJob}/cancel`, {method: 'POST'});
  served.box.trouble = {reason: 'not-stored', detail: 'the disk is full'};
  await cancel();
  served.box.bug = new Error('a bug');
  await cancel();
  await ask(served.path, '/api/queue', json({mode: 'fast'}, 'PUT'));
  t.match(served.audited, [
    {event: 'job.cancelled', object: annsJob, result: 'not-stored'},
    {event: 'job.cancelled', object: annsJob, result: 'bug'},
    {event: 'admin.queue_mode_set', object: null, result: 'bad-body'},
  ]);
});

t.test('how often is asked by bucket and person, before anything is done', async t => {
  const asked: unknown[] = [];
  const slow: Door = {
    ...byName,
    waitMs: (bucket, caller) => {
      asked.push([bucket, caller?.user ?? null]);
      return bucket === 'change' ? 2500 : 0;
    },
  };
  const served = await serve(t, {door: slow, jobs: [jobOf(1)]});
  const found = await askFor(served, 'jobs.cancel', 'ann-operator');
  t.match(found, {status: 429, code: 'too-often', headers: {'retry-after': '3'}});
  t.strictSame(served.box.asked, []);
  t.equal((await askFor(served, 'jobs.get', 'ann-operator')).status, 200);
  t.equal((await askFor(served, 'health', 'nobody')).status, 200);
  t.strictSame(asked, [
    ['change', 'ann'],
    ['detail', 'ann'],
    ['probe', null],
  ]);
});
