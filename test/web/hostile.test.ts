/** Nonsense of every kind, much of it: whatever comes, the answer is in shape, nothing is at fault, and others are served. */

import {request} from 'node:http';
import t from 'tap';
import {z} from 'zod';
import {accountRows} from '../../appliance/api/account-rows.ts';
import type {OpenApi} from '../../appliance/api/openapi.ts';
import type {Row} from '../../appliance/api/row.ts';
import {type RowName, rowNames, rows} from '../../appliance/api/rows.ts';
import {ProblemAnswer} from '../../appliance/api/shapes.ts';
import type {JobState} from '../../appliance/job.ts';
import {bareAnswer} from '../../web/headers.ts';
import {bringsBody, parsed, pathOf, queryReader} from '../../web/parse.ts';
import {NotAnswered} from '../../web/problem.ts';
import {ann, idOf, jobOf, states} from './memory-box.ts';
import {uploadIdOf} from './memory-uploads.ts';
import {type Answer, type Asked, ask, dial, json, serve, until} from './served.ts';

/** The same numbers every time (mulberry32), so that what was found once is found again. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function picker(seed: number) {
  const chance = chances(seed);
  return <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(chance() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
}

const parts = {
  method: ['GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'QUERY'],
  segment: [
    'api',
    'jobs',
    idOf(1),
    idOf(99),
    'logs',
    'cancel',
    'pause',
    'priority',
    'queue',
    'inbox',
    '..',
    '%2e',
    '',
  ],
  file: ['video', '0', '7', '00', '-1', 'constructor', '..', '~', 'film.es.mkv'],
  query: [
    '',
    '?download=1',
    '?limit=5',
    '?limit=-1',
    '?tail=9999',
    '?state=queued&state=x',
    '?%',
    '?a=%ff',
    '?=',
    '?&&',
    '?__proto__=1',
  ],
  type: [
    'application/json',
    'application/json;charset=utf-8',
    'text/plain',
    'multipart/form-data; boundary=x',
    '',
  ],
  body: [
    ...['', '{}', '[]', '{"priority":1}', '{"mode":"paused"}', '{"path":"/a"}', '{"path":"/a","options":{}}'],
    ...[
      '{"priority":1e999}',
      '{"priority":NaN}',
      '{"a":{"__proto__":1}}',
      '"x"',
      '{"mode":["paused"]}',
      '\ufeff{}',
    ],
    ...[
      '{"path":"/\\u0000"}',
      '{"path":"/\\ud800"}',
      '\xff\xfe',
      `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    ],
  ],
  accept: ['*/*', 'application/json', 'text/html', ';;;', '', 'application/json;q=0'],
  encoding: ['identity', 'gzip', 'chunked'],
} as const;

t.test('seven hundred odd requests get answers in shape, and none is a fault', async t => {
  const jobs = states.map((state, i) => jobOf(i, {state}));
  const {path, faults, listener} = await serve(t, {jobs});
  const pick = picker(7);
  // Streams do not end by themselves.
  const known = rowNames
    .filter(name => !['events', 'socket'].includes(rows[name].answer.is))
    .map(name => rows[name]);
  const statuses = new Map<number, number>();
  for (let round = 0; round < 700; round++) {
    const row: Row = pick(known);
    const method = pick([row.method, row.method, row.method, pick(parts.method)]);
    const depth = pick([1, 2, 3, 4, 5]);
    const odd = `/${Array.from({length: depth}, () => pick(parts.segment)).join('/')}`;
    const even = row.path
      .replace(/:(id|preset|series)/, idOf(pick(states.map((_, i) => i))))
      .replace(':file', pick(parts.file));
    const address = `${pick([odd, even, even, even])}${pick(parts.query)}`;
    const body = pick(parts.body);
    const headers = {
      'Content-Type': pick(parts.type),
      // Without this, Node sends what is behind a DELETE as if it were the next request.
      ...(method === 'GET' || method === 'HEAD' ? {} : {'Content-Length': String(Buffer.byteLength(body))}),
      Accept: pick(parts.accept),
      ...(pick([0, 1, 2, 3]) === 0 ? {'Content-Encoding': pick(parts.encoding)} : {}),
    };
    const asked: Asked = {method, headers, ...(method === 'GET' || method === 'HEAD' ? {} : {body})};
    // The server may hang up on a body that it will not read, while that is still being sent.
    const found = await ask(path, address, asked).catch(() => undefined);
    if (found === undefined) continue;
    statuses.set(found.status, (statuses.get(found.status) ?? 0) + 1);
    const wrong = faultIn(found, method);
    if (wrong !== undefined) t.fail(`${method} ${address} ${body.slice(0, 40)}: ${wrong}`);
  }
  for (const status of [200, 204, 400, 404, 405, 415]) {
    t.ok((statuses.get(status) ?? 0) > 0, `${statuses.get(status)} times ${status}`);
  }
  t.notOk(statuses.has(500), JSON.stringify([...statuses]));
  t.strictSame(faults, []);
  await until('all are gone', () => listener.connections === 0);
});

/** What is out of shape in an answer; undefined when nothing is. */
function faultIn({status, headers, text}: Answer, method: string): string | undefined {
  if (headers['x-content-type-options'] !== 'nosniff') return 'no headers';
  if (method === 'HEAD' || status === 204) return text === '' ? undefined : 'a body';
  if (status < 400) return undefined;
  if (text.startsWith('<!doctype html>')) return /<h1>[A-Z]/.test(text) ? undefined : `not in words: ${text}`;
  const answer = ProblemAnswer.strict().safeParse(JSON.parse(text));
  if (!answer.success) return `no problem: ${text.slice(0, 100)}`;
  const {what, fix} = answer.data.error;
  return /^[A-Z]/.test(fix) && what !== '' ? undefined : `not in words: ${text}`;
}

t.test('bytes that are no request leave the server as it was', async t => {
  const {path, faults, listener} = await serve(t);
  const chance = chances(11);
  for (let round = 0; round < 200; round++) {
    const {socket, over} = await dial(t, path);
    const bytes = Buffer.from(
      Array.from({length: 1 + Math.floor(chance() * 300)}, () => Math.floor(chance() * 256)),
    );
    const start =
      round % 3 === 0 ? 'GET /healthz HTTP/1.1\r\n' : round % 3 === 1 ? 'POST /api/jobs HTTP/1.1\r\n' : '';
    socket.end(Buffer.concat([Buffer.from(start), bytes]));
    await over;
  }
  t.strictSame(faults, []);
  await until('all are gone', () => listener.connections === 0);
  t.equal((await ask(path, '/healthz')).status, 200);
});

t.test('requests one behind another on one connection are answered in their order', async t => {
  const {path} = await serve(t, {jobs: [jobOf(1)]});
  const {socket, heard} = await dial(t, path);
  const addresses = ['/healthz', '/nowhere', `/api/jobs/${idOf(1)}`, '/api/queue', '/healthz'];
  socket.write(addresses.map(address => `GET ${address} HTTP/1.1\r\n\r\n`).join(''));
  const answers = () => heard().split('HTTP/1.1 ').slice(1);
  await until('all answers', () => answers().length === 5 && heard().endsWith('{"ok":true}'));
  const wanted = [/^200 .*"ok"/s, /^404 .*not-found/s, /^200 .*film 1/s, /^200 .*"mode"/s, /^200 .*"ok"/s];
  t.match(answers(), wanted);
});

t.test('a hundred clients at once are all answered', async t => {
  const {path, listener} = await serve(t, {jobs: [jobOf(1)]});
  const found = await Promise.all(
    Array.from({length: 100}, (_, i) =>
      i % 2 === 0
        ? ask(path, '/api/jobs')
        : ask(path, `/api/jobs/${idOf(1)}/priority`, json({priority: i}, 'PUT')),
    ),
  );
  t.ok(found.every(({status}) => status === 200));
  await until('all are gone', () => listener.connections === 0);
});

t.test('a body that never ends is not taken in', async t => {
  const {path, faults} = await serve(t);
  let sent = 0;
  const answered = Promise.withResolvers<number>();
  const headers = {'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked'};
  const post = request(
    {socketPath: path, path: '/api/jobs', method: 'POST', headers, agent: false},
    answer => {
      answer.resume();
      answered.resolve(answer.statusCode ?? 0);
    },
  );
  post.on('error', () => answered.resolve(0));
  const more = (): void => {
    while (!post.destroyed && sent < 1 << 28) {
      sent += 1 << 16;
      if (!post.write(' '.repeat(1 << 16))) return;
    }
  };
  post.on('drain', more);
  more();
  t.ok([413, 0].includes(await answered.promise), 'an answer, or none where it hung up first');
  t.ok(sent < 1 << 24, `${sent} bytes were sent`);
  post.destroy();
  t.strictSame(faults, []);
});

/** Those about people are looked at where there are people: auth.test.ts. */
const jsonRows = rowNames.filter(
  name =>
    rows[name].answer.is === 'json' &&
    !Object.hasOwn(accountRows, name) &&
    name !== 'jobs.link' &&
    name !== 'jobs.report' &&
    name !== 'lines.get' &&
    name !== 'lines.preview' &&
    name !== 'speakers.get' &&
    name !== 'jobs.quality' &&
    name !== 'push.test',
);

t.test('what is answered is what the description says', async t => {
  const bodies: Partial<Record<RowName, unknown>> = {
    'jobs.submit': {path: '/films/a.mkv'},
    'jobs.batch': {jobs: [{folder: 1, file: 'b.mkv'}, {path: '/films/c.mkv'}]},
    'jobs.priority': {priority: 5},
    'lines.save': {since: 0, edits: [{anchor: {start: 0, source: 'Hi.'}, becomes: null}]},
    'speakers.save': {since: 0, speakers: [{speaker: 'S1', name: 'Ana', voice: null}]},
    'imports.subtitles': {name: 'a.srt', text: '1\n00:00:01,000 --> 00:00:02,000\nHi.\n'},
    'imports.translation': {lines: [{start: 0, end: 1, translation: 'Hola.'}]},
    'imports.turns': {turns: [{start: 0, end: 1, speaker: 'Ana'}]},
    'queue.set': {mode: 'paused'},
    'uploads.complete': {},
    'jobs.card': {title: 'A title', tags: ['a'], episode: {series: 'Show', season: 1, episode: null}},
    'jobs.watched': {seconds: 5, duration: 10},
    'presets.save': {name: 'a', options: {to: 'fr'}},
    'presets.change': {name: 'a'},
    'series.save': {name: 'a', voices: {Ana: 'x'}, subtitles: {lineLength: 42, lines: 2}},
    'series.change': {name: 'a'},
    'purge.plan': {kinds: ['outputs'], olderThanDays: 3, jobs: [idOf(1)]},
    'purge.carry': {files: 2},
  };
  const wanted: Partial<Record<RowName, string>> = {
    ...{'jobs.resume': 'paused', 'jobs.retry': 'failed', 'jobs.restore': 'deleted'},
  };
  const trashed: JobState = {is: 'deleted', at: 2, was: {is: 'cancelled', at: 2}};
  const {path, box} = await serve(t);
  const described: OpenApi = JSON.parse((await ask(path, '/api/openapi.json')).text);
  box.memoryUploads.put(1, ann);
  for (const name of jsonRows) {
    const row: Row = rows[name];
    for (const [i, state] of states.entries())
      box.all.set(idOf(i), jobOf(i, {state: state.is === 'deleted' ? trashed : state}));
    const at = states.findIndex(({is}) => is === (wanted[name] ?? 'queued'));
    box.growing.set(idOf(at), {seconds: 12.5, trouble: null});
    const body = bodies[name];
    const asked = body === undefined ? {method: row.method} : json(body, row.method);
    const address = row.path
      .replace(/:(id|preset|series)/, idOf(at))
      .replace(':upload', uploadIdOf(1))
      .replace(':plan', 'a1b2c3d4e5f60718')
      .replace(':given', 'turns');
    const found = await ask(path, address, asked);
    t.equal(found.status, 200, name);
    const operation = described.paths[row.path.replaceAll(/:([a-z]+)/g, '{$1}')]?.[row.method.toLowerCase()];
    const schema = operation?.responses['200']?.content?.['application/json']?.schema;
    t.ok(describedBy(described, schema).safeParse(JSON.parse(found.text)).success, `${name} as described`);
    const odd = describedBy(described, schema).safeParse({error: {code: 'x'}});
    t.notOk(odd.success, `${name}: which says something`);
  }
});

/** A reader made of the description alone, without the schemas that it was made of. */
function describedBy(described: OpenApi, schema: unknown): z.ZodType {
  const {schemas} = described.components;
  const whole = JSON.stringify({...Object(schema), $defs: schemas}).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  return z.fromJSONSchema(JSON.parse(whole));
}

t.test('only plain addresses name anything', async t => {
  const table = [
    ['/api/jobs', '/api/jobs'],
    ['/api/jobs?limit=5', '/api/jobs'],
    ['/?', '/'],
    ['/a.b_c~d-e/F9', '/a.b_c~d-e/F9'],
    ...['', '*', 'api', 'http://box/', '/a b', '/%41', '/a#b', '/a;b', '/a\\b', '/ä', '/a\0', '?x'].map(
      odd => [odd, undefined] as const,
    ),
  ] as const;
  for (const [url, path] of table) t.equal(pathOf(url), path, JSON.stringify(url));
});

t.test(
  'a query gets the kinds that its schema wants, and keeps what does not fit for the schema to see',
  async t => {
    const schema = z.strictObject({
      count: z.number().int().optional(),
      tags: z.array(z.enum(['a', 'b'])).optional(),
      text: z.string().default('none'),
    });
    const read = queryReader(schema);
    const table = [
      ['count=5&tags=a&tags=b&text=x', {count: 5, tags: ['a', 'b'], text: 'x'}],
      ['count=-5', {count: -5}],
      ['text=5', {text: '5'}],
      ['tags=a', {tags: ['a']}],
      ['text=a%20b%26c+d', {text: 'a b&c d'}],
      ['count=5.0', {count: '5.0'}],
      ['count=', {count: ''}],
      ['count=1&count=2', {count: ['1', '2']}],
      ['count=9999999999999999999', {count: '9999999999999999999'}],
      ['other=1', {other: '1'}],
      ['', {}],
    ] as const;
    for (const [query, fields] of table) t.strictSame(read(query), fields, query);
  },
);

t.test('what does not parse is a bad request that says where', async t => {
  const schema = z.strictObject({deep: z.object({count: z.number().max(5)}).optional()});
  t.strictSame(parsed(schema, {}, 'bad-body'), {});
  const refusedFor = (value: unknown) => {
    try {
      parsed(schema, value, 'bad-body');
    } catch (cause) {
      if (cause instanceof NotAnswered) return cause.refused;
    }
    throw new Error('it was taken');
  };
  t.match(refusedFor({deep: {count: 6}}), {status: 400, code: 'bad-body', what: /^deep\.count: /});
  t.match(refusedFor({[`x${'y'.repeat(1000)}`]: 1}), {what: /^.{300}$/}, 'in bounds');
  t.match(refusedFor(null), {what: /expected object/});
});

t.test('a body is known by its head, however it comes', async t => {
  const table = [
    [{}, false],
    [{'content-length': '0'}, false],
    [{'content-length': '1'}, true],
    [{'transfer-encoding': 'chunked'}, true],
    [{'content-length': 'x'}, true],
  ] as const;
  for (const [headers, brings] of table) {
    const context = {req: {headers}} as unknown as Parameters<typeof bringsBody>[0];
    t.equal(bringsBody(context), brings, JSON.stringify(headers));
  }
});

t.test('an answer without a request is whole by itself', async t => {
  const answer = bareAnswer('400 Bad Request', {code: 'no-http', what: 'Ü', fix: 'F'}, 'id');
  const [head, body] = answer.split('\r\n\r\n');
  t.match(head, /^HTTP\/1\.1 400 Bad Request\r\nContent-Security-Policy: .*\r\nX-Request-Id: id\r\n/s);
  t.match(head, `Content-Length: ${Buffer.byteLength(body ?? '')}`);
  t.ok(ProblemAnswer.strict().safeParse(JSON.parse(body ?? '')).success);
});
