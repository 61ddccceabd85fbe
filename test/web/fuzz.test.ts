/** Thousands of odd requests over the network, as everybody there is: each is answered, in shape, and none is a fault. */
import {request} from 'node:http';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import t from 'tap';
import {Scope} from '../../appliance/accounts/scope.ts';
import type {OpenApi, Operation} from '../../appliance/api/openapi.ts';
import type {Bucket} from '../../appliance/api/row.ts';
import {ProblemAnswer} from '../../appliance/api/shapes.ts';
import {UserName} from '../../appliance/job.ts';
import {Quotas, usualQuotas} from '../../web/quotas.ts';
import {idOf, jobOf, states} from './memory-box.ts';
import {addPerson, Browser, type Network, networkOf} from './people.ts';

/** The same numbers every time (mulberry32), so that what was found once is found again. */
function picker(seed: number) {
  let state = seed;
  return <T>(from: readonly T[]): T => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const picked = from[Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
}

const long = 'x'.repeat(100_000);
const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;

const hostile = [
  ...[
    'null',
    'true',
    '-1',
    '1e999',
    '9007199254740993',
    '""',
    '"a"',
    '"\\u0000"',
    '"\\ud800"',
    '[]',
    '["a"]',
  ],
  ...['{}', '{"__proto__":{"role":"admin"}}', '{"constructor":1}', deep, `"${long}"`, '"../../etc/passwd"'],
];
const words = ['', '1', '-1', 'x', '%00', '%ff', '%ed%a0%80', '__proto__', 'constructor', '..%2f', idOf(1)];
const odd: Readonly<Record<string, readonly string[]>> = {
  Range: ['bytes=0-', 'bytes=-0', 'bytes=9-1', `bytes=${'0-0,'.repeat(50)}0-0`, 'lines=1'],
  'If-Match': ['*', '"x"', 'W/"', ',,,'],
  'If-None-Match': ['*', '"x"', '"'],
  'If-Range': ['"x"', 'Thu, 01 Jan 1970 00:00:00 GMT', '0'],
  'If-Modified-Since': ['yesterday', 'Sat, 01 Jan 9999 00:00:00 GMT'],
  'Tus-Resumable': ['1.0.0', '0.2', ''],
  'Upload-Length': ['10', '-1', '1e9', '99999999999999999999', ''],
  'Upload-Offset': ['0', '-1', 'x', '9007199254740993'],
  'Upload-Metadata': ['filename ZmlsbS5ta3Y=', 'filename', 'filename ////', ',', `a ${'A'.repeat(4000)}`],
  'Upload-Checksum': ['sha1 x', 'md5', ''],
  'Last-Event-ID': ['1', '-1', 'x'.repeat(500)],
  Accept: ['*/*', 'text/html', ';;;', 'application/json;q=0'],
  'Content-Type': [
    'application/json',
    'text/plain',
    'multipart/form-data',
    'application/offset+octet-stream',
  ],
  'Content-Encoding': ['gzip', 'identity'],
  Cookie: ['session=', 'session=x; session=y', '=;=;;', `session=${'x'.repeat(4000)}`],
  Authorization: ['Bearer', 'Bearer x', 'Basic eDp4', `Bearer ${'x'.repeat(3000)}`, 'Bearer dp_x'],
  'X-CSRF-Token': ['', 'x'],
  Origin: ['null', 'http://evil.example', 'x'],
  Expect: ['100-continue', 'x'],
};

type Pick = ReturnType<typeof picker>;
type Json = null | boolean | number | string | readonly Json[] | {readonly [name: string]: Json};
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** What fits patterns that are not worth a generator, by the name of the field. */
const known: Readonly<Record<string, string>> = {
  ...{
    id: idOf(1),
    job: idOf(1),
    owner: 'operator',
    user: 'viewer',
    name: 'zoe',
    file: '0',
    part: 'master.m3u8',
    given: 'turns',
    asset: 'nothing.js',
    picture: 'icon-180.png',
  },
  ...{session: '0000000001', intent: '0123456789abcdef', key: '0123456789ab', upload: '00000000000000000001'},
  ...{preset: idOf(7), series: idOf(7), after: `1-${idOf(1)}`, path: '/films/a.mkv', scopes: 'read:job'},
};

/** A value that fits the schema, most of the time. */
function fitting(schema: Schema, name: string, pick: Pick, described: OpenApi): Json {
  const again = (one: Schema | undefined, as = name): Json => fitting(one ?? {}, as, pick, described);
  if (schema.$ref !== undefined)
    return again(described.components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Schema | undefined);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return again(pick(choices));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum);
  switch (schema.type ?? 'string') {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      const kept = fields.filter(
        ([field]) => schema.required?.includes(field) === true || pick([true, false]),
      );
      return Object.fromEntries(kept.map(([field, one]) => [field, again(one, field)]));
    }
    case 'array':
      return Array.from({length: pick([0, 1, 2])}, () => again(schema.items));
    case 'integer':
    case 'number':
      return pick([schema.minimum ?? 0, schema.maximum ?? 9, Math.max(schema.minimum ?? 0, 1)]);
    case 'boolean':
      return pick([true, false]);
    case 'null':
      return null;
    default:
      return (
        known[name] ?? (schema.pattern === undefined ? 'a'.repeat(Math.max(1, schema.minLength ?? 0)) : 'a')
      );
  }
}

function addressOf(path: string, {parameters}: Operation, pick: Pick, described: OpenApi): string {
  const word = (schema: Schema, name: string): string => {
    if (pick([0, 0, 0, 0, 1]) === 1) return pick(words);
    const value = fitting(schema, name, pick, described);
    return encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value));
  };
  const filled = path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) =>
    name === 'id' ? pick([...[1, 2, 3, 4, 5, 6].map(idOf), pick(words)]) : word({}, name),
  );
  const asked = parameters.filter(one => one.in === 'query' && (one.required || pick([true, false, false])));
  const pairs = asked.map(({name, schema}) => `${name}=${word(schema as Schema, name)}`);
  if (pick([0, 0, 0, 0, 0, 1]) === 1)
    pairs.push(`${pick(['no-such-field', '__proto__', 'q'])}=${pick(words)}`);
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
}

/** One that fits, one with a field that does not, or none at all. */
function bodyOf({requestBody}: Operation, pick: Pick, described: OpenApi): string {
  const content = requestBody?.content['application/json'];
  if (content === undefined) return pick(['', '', 'abc']);
  const value = fitting(content.schema as Schema, 'body', pick, described);
  const whole = JSON.stringify(value);
  if (pick([0, 0, 1]) === 0) return whole;
  const names = [...Object.keys(value ?? {}), '__proto__'];
  const spoilt = `${JSON.stringify(pick(names))}:${pick(hostile)}`;
  return pick([
    '',
    '{',
    pick(hostile),
    `{${spoilt}}`,
    whole === '{}' ? `{${spoilt}}` : `${whole.slice(0, -1)},${spoilt}}`,
  ]);
}

/** Every route of the description, with the method and the address that it has there. */
function operationsOf({paths}: OpenApi) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({path, method: method.toUpperCase(), operation})),
  );
}

/** Collects what nobody refers to, so that what is left over can be measured. */
const collect: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Far longer than any of them takes; whoever is not answered by then never is. */
const patienceMs = 10_000;

function sent(url: string, wire: {method: string; address: string; headers: object; body: string}) {
  const {promise, resolve, reject} = Promise.withResolvers<Answered>();
  const {method, address, body} = wire;
  const headers = {'Content-Length': Buffer.byteLength(body), ...wire.headers};
  const asked = request(url, {path: address, method, headers, agent: false}, answer => {
    const status = answer.statusCode ?? 0;
    const done = (text: string): void => resolve({status, headers: answer.headers, text});
    if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
      done('');
      asked.destroy();
      return;
    }
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    answer.once('end', () => done(text));
  });
  asked.setTimeout(patienceMs, () => asked.destroy(new Error(`no answer to ${method} ${address}`)));
  // An answer may come before all of a body is taken, and the connection end with it.
  asked.on('error', cause => reject(cause));
  asked.end(body);
  return promise;
}

async function crowd(net: Network): Promise<readonly Readonly<Record<string, string>>[]> {
  const known: Record<string, string>[] = [{}];
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const browser = new Browser(net.url);
    await addPerson(net, role, role);
    await browser.login(role);
    known.push({...browser.headers});
  }
  const key = {name: 'fuzz', scopes: [Scope.parse('admin:*')], expires: null};
  const made = await net.accounts.keys.make(UserName.parse('admin'), key);
  if (!made.ok) throw new Error('no key');
  return [...known, {Authorization: `Bearer ${made.value.text}`}];
}

const plenty = new Quotas(
  Object.fromEntries(Object.keys(usualQuotas).map(bucket => [bucket, 1e6])) as Record<Bucket, number>,
);

const shielded = ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'x-request-id'];

t.test('whatever comes, whoever asks: an answer in shape, no fault, and nothing is left of it', async t => {
  const net = await networkOf(t, {}, {quotas: plenty});
  for (const [i, state] of states.entries()) net.box.all.set(idOf(i), jobOf(i, {state}));
  const people = await crowd(net);
  const pick = picker(11);
  const statuses = new Map<number, number>();
  const broken: string[] = [];
  const asAdmin = people.at(-1) ?? {};
  const description = await sent(net.url, {
    method: 'GET',
    address: '/api/openapi.json',
    headers: asAdmin,
    body: '',
  });
  const described: OpenApi = JSON.parse(description.text);
  const operations = operationsOf(described).filter(
    // A login of the crowd is not to be ended on the way, and hashing is slow.
    ({operation}) =>
      operation['x-bucket'] !== 'login' &&
      !/logout|revoke|users\.(change|remove|setup)/.test(operation.operationId),
  );
  const asked = new Set<string>();
  const one = async (): Promise<void> => {
    const {path, method: own, operation} = pick(operations);
    const names = Array.from({length: pick([0, 0, 0, 1, 3])}, () => pick(Object.keys(odd)));
    const headers = {
      'Content-Type': 'application/json',
      ...pick(people),
      ...Object.fromEntries(names.map(name => [name, pick(odd[name] ?? [])])),
    };
    const method = pick([
      ...[own, own, own, own, own, own, own, own, own, own],
      'TRACE',
      'PATCH',
      'QUERY',
      'DELETE',
    ]);
    const reads = method === 'GET' || method === 'HEAD';
    const address = addressOf(path, operation, pick, described);
    const wire = {method, address, headers, body: reads ? '' : bodyOf(operation, pick, described)};
    const found = await sent(net.url, wire).catch((cause: Error & {code?: string}) => cause);
    const title = `${method} ${wire.address.slice(0, 80)} ${JSON.stringify(headers).slice(0, 200)}`;
    if (found instanceof Error) {
      if (found.code !== 'EPIPE' && found.code !== 'ECONNRESET') broken.push(`${title}: ${found.message}`);
      return;
    }
    if (found.status < 300) asked.add(operation.operationId);
    statuses.set(found.status, (statuses.get(found.status) ?? 0) + 1);
    if (found.status >= 500) broken.push(`${title}: ${found.status} ${found.text.slice(0, 200)}`);
    for (const name of shielded) if (found.headers[name] === undefined) broken.push(`${title}: no ${name}`);
    if (found.status < 400 || method === 'HEAD' || found.text === '') return;
    // A no to somebody who wants a page is a page.
    if (found.text.startsWith('<!doctype html>')) return;
    if (!ProblemAnswer.safeParse(JSON.parse(found.text)).success) broken.push(`${title}: ${found.text}`);
  };
  const rounds = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 20) await Promise.all(Array.from({length: 20}, one));
  };
  await rounds(1500);
  collect();
  const before = process.memoryUsage().heapUsed;
  await rounds(1500);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.strictSame(broken.slice(0, 10), []);
  t.ok(grown < 30 * 2 ** 20, `the heap grew by ${Math.round(grown / 1e6)} MB`);
  t.ok(
    [200, 400, 401, 403, 404, 405].every(status => statuses.has(status)),
    JSON.stringify([...statuses]),
  );
  t.ok(
    asked.size > operations.length / 2,
    `${asked.size} of ${operations.length} routes were granted at least once`,
  );
  for (let turn = 0; net.listener.connections > 0 && turn < 1000; turn++)
    await new Promise(done => setImmediate(done));
  t.equal(net.listener.connections, 0, 'no connection is left');
});
