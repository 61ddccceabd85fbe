/** One request at a time over a real socket: what goes in, what comes out, and what is said when it cannot be. */
import {once} from 'node:events';
import {connect} from 'node:net';
import t from 'tap';
import {Failed} from '../../appliance/failure.ts';
import {ann, idOf, jobOf} from './memory-box.ts';
import {ask, dial, json, serve, until} from './served.ts';

const id = idOf(1);

t.test('every answer, a good one or not, has the headers that keep a browser from harm', async t => {
  const {path, box} = await serve(t);
  box.bug = new Error('a bug');
  const table = [
    ['/healthz', {}, 200],
    ['/nowhere', {}, 404],
    ['/api/jobs', {method: 'PATCH'}, 405],
    ['/api/jobs', {method: 'OPTIONS'}, 204],
    ['/api/jobs', {method: 'POST', body: 'x'}, 415],
    ['/api/jobs?limit=x', {}, 400],
    ['/api/status', {}, 500],
    ['/healthz', {method: 'HEAD'}, 200],
  ] as const;
  const ids = new Set<unknown>();
  for (const [address, asked, status] of table) {
    const {headers, ...found} = await ask(path, address, asked);
    t.equal(found.status, status, address);
    t.match(headers, {
      'content-security-policy': /^default-src 'none'; frame-ancestors 'none'/,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-request-id': /^[0-9a-f-]{36}$/,
    });
    t.notOk(headers['access-control-allow-origin'] ?? headers['set-cookie'] ?? headers['x-powered-by']);
    if (status !== 204) t.equal(headers['content-type'], 'application/json; charset=utf-8', address);
    ids.add(headers['x-request-id']);
  }
  t.equal(ids.size, table.length, 'each its own number');
  const mine = await ask(path, '/healthz', {headers: {'X-Request-Id': 'chosen'}});
  t.not(mine.headers['x-request-id'], 'chosen', 'which nobody chooses');
});

t.test('what is not there is a 404 in JSON, however it is spelled', async t => {
  const {path} = await serve(t, {jobs: [jobOf(1)]});
  const odd = [
    ...[
      '/page.html',
      '/api',
      '/api/',
      '/api/jobs/',
      '/API/jobs',
      '/healthz/',
      '//api/jobs',
      '/api//jobs',
      '/api/./jobs',
    ],
    ...[
      '/api/../healthz',
      '/api/%6aobs',
      '/%2e%2e/healthz',
      '/healthz%00',
      '/healthz;x',
      '/api\\jobs',
      '/healthz%',
    ],
    ...[`/api/jobs/${id}/`, `/api/jobs/${id}/nothing`, `/api/jobs/${id}%2fcancel`, 'http://box/healthz', '*'],
    ...['//evil.example/healthz', '/api/jobs/..'],
  ];
  for (const address of odd) {
    const {socket, heard, over} = await dial(t, path);
    socket.end(`GET ${address} HTTP/1.1\r\nConnection: close\r\n\r\n`);
    await over;
    t.match(heard(), /^HTTP\/1\.1 404 .*"code":"(not-found|no-such-job)"/s, address);
  }
});

t.test('a method that a path does not have is told which it has', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const table = [
    ['/healthz', 'GET, HEAD, OPTIONS'],
    ['/api/jobs', 'GET, HEAD, OPTIONS, POST'],
    [`/api/jobs/${id}`, 'DELETE, GET, HEAD, OPTIONS'],
    [`/api/jobs/${id}/cancel`, 'OPTIONS, POST'],
    ['/api/queue', 'GET, HEAD, OPTIONS, PUT'],
  ] as const;
  for (const [address, allow] of table) {
    for (const method of ['PATCH', 'TRACE', 'PROPFIND']) {
      const found = await ask(path, address, {method});
      t.match(found, {status: 405, code: 'wrong-method', headers: {allow}}, `${method} ${address}`);
    }
    const options = await ask(path, address, {method: 'OPTIONS'});
    t.match(options, {status: 204, text: '', headers: {allow}}, address);
  }
  t.equal((await ask(path, '/nowhere', {method: 'OPTIONS'})).status, 404);
  t.equal((await ask(path, `/api/jobs/${id}/cancel`)).status, 405, 'a GET changes nothing');
  t.strictSame(box.asked, []);
});

t.test('HEAD is GET without the body', async t => {
  const {path} = await serve(t, {jobs: [jobOf(1)]});
  for (const address of ['/healthz', '/metrics', '/api/jobs', `/api/jobs/${id}`]) {
    const [get, head] = [await ask(path, address), await ask(path, address, {method: 'HEAD'})];
    t.equal(head.text, '');
    t.equal(head.headers['content-length'], get.headers['content-length'], address);
    t.equal(head.headers['content-type'], get.headers['content-type']);
  }
  const events = await ask(path, '/api/jobs/events', {method: 'HEAD'});
  t.match(events, {status: 200, text: '', headers: {'content-type': /text\/event-stream/}}, 'and ends');
});

t.test('queries are taken as they are named, and refused otherwise', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1), jobOf(2)]});
  const good = [
    ['', {limit: 50, states: null, owner: null, text: null, after: null}],
    ['?limit=1', {limit: 1}],
    ['?state=queued', {states: ['queued']}],
    ['?state=queued&state=set-aside', {states: ['queued', 'set-aside']}],
    ['?q=%C3%BCber+alles', {text: 'über alles'}],
    [`?after=1000002-${idOf(2)}`, {after: {submitted: 1000002, id: idOf(2)}}],
    ['?owner=bob', {owner: 'bob'}],
  ] as const;
  for (const [query, wanted] of good) {
    t.equal((await ask(path, `/api/jobs${query}`)).status, 200, query);
    t.match(box.asked.at(-1), {sight: {is: 'all'}, ...wanted}, query);
  }
  const before = box.asked.length;
  const bad = [
    ...['?limit=0', '?limit=201', '?limit=1e2', '?limit=', '?limit=5&limit=6', '?limit=0x10', '?limit=1.5'],
    ...[
      '?state=odd',
      '?state=',
      '?owner=Bob',
      '?owner=a&owner=b',
      '?q=',
      `?q=${'x'.repeat(101)}`,
      '?after=x',
    ],
    ...[
      '?page=2',
      '?Limit=5',
      '?__proto__=x',
      '?constructor=x',
      '?limit[]=5',
      `?${'state=queued&'.repeat(11)}`,
    ],
  ];
  for (const query of bad) {
    const found = await ask(path, `/api/jobs${query}`);
    t.match(found, {status: 400, code: 'bad-query'}, query);
    t.notMatch(found.text, /x{50}/, 'without what was sent');
  }
  t.match(await ask(path, '/healthz?verbose=1'), {status: 400}, 'where none is taken');
  t.equal(box.asked.length, before);
  const long = await ask(path, `/api/jobs?q=${'x'.repeat(5000)}`);
  t.match(long, {status: 414, code: 'address-too-long'});
});

t.test('pages lead from one to the next', async t => {
  const jobs = Array.from({length: 7}, (_, i) => jobOf(i));
  const {path} = await serve(t, {jobs});
  const seen: string[] = [];
  let query = '?limit=3';
  for (let page = 0; page < 3; page++) {
    const {jobs, next} = JSON.parse((await ask(path, `/api/jobs${query}`)).text);
    for (const job of jobs) seen.push(job.id);
    query = `?limit=3&after=${next}`;
    t.equal(next === null, page === 2);
  }
  t.strictSame(seen, jobs.map(job => job.id).toReversed());
});

t.test('a body is JSON, small, of the right shape, and only where one is taken', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const type = {'Content-Type': 'application/json'};
  const priority = `/api/jobs/${id}/priority`;
  const put = (body: string, headers: Record<string, string> = type) => ({method: 'PUT', body, headers});
  const table = [
    [put('{"priority":5}'), 200, undefined],
    [put('{"priority":5}', {'Content-Type': 'application/json; charset=UTF-8'}), 200, undefined],
    [put('{"priority":"5"}'), 400, 'bad-body'],
    [put('{"priority":101}'), 400, 'bad-body'],
    [put('{}'), 400, 'bad-body'],
    [put('[]'), 400, 'bad-body'],
    [put('{"priority":5,"owner":"eve"}'), 400, 'bad-body'],
    [put('{"priority":5,"__proto__":{"admin":true}}'), 400, 'bad-json'],
    [put('{"priority":5,"constructor":{"prototype":{}}}'), 400, 'bad-body'],
    [put('5'), 400, 'bad-json'],
    [put('null'), 400, 'bad-json'],
    [put('{"priority":5'), 400, 'bad-json'],
    [put(''), 400, 'bad-body'],
    [put('['.repeat(60_000)), 400, 'bad-json'],
    [put(`{"priority":5${' '.repeat(70_000)}}`), 413, 'body-too-large'],
    [put(' '.repeat(70_000), {...type, 'Transfer-Encoding': 'chunked'}), 413, 'body-too-large'],
    [put('{"priority":5}', {}), 415, 'not-json'],
    [put('{"priority":5}', {'Content-Type': 'text/plain'}), 415, 'not-json'],
    [put('priority=5', {'Content-Type': 'application/x-www-form-urlencoded'}), 415, 'not-json'],
    [put('{"priority":5}', {'Content-Type': 'application/json; charset=utf-16'}), 415, 'not-json'],
    [put('{"priority":5}', {'Content-Type': 'application/json+x'}), 415, 'not-json'],
    [put('x', {...type, 'Content-Encoding': 'gzip'}), 415, 'not-json'],
  ] as const;
  for (const [asked, status, code] of table) {
    const before = box.asked.length;
    const found = await ask(path, priority, asked);
    t.match(found, {status, code}, `${asked.body.slice(0, 40)} ${asked.headers['Content-Type']}`);
    if (status !== 200) t.equal(box.asked.length, before, 'nothing was done');
  }
  const cancel = `/api/jobs/${id}/cancel`;
  t.match(await ask(path, cancel, json({why: 'x'})), {status: 400, code: 'unexpected-body'});
  t.match(await ask(path, '/healthz', {body: 'x', headers: {'Content-Length': '1'}}), {status: 400});
  t.equal((await ask(path, cancel, {method: 'POST', headers: {'Content-Length': '0'}})).status, 200);
});

t.test('what was not read of a body is not waited for', async t => {
  const {path, faults} = await serve(t);
  const {socket, heard, over} = await dial(t, path);
  socket.write(
    'POST /api/jobs HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n',
  );
  await until('an answer', () => heard().includes('body-too-large'));
  t.match(heard(), /^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
  await over;
  t.strictSame(faults, []);
});

t.test('a file is submitted as the body says, and found again when it is a job already', async t => {
  const {path, box} = await serve(t);
  const submit = (body: object) => ask(path, '/api/jobs', json(body));
  const made = await submit({path: '/films/film 1.mkv', options: {to: 'es'}, priority: 3});
  t.match(JSON.parse(made.text), {made: true, job: {id, owner: ann, via: 'command', priority: 3}});
  t.match(box.asked, [
    {path: '/films/film 1.mkv', owner: ann, options: {to: 'es'}, priority: 3, sidecars: []},
  ]);
  t.match(JSON.parse((await submit({path: '/films/film 1.mkv'})).text), {made: false, job: {id}});
  await submit({path: '/films/b.mkv', owner: 'bob'});
  t.match(box.asked.at(-1), {owner: 'bob', options: {}, priority: 0});
  const bad = [
    ...[{}, {path: 'film.mkv'}, {path: '/a\0b'}, {path: `/${'x'.repeat(5000)}`}, {path: ['/a']}],
    ...[
      {path: '/a', owner: '../x'},
      {path: '/a', options: {to: 'xx'}},
      {path: '/a', options: {out: '/etc'}},
    ],
    ...[
      {path: '/a', sidecars: ['b.srt']},
      {path: '/a', priority: 1e9},
    ],
  ];
  const before = box.asked.length;
  for (const body of bad) t.match(await submit(body), {status: 400, code: 'bad-body'}, JSON.stringify(body));
  t.equal(box.asked.length, before);
});

t.test('wishes move the job, and one that cannot be granted says what could be', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const post = (wish: string) => ask(path, `/api/jobs/${id}/${wish}`, {method: 'POST'});
  const table = [
    ['pause', 200, 'paused'],
    ['pause', 409, 'not-now'],
    ['resume', 200, 'queued'],
    ['retry', 409, 'not-now'],
    ['cancel', 200, 'cancelled'],
    ['retry', 200, 'queued'],
  ] as const;
  for (const [wish, status, word] of table) {
    const found = await post(wish);
    t.equal(found.status, status, wish);
    t.equal(found.code ?? JSON.parse(found.text).state.is, word, wish);
  }
  const ranked = await ask(path, `/api/jobs/${id}/priority`, json({priority: -7}, 'PUT'));
  t.match(JSON.parse(ranked.text), {priority: -7});
  const deleted = await ask(path, `/api/jobs/${id}`, {method: 'DELETE'});
  t.match(JSON.parse(deleted.text), {state: {is: 'deleted'}, wishes: []});
  t.equal(box.all.get(id)?.state.is, 'deleted');
  box.all.delete(id);
  t.match(await post('cancel'), {status: 404, code: 'no-such-job'});
});

t.test('the rest of the rows answer what the box says', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  box.lines = ['one', 'two', 'three'];
  const table = [
    ['/api/status', {version: '0.1.0', isolation: {given: 'rlimits'}}],
    [`/api/jobs/${id}`, {id, source: {bytes: 1000}, outputs: []}],
    [`/api/jobs/${id}/timeline`, {entries: [{is: 'state', state: 'queued'}]}],
    [`/api/jobs/${id}/logs?tail=2`, {lines: [{text: 'two'}, {text: 'three', next: 3}], next: 3}],
    [`/api/jobs/${id}/logs?tail=0`, {lines: [], next: 3}],
    ['/api/inbox', {files: [{name: 'ann/film.mkv'}]}],
    ['/api/queue', {mode: 'running', counts: {queued: 1, done: 0}}],
    ['/api/openapi.json', {openapi: '3.1.0', info: {version: '0.1.0'}}],
    ['/healthz', {ok: true}],
    ['/readyz', {ready: true}],
  ] as const;
  for (const [address, wanted] of table) {
    const found = await ask(path, address);
    t.equal(found.status, 200, address);
    t.match(JSON.parse(found.text), wanted, address);
  }
  const metrics = await ask(path, '/metrics');
  t.match(metrics, {headers: {'content-type': 'text/plain; version=0.0.4; charset=utf-8'}, text: /^# TYPE/});
  t.match(JSON.parse((await ask(path, '/api/inbox/rescan', {method: 'POST'})).text), {settling: 1});
  t.match(JSON.parse((await ask(path, '/api/queue', json({mode: 'draining'}, 'PUT'))).text), {
    mode: 'draining',
  });
  box.trouble = {reason: 'inbox-offline', folder: '/box/inbox', why: 'it is not mounted'};
  t.match(await ask(path, '/api/inbox/rescan', {method: 'POST'}), {status: 503, code: 'inbox-offline'});
});

t.test('a box that takes no work is alive, but not ready, and says why', async t => {
  const {path, box} = await serve(t);
  for (const is of ['starting', 'draining'] as const) {
    box.ready = {is};
    t.match(await ask(path, '/readyz'), {status: 503, code: is});
    t.equal((await ask(path, '/healthz')).status, 200);
  }
  box.ready = {is: 'unwell', what: 'The disk is full.', fix: 'Free some.'};
  t.match(await ask(path, '/readyz'), {status: 503, code: 'unwell', text: /The disk is full/});
});

t.test('a bug is a 500 that says nothing of itself, and is logged with its cause', async t => {
  const {path, box, faults, answered} = await serve(t);
  box.bug = new Error('secret words');
  const found = await ask(path, '/api/status');
  t.match(found, {status: 500, code: 'bug'});
  t.notMatch(found.text, 'secret');
  t.match(found.text, String(found.headers['x-request-id']));
  t.strictSame(faults, [{requestId: found.headers['x-request-id'], route: 'status', cause: box.bug}]);
  t.match(answered, [{route: 'status', method: 'GET', status: 500, user: 'ann', hungUp: false}]);
  box.bug = 'not even an error';
  t.equal((await ask(path, '/api/status')).status, 500);
  box.bug = new Failed({reason: 'bug', detail: 'secret words'});
  t.notMatch((await ask(path, '/api/status')).text, 'secret');
  box.bug = new Failed({reason: 'no-such-file', path: '/films/a.mkv'});
  t.match(await ask(path, '/api/status'), {status: 422, code: 'no-such-file'});
  t.equal(faults.length, 3, 'a failure with a name is no fault');
});

t.test('an answer that is not as its row says is a bug where that is looked at', async t => {
  const {path, box, faults} = await serve(t);
  const {queue} = box;
  box.queue = () => ({...queue.call(box), secret: 'of another'});
  t.equal((await ask(path, '/api/queue')).status, 500);
  t.match(faults, [{cause: {message: 'the answer of /api/queue holds more than its row says'}}]);
  box.queue = () => ({...queue.call(box), waiting: [{code: 'x', what: 'y', jobs: -1}]});
  t.equal((await ask(path, '/api/queue')).status, 500);
  const blind = await serve(t, {checkAnswers: false});
  blind.box.queue = () => ({...queue.call(box), waiting: [{code: 'x', what: 'y', jobs: -1}]});
  t.equal((await ask(blind.path, '/api/queue')).status, 200);
});

t.test('a log that is followed starts with its end and goes on until the job is over', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  box.lines = ['one', 'two', 'three'];
  box.logIsOver = false;
  const follow = (headers: Record<string, string> = {}) =>
    ask(path, `/api/jobs/${id}/logs?tail=1`, {headers: {Accept: 'text/event-stream', ...headers}});
  const all = follow();
  await until('it is followed', () => box.asked.some(asked => typeof asked === 'object'));
  box.say('four');
  box.say('five', {last: true});
  const {text, headers} = await all;
  t.match(headers['content-type'], 'text/event-stream; charset=utf-8');
  const events = text.split('\n\n').filter(Boolean);
  t.match(events, [/^id: 3\n.*three/, /^id: 4\n.*four/, /^id: 5\n.*five/, /^data: {"is":"end"}/]);
  const resumed = (await follow({'Last-Event-ID': '3'})).text;
  t.match(resumed, /four.*five.*end/s);
  t.notMatch(resumed, 'three', 'nothing comes twice');
  t.match((await follow({'Last-Event-ID': 'x'})).text, /five.*end/s, 'an odd place is none');
  const plain = await ask(path, `/api/jobs/${id}/logs?tail=1`, {headers: {Accept: '*/*'}});
  t.match(JSON.parse(plain.text), {lines: [{text: 'five'}]}, 'JSON for who takes anything');
});

t.test('events want to be asked for as such, and there are only so many streams', async t => {
  const {path, streams, box} = await serve(t, {streamLimit: 2});
  const accept = {Accept: 'text/event-stream'};
  const refused = await ask(path, '/api/jobs/events', {headers: {Accept: 'application/json'}});
  t.match(refused, {status: 406, code: 'event-stream-only'});
  const open = [0, 1].map(() => ask(path, '/api/jobs/events', {headers: accept}));
  await until('both are open', () => streams.open === 2);
  const third = await ask(path, '/api/jobs/events', {headers: accept});
  t.match(third, {status: 503, code: 'too-many-streams', headers: {'retry-after': '5'}});
  box.events.close();
  for (const stream of await Promise.all(open)) t.match(stream.text, /"is":"reset","why":"new"/);
  await until('none is open', () => streams.open === 0);
});

t.test('a stream that breaks in the middle does not look as if it had ended', async t => {
  const {path, box, faults} = await serve(t, {jobs: [jobOf(1)]});
  box.lines = ['one'];
  box.followLog = async function* () {
    yield {next: 2, at: null, text: 'two'};
    throw new Error('the disk broke');
  };
  const stream = ask(path, `/api/jobs/${id}/logs`, {headers: {Accept: 'text/event-stream'}});
  await t.rejects(stream, {code: 'ECONNRESET'});
  t.match(faults, [{route: 'jobs.logs', cause: {message: 'the disk broke'}}]);
});

t.test('a client that hangs up is no error, wherever it does', async t => {
  const {path, box, faults, answered, listener, streams} = await serve(t, {jobs: [jobOf(1)]});
  const hold = Promise.withResolvers<void>();
  box.hold = hold.promise;
  const head = 'POST /api/jobs HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n';
  const moments = [
    '',
    'GET /api/st',
    'GET /api/status HTTP/1.1\r\n\r\n',
    `${head}{"path"`,
    'GET /api/jobs/events HTTP/1.1\r\nAccept: text/event-stream\r\n\r\n',
  ];
  for (const text of moments) {
    const socket = connect({path});
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    await until('it is there', () => listener.connections > 0);
    if (text.includes('status')) await until('it is asked', () => box.asked.includes('status'));
    if (text.includes('events')) await until('it follows', () => streams.open === 1);
    socket.destroy();
    await until('it is gone', () => listener.connections === 0);
  }
  hold.resolve();
  await until('all are over', () => answered.length === 3);
  t.strictSame(faults, []);
  t.strictSame(
    answered.map(({route, hungUp}) => [route, hungUp]).toSorted(),
    [
      ['jobs.events', true],
      ['jobs.submit', true],
      ['status', true],
    ].toSorted(),
  );
  t.equal(box.events.followers, 0);
  t.equal((await ask(path, '/healthz')).status, 200);
});

t.test('a handler knows when nobody waits for it any more, and may break off then', async t => {
  const {path, box, faults, answered} = await serve(t);
  let seen: AbortSignal | undefined;
  box.submit = async (_, signal) => {
    seen = signal;
    await once(signal, 'abort');
    throw signal.reason;
  };
  const {socket} = await dial(t, path);
  socket.write(
    'POST /api/jobs HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"path":"/a"}',
  );
  await until('it is asked', () => seen !== undefined);
  t.notOk(seen?.aborted);
  socket.destroy();
  await until('it is told', () => answered.length === 1);
  t.match(answered, [{route: 'jobs.submit', hungUp: true}]);
  t.strictSame(faults, [], 'which is no fault');
  box.bug = new DOMException('aborted by itself', 'AbortError');
  t.equal((await ask(path, '/api/status')).status, 500);
  t.equal(faults.length, 1, 'as it is while somebody waits');
});
