/** The rows hold together, the description says all of them, and permissions are a table. */
import t from 'tap';
import {noQuotas} from '../../../appliance/accounts/quotas.ts';
import {usualPreferences} from '../../../appliance/accounts/user.ts';
import type {CallName, FollowName} from '../../../appliance/api/client.ts';
import {BoxEvent, ownerOf} from '../../../appliance/api/events.ts';
import {importRows} from '../../../appliance/api/import-rows.ts';
import {type OpenApi, openApi} from '../../../appliance/api/openapi.ts';
import {
  type Caller,
  may,
  type Permission,
  permissions,
  Role,
  sees,
  sightOf,
} from '../../../appliance/api/permissions.ts';
import {type Fields, fieldsOf, type InputOf, type Row} from '../../../appliance/api/row.ts';
import {type RowName, type Rows, rowNames, rows} from '../../../appliance/api/rows.ts';
import {JobStateName, Wish} from '../../../appliance/api/shapes.ts';
import {JobState, wishesFor} from '../../../appliance/job.ts';
import type {Handlers} from '../../../web/handler.ts';
import {ann, aSession, bob, states} from '../../web/memory-box.ts';

const all: readonly (readonly [RowName, Row])[] = rowNames.map(name => [name, rows[name]]);
const callerOf = (role: Role, came: Caller['came'] = {is: 'session', id: aSession}): Caller => ({
  user: ann,
  role,
  came,
});

/** What somebody needs who is not known yet. */
const atTheDoor: ReadonlySet<string> = new Set([
  ...['health', 'ready', 'auth.login', 'auth.redeem', 'auth.refresh'],
  ...['auth.qr_init', 'auth.qr_poll', 'auth.qr_redeem', 'link'],
  ...['page.login', 'page.setup', 'page.join', 'page.asset', 'page.worker', 'page.manifest'],
  ...['page.icon', 'page.picture'],
]);

t.test('every row is whole, and says the same thing in all its parts', async t => {
  const seen = new Set<string>();
  for (const [name, row] of all) {
    t.notOk(seen.has(`${row.method} ${row.path}`), `${name} is the only ${row.method} ${row.path}`);
    seen.add(`${row.method} ${row.path}`);
    t.strictSame(fieldsOf(row.path), Object.keys(row.params.shape), `${name}: a field for each in its path`);
    t.equal(
      row.object === 'job' || row.object === 'own-job',
      row.path.includes('/:id'),
      `${name}: whose path names a job touches it`,
    );
    const looks = row.method === 'GET' || row.method === 'HEAD' || row.method === 'OPTIONS';
    // The pieces of an upload are many, and written down as one when it is handed over; what somebody has watched is
    // nobody's business, the audit's neither.
    // Words that somebody has read out to them change nothing.
    const isQuiet = row.method === 'PATCH' || name === 'jobs.watched' || name === 'lines.preview';
    const leavesNoMark = (looks && row.answer.is !== 'file') || isQuiet;
    const leastMark = row.audit === null || row.audit === 'admin.viewed';
    t.equal(leastMark, leavesNoMark, `${name}: what changes or takes something is written down`);
    t.ok(
      row.body === null || row.method === 'POST' || row.method === 'PUT',
      `${name}: a body where one goes`,
    );
    const bodyLimit = Object.hasOwn(importRows, name) || name === 'lines.save' ? 8 << 20 : 64 * 1024;
    t.ok((row.body?.limitBytes ?? 0) <= bodyLimit, `${name}: a small body`);
    t.equal(
      row.permission === 'anyone',
      atTheDoor.has(name),
      `${name}: open to anybody only where it must be`,
    );
    t.match(row.summary, /^[A-Z].*\.$/, `${name}: a sentence`);
    for (const schema of [row.params, row.query, ...bodiesOf(row)]) {
      const odd = schema.safeParse({...sampleOf(schema), 'no-such-field': 1});
      t.match(odd.error?.issues, [{code: 'unrecognized_keys'}], `${name}: refuses what it does not name`);
    }
  }
});

function bodiesOf({body}: Row): readonly Fields[] {
  if (body === null) return [];
  return 'options' in body.schema ? body.schema.options : [body.schema];
}

/** The least that fits, for the fields that these rows have. */
function sampleOf(schema: Row['params']): object {
  const samples: Readonly<Record<string, unknown>> = {
    id: '0000000001',
    upload: '00000000000000000001',
    file: 'subtitles',
    ...{asset: 'client-X.js', picture: 'icon-180.png'},
    ...{part: 'master.m3u8', token: 'x', given: 'turns'},
    path: '/a',
    ...{speaker: 'S1', speakers: []},
    ...{since: 0, edits: [{anchor: {start: 0, source: 'x'}, becomes: []}]},
    ...{text: 'x', base64: '', lines: [{start: 0, end: 1, translation: 'x'}]},
    turns: [{start: 0, end: 1, speaker: 'x'}],
    quotas: noQuotas,
    ...{folder: 1, jobs: [{path: '/a'}]},
    mode: 'paused',
    priority: 1,
    ...{name: 'zoe', password: 'x', next: 'x', code: '1', refresh: 'x', number: '12', role: 'viewer'},
    ...{session: '0000000001', intent: '0123456789abcdef', key: '0123456789ab', ticket: null},
    ...{scopes: ['read:job'], preferences: usualPreferences},
    user: 'zoe',
    ...{kinds: ['outputs'], plan: 'a1b2c3d4e5f60718', files: 1},
    ...{preset: '0000000001', series: '0000000001', seconds: 1, duration: 1},
  };
  const needed = Object.keys(schema.shape).filter(name => !schema.shape[name]?.safeParse(undefined).success);
  return Object.fromEntries(needed.map(name => [name, samples[name]]));
}

t.test('the compiler holds rows, handlers and clients together', async t => {
  const row = rows['jobs.cancel'];
  const {permission: _, ...open} = row;
  // @ts-expect-error a row without a permission
  const noPermission: Row = open;
  // @ts-expect-error a permission that there is not
  const oddPermission: Row = {...row, permission: 'do:anything'};
  type Few = Pick<Rows, 'health' | 'metrics'>;
  // @ts-expect-error a row without a handler
  const missing: Handlers<Few> = {health: {answer: () => ({ok: true, value: {ok: true}})}};
  // @ts-expect-error an answer of another shape
  const wrong: Handlers<Pick<Rows, 'health'>> = {health: {answer: () => ({ok: true, value: {fine: true}})}};
  // @ts-expect-error a call without the job it is about
  const vague: InputOf<Rows['jobs.cancel']> = {};
  // @ts-expect-error a query of the wrong kind
  const text: InputOf<Rows['jobs.list']> = {query: {limit: '5'}};
  const fine: InputOf<Rows['jobs.list']> = {query: {state: ['queued'], limit: 5}};
  const none: InputOf<Rows['jobs.list']> = {};
  // @ts-expect-error a file is no answer to a call
  const called: CallName = 'jobs.file';
  // @ts-expect-error nor is it followed
  const followed: FollowName = 'jobs.file';
  t.ok(
    [noPermission, oddPermission, missing, wrong, vague, text, fine, none, called, followed].every(Boolean),
  );
});

t.test('each role may do what the table says, at each door', async t => {
  const table: Readonly<Record<Permission, string>> = {
    anyone: 'nobody viewer operator admin socket',
    'read:api': 'viewer operator admin socket',
    'read:job': 'viewer operator admin socket',
    'submit:job': 'operator admin socket',
    'change:job': 'operator admin socket',
    'edit:library': 'operator admin socket',
    'read:audit': 'viewer operator admin socket',
    'manage:keys': 'viewer operator admin socket',
    'rank:job': 'admin socket',
    'read:box': 'admin socket',
    'rescan:inbox': 'admin socket',
    'run:queue': 'admin socket',
    'manage:users': 'admin socket',
    'purge:job': 'admin socket',
    'use:account': 'viewer operator admin',
    'let:in': 'viewer operator admin socket',
    'name:file': 'socket',
  };
  const callers: Readonly<Record<string, Caller | null>> = {
    nobody: null,
    ...Object.fromEntries(Role.options.map(role => [role, callerOf(role)])),
    socket: callerOf('admin', {is: 'socket'}),
  };
  for (const permission of permissions) {
    const able = Object.keys(callers).filter(name => may(callers[name] ?? null, permission));
    t.equal(able.join(' '), table[permission], permission);
  }
  t.notOk(may(callerOf('operator', {is: 'socket'}), 'name:file'), 'the door alone is not enough');
});

t.test('people see their own, admins see all, nobody sees nothing', async t => {
  const table = [
    [null, {ann: false, bob: false, box: false}],
    [callerOf('viewer'), {ann: true, bob: false, box: false}],
    [callerOf('operator'), {ann: true, bob: false, box: false}],
    [callerOf('admin'), {ann: true, bob: true, box: true}],
  ] as const;
  for (const [caller, wanted] of table) {
    const sight = sightOf(caller);
    const found = {ann: sees(sight, ann), bob: sees(sight, bob), box: sees(sight, null)};
    t.strictSame(found, wanted, caller?.role ?? 'nobody');
  }
});

t.test('every event has an owner, or is the box’s own', async t => {
  const progress = {id: '0000000001', owner: bob, stage: 'mix', done: 0.5, secondsLeft: null};
  t.equal(ownerOf(parseNews({is: 'progress', ...progress})), 'bob');
  t.equal(ownerOf(parseNews({is: 'job-gone', id: '0000000001', owner: 'ann'})), 'ann');
  t.equal(ownerOf(parseNews({is: 'alerts', alerts: []})), null);
});

function parseNews(value: unknown) {
  const event = BoxEvent.parse(value);
  if (event.is === 'reset') throw new Error('no news');
  return event;
}

t.test('the API’s states and wishes are those of the job', async t => {
  t.strictSame(
    JobStateName.options,
    JobState.options.map(({shape}) => shape.is.value),
  );
  const trashed: JobState = {is: 'deleted', at: 2, was: {is: 'cancelled', at: 2}};
  const granted = new Set([...states, trashed].flatMap(state => wishesFor(state)));
  t.strictSame([...granted].toSorted(), Wish.options.toSorted());
});

const described: OpenApi = openApi(rows, '1.2.3');

t.test('the description has every row, under the method and path that serve it', async t => {
  t.equal(described.openapi, '3.1.0');
  t.equal(described.info.version, '1.2.3');
  const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({path, method, operation})),
  );
  t.equal(operations.length, rowNames.length);
  for (const [name, row] of all) {
    const found = operations.find(({operation}) => operation.operationId === name);
    t.equal(found?.method, row.method.toLowerCase(), name);
    t.equal(found?.path, row.path.replaceAll(/:([a-z]+)/g, '{$1}'));
    t.equal(found?.operation['x-permission'], row.permission);
    const inPath = found?.operation.parameters.filter(parameter => parameter.in === 'path');
    t.strictSame(
      inPath?.map(parameter => [parameter.name, parameter.required]),
      fieldsOf(row.path).map(field => [field, true]),
    );
    const {answer} = row;
    const takesBytes = answer.is === 'tus' && answer.takes === 'bytes';
    t.equal(found?.operation.requestBody !== undefined, row.body !== null || takesBytes, `${name}: its body`);
    const code = {tus: '2XX', socket: '101'}[String(answer.is)] ?? '200';
    const success = found?.operation.responses[code];
    t.ok(answer.is === 'tus' ? success : success?.content, `${name}: its answer`);
    t.ok(found?.operation.responses['default']?.content?.['application/json'], `${name}: its problems`);
  }
});

t.test('every reference in the description leads somewhere, and every component is used', async t => {
  const [used, keys] = [new Set<string>(), new Set<string>()];
  JSON.stringify(described, (key, value) => {
    keys.add(key);
    if (key === '$ref') used.add(String(value));
    return value;
  });
  t.ok(used.size > 5);
  t.notOk(keys.has('$defs'), 'none is left where no tool looks for it');
  const there = Object.keys(described.components.schemas).map(name => `#/components/schemas/${name}`);
  t.strictSame([...used].toSorted(), there.toSorted());
});

t.test('what a query takes is described as what it is', async t => {
  const list = described.paths['/api/jobs']?.['get'];
  const limit = list?.parameters.find(({name}) => name === 'limit');
  t.match(limit, {
    in: 'query',
    required: false,
    schema: {type: 'integer', minimum: 1, maximum: 200, default: 50},
  });
  const state = list?.parameters.find(({name}) => name === 'state');
  t.match(state?.schema, {type: 'array', items: {type: 'string', enum: JobStateName.options}});
  const follow = described.paths['/api/jobs/events']?.['get'];
  t.match(follow?.parameters, [{name: 'Last-Event-ID', in: 'header'}]);
  t.strictSame(Object.keys(follow?.responses['200']?.content ?? {}), ['text/event-stream']);
  t.match(described.paths['/api/queue']?.['put']?.requestBody, {required: true});
});

t.test('a file is described as bytes, whole or in part', async t => {
  const file = described.paths['/files/{id}/{file}']?.['get'];
  const bytes = {'*/*': {schema: {type: 'string', format: 'binary'}}};
  t.strictSame(file?.responses['200']?.content, bytes);
  t.strictSame(file?.responses['206']?.content, bytes);
  t.strictSame(Object.keys(file?.responses ?? {}), ['200', '206', '304', '416', 'default']);
  const headers = file?.parameters.filter(parameter => parameter.in === 'header').map(({name}) => name);
  t.strictSame(headers?.slice(0, 2), ['Range', 'If-Range']);
});
