/** What is recorded is on disk, in one chain, through restarts, days, kills and full disks; and nobody waits for it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import {auditActions} from '../../../appliance/audit/actions.ts';
import {Audit, type AuditSettings, describeAuditTrouble} from '../../../appliance/audit/audit.ts';
import type {AuditEntry, AuditRecord} from '../../../appliance/audit/entry.ts';
import {readAudit} from '../../../appliance/audit/read.ts';
import {verifyAudit} from '../../../appliance/audit/verify.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');
const dayMs = 86_400_000;
const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));

function setUp(t: Test, settings: Partial<AuditSettings> = {}) {
  const folder = join(t.testdir(), 'audit');
  const clock = {ms: noon};
  const open = async () => {
    const audit = await Audit.open(folder, () => clock.ms, {retryMs: 3_600_000, ...settings});
    t.teardown(() => audit.stop());
    return audit;
  };
  return {folder, clock, open, today: join(folder, '2026-11-21.jsonl')};
}

const said = (object: string): AuditRecord => ({action: 'job.submitted', result: 'ok', object});

async function linesIn(path: string): Promise<readonly AuditEntry[]> {
  return (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line));
}

t.test('a line holds who did what to what, when, and how it went', async t => {
  const {open, folder, today} = setUp(t);
  const audit = await open();
  audit.record({
    ...{action: 'auth.login_failed', result: 'refused', user: 'anna', address: '192.168.1.7'},
    ...{
      object: 'user:anna',
      request: 'r-1',
      details: {tries: 3, password: 'hunter2', why: ['name', 'or password']},
    },
  });
  audit.record({action: 'daemon.started', result: 'ok'});
  await audit.flush();
  const [first, second] = await linesIn(today);
  t.match(first, {
    ...{
      seq: 1,
      time: '2026-11-21T12:00:00.000Z',
      action: 'auth.login_failed',
      result: 'refused',
      user: 'anna',
    },
    ...{address: '192.168.1.7', object: 'user:anna', request: 'r-1', prev: '0'.repeat(64)},
    details: {tries: 3, password: '[redacted]', why: ['name', 'or password']},
  });
  t.match(second, {
    seq: 2,
    user: null,
    address: null,
    object: null,
    request: null,
    details: {},
    prev: first?.hash,
  });
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  t.equal((await stat(today)).mode & 0o777, 0o600);
  t.match(await verifyAudit(folder), {
    ok: true,
    value: {days: 1, lines: 2, last: {seq: 2}, recovered: 0, dropped: 0},
  });
});

t.test('every name of an action is area.event, and only those are taken', async t => {
  for (const name of auditActions) t.match(name, /^[a-z_]+(\.[a-z_]+){1,2}$/);
  const promised = [
    ...['auth.login_ok', 'auth.login_failed', 'auth.qr_init', 'auth.qr_approved', 'auth.qr_redeemed'],
    ...['auth.session_revoked', 'auth.refresh_reuse', 'api_key.create', 'api_key.revoke', 'api_key.used'],
    ...['upload.validated', 'upload.rejected', 'job.submitted', 'job.cancelled', 'job.paused', 'job.resumed'],
    ...['job.deleted', 'job.archived', 'job.worker_spawned', 'job.worker_timeout', 'job.worker_exit'],
    ...['file.downloaded', 'privacy.policy_applied', 'privacy.purge_done', 'security.startup_weak_secrets'],
    ...['security.crypto_at_rest.enabled', 'security.crypto_at_rest.encrypt_failed', 'remote.denied'],
    ...['inbox.refused', 'daemon.started', 'daemon.stopped', 'retention.swept', 'admin.viewed'],
  ];
  for (const name of promised) t.ok(auditActions.has(name), name);
});

t.test('the chain goes on across restarts and days, and every day has its file', async t => {
  const {open, folder, clock} = setUp(t);
  for (let day = 0; day < 3; day++) {
    for (let start = 0; start < 2; start++) {
      const audit = await open();
      audit.record(said(`job:${day}-${start}`));
      clock.ms += 1;
      audit.record(said(`job:${day}-${start}-b`));
      await audit.stop();
    }
    clock.ms += dayMs;
  }
  t.strictSame((await readdir(folder)).toSorted(), [
    ...['2026-11-21.jsonl', '2026-11-22.jsonl', '2026-11-23.jsonl', 'head.json'],
  ]);
  t.match(await verifyAudit(folder), {ok: true, value: {days: 3, lines: 12, last: {seq: 12}}});
  t.match(JSON.parse(await readFile(join(folder, 'head.json'), 'utf8')), {seq: 12});
});

t.test('lines of two days in one batch go to two files', async t => {
  const {open, folder, clock} = setUp(t);
  const audit = await open();
  for (let i = 0; i < 30; i++) {
    audit.record(said(`job:${i}`));
    clock.ms += dayMs / 10;
  }
  await audit.flush();
  const counts = await Promise.all(
    (await readdir(folder))
      .filter(name => name !== 'head.json')
      .map(async name => [name, (await linesIn(join(folder, name))).length]),
  );
  t.strictSame(counts.toSorted(), [
    ...[
      ['2026-11-21.jsonl', 5],
      ['2026-11-22.jsonl', 10],
      ['2026-11-23.jsonl', 10],
      ['2026-11-24.jsonl', 5],
    ],
  ]);
  t.match(await verifyAudit(folder), {ok: true});
});

t.test('a clock that is set back starts no older file, and keeps its own time', async t => {
  const {open, folder, clock, today} = setUp(t);
  const audit = await open();
  audit.record(said('job:now'));
  await audit.flush();
  clock.ms -= 3 * dayMs;
  audit.record(said('job:earlier'));
  await audit.stop();
  const again = await open();
  again.record(said('job:earlier-still'));
  await again.stop();
  t.match(await linesIn(today), [{}, {time: '2026-11-18T12:00:00.000Z'}, {time: '2026-11-18T12:00:00.000Z'}]);
  t.match(await verifyAudit(folder), {ok: true, value: {days: 1, lines: 3}});
});

t.test('a burst is written in few batches, in order, and the caller never waits', async t => {
  const {open, folder, today} = setUp(t);
  const audit = await open();
  for (let i = 0; i < 3000; i++) audit.record(said(`job:${i}`));
  t.strictSame(await readdir(folder), [], 'nothing is written while the caller goes on');
  await audit.flush();
  t.strictSame(
    (await linesIn(today)).map(({object}) => object),
    Array.from({length: 3000}, (_, i) => `job:${i}`),
  );
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 3000}});
  t.equal(audit.trouble, null);
});

t.test('what cannot be written waits, and is written when it can be', async t => {
  const {open, folder, clock, today} = setUp(t);
  const audit = await open();
  await mkdir(today);
  audit.record(said('job:1'));
  await audit.flush();
  t.match(audit.trouble, {since: noon, code: 'EISDIR', waiting: 1, dropped: 0});
  clock.ms += 5000;
  audit.record(said('job:2'));
  await audit.flush();
  const {trouble} = audit;
  t.match(trouble, {since: noon, waiting: 2}, 'since it began');
  if (trouble === null) throw new Error('no trouble');
  t.match(
    describeAuditTrouble(trouble),
    /^The audit cannot be written \(.*EISDIR.*\): 2 entries wait\. Check the folder/,
  );
  await rmdir(today);
  await audit.flush();
  t.equal(audit.trouble, null);
  t.match(await linesIn(today), [
    {object: 'job:1', time: /12:00:00/},
    {object: 'job:2', time: /12:00:05/},
  ]);
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 2, dropped: 0}});
});

t.test('it tries again by itself', async t => {
  const {open, today} = setUp(t, {retryMs: 5});
  const audit = await open();
  await mkdir(today);
  audit.record(said('job:1'));
  await audit.flush();
  t.not(audit.trouble, null);
  await rmdir(today);
  while (audit.trouble !== null) await new Promise(done => setTimeout(done, 1));
  t.match(await linesIn(today), [{object: 'job:1'}]);
});

t.test('more than can wait is dropped, counted, and told of in the chain', async t => {
  const {open, folder, clock, today} = setUp(t, {waitingLimit: 600});
  const audit = await open();
  await mkdir(today);
  for (let i = 0; i < 600; i++) audit.record(said(`job:${i}`));
  await audit.flush();
  clock.ms += 1000;
  for (let i = 0; i < 50; i++) audit.record(said('job:lost'));
  await audit.flush();
  const {trouble} = audit;
  t.match(trouble, {waiting: 600, dropped: 50});
  if (trouble !== null) t.match(describeAuditTrouble(trouble), /50 entries could not even wait and are lost/);
  await rmdir(today);
  clock.ms += 1000;
  await audit.flush();
  audit.record(said('job:after'));
  await audit.flush();
  const lines = await linesIn(today);
  t.equal(lines.length, 602);
  t.match(lines.slice(-2), [
    {action: 'audit.gap', result: 'failed', details: {dropped: 50, since: '2026-11-21T12:00:01.000Z'}},
    {object: 'job:after'},
  ]);
  t.equal(audit.trouble, null);
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 602, dropped: 50}});
});

t.test('the head follows within a minute or 200 lines, and never runs ahead', async t => {
  const {open, folder, clock} = setUp(t);
  const audit = await open();
  const headAfter = async (lines: number, ms: number) => {
    clock.ms += ms;
    for (let i = 0; i < lines; i++) audit.record(said(`job:${i}`));
    await audit.flush();
    return JSON.parse(await readFile(join(folder, 'head.json'), 'utf8')).seq;
  };
  t.equal(await headAfter(1, 0), 1);
  t.equal(await headAfter(5, 59_999), 1);
  t.equal(await headAfter(5, 1), 11);
  t.equal(await headAfter(199, 0), 11);
  t.equal(await headAfter(1, 0), 211);
  t.equal(await headAfter(1, -60_000), 212, 'also when the clock was set back');
  t.match(await verifyAudit(folder), {ok: true, value: {last: {seq: 212}}});
});

t.test('too many in one go are no trouble for long', async t => {
  const {open, folder} = setUp(t, {waitingLimit: 10});
  const audit = await open();
  for (let i = 0; i < 25; i++) audit.record(said(`job:${i}`));
  const {trouble} = audit;
  t.match(trouble, {code: '', waiting: 10, dropped: 15});
  if (trouble !== null) t.match(describeAuditTrouble(trouble), /more was to be recorded at once/i);
  await audit.flush();
  await audit.flush();
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 11, dropped: 15}});
});

t.test('nothing that is recorded makes the caller fail', async t => {
  const {open, folder, clock} = setUp(t);
  const audit = await open();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const odd: unknown[] = [
    ...[
      {...said('a'), details: cyclic},
      {...said('b'), details: {big: Buffer.alloc(1 << 20)}},
      {...said('c'), user: 'u\n\u001b[2J'},
    ],
    ...[
      {...said('d'), object: 'x'.repeat(1_000_000)},
      {action: 'no.such', result: 'ok'},
      {},
      null,
      {...said('e'), user: 7},
    ],
  ];
  clock.ms = Number.NaN;
  audit.record(said('x'));
  clock.ms = noon;
  for (const entry of odd) audit.record(entry as AuditRecord);
  clock.ms = Number.NaN;
  audit.record(said('f'));
  clock.ms = noon;
  await audit.flush();
  await audit.flush();
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 6, dropped: 5}});
});

t.test('a value cannot break out of its line, and no line is too long to be read', async t => {
  const {open, folder, today} = setUp(t);
  const audit = await open();
  const nasty = '\n{"seq":2}\r\n\u2028\u0085\u001b]0;x\u0007\u202e';
  audit.record({
    action: 'inbox.refused',
    result: 'refused',
    object: nasty,
    user: nasty,
    details: {[nasty]: nasty},
  });
  const worst = '\u0001"\\'.repeat(2000);
  const details = Object.fromEntries(
    Array.from({length: 200}, (_, i) => [`${worst.slice(0, 90)}${i}`, worst]),
  );
  audit.record({
    ...{
      action: 'inbox.refused',
      result: 'refused',
      object: worst,
      user: worst,
      address: worst,
      request: worst,
    },
    details: {...details, numbers: Array(100).fill(-Number.MAX_VALUE)},
  });
  await audit.flush();
  const text = await readFile(today, 'utf8');
  t.equal(text.split('\n').length, 3);
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\u2028\u202e]/u);
  for (const line of text.split('\n')) t.ok(Buffer.byteLength(line) < 32_768, `${line.length}`);
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 2}});
});

t.test('what a crash left half written is cut off, and that is recorded', async t => {
  const {open, folder, today} = setUp(t);
  const first = await open();
  for (const object of ['a', 'b', 'c']) first.record(said(object));
  await first.stop();
  const whole = await readFile(today);
  const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (const at of [lastLine + 1, lastLine + 100, whole.length - 1]) {
    await rm(folder, {recursive: true});
    await mkdir(folder);
    await writeFile(today, whole.subarray(0, at));
    t.match(await verifyAudit(folder), {ok: false, why: {line: 3, what: 'cut'}}, 'a check before tells');
    const audit = await open();
    audit.record(said('d'));
    await audit.stop();
    t.match(await linesIn(today), [
      ...[{object: 'a'}, {object: 'b'}],
      {
        seq: 3,
        action: 'audit.recovered',
        result: 'ok',
        details: {file: '2026-11-21.jsonl', tornBytes: at - lastLine},
      },
      {seq: 4, object: 'd'},
    ]);
    t.match(await verifyAudit(folder), {ok: true, value: {lines: 4, recovered: 1}}, 'and a check after, too');
  }
  await rm(folder, {recursive: true});
  await mkdir(folder);
  await writeFile(today, whole.subarray(0, 50));
  await (await open()).stop();
  t.match(
    await linesIn(today),
    [{seq: 1, action: 'audit.recovered', details: {tornBytes: 50}}],
    'also the very first line',
  );
});

t.test('lines that are gone from the end stay a fault, however often it is started', async t => {
  const {open, folder, today} = setUp(t);
  const first = await open();
  for (const object of ['a', 'b', 'c']) first.record(said(object));
  await first.stop();
  const whole = await readFile(today);
  await truncate(today, whole.lastIndexOf(10, whole.length - 2) + 1);
  t.match(await verifyAudit(folder), {ok: false, why: {what: 'cut-tail', line: 2, detail: /^lines 3 to 3/}});
  for (let start = 0; start < 2; start++) {
    const audit = await open();
    audit.record(said('later'));
    await audit.stop();
    t.match(await verifyAudit(folder), {
      ok: false,
      why: {what: 'missing', line: 3, detail: 'line 3 is gone'},
    });
  }
  t.match((await linesIn(today))[2], {
    seq: 4,
    action: 'audit.recovered',
    result: 'failed',
    details: {lines: 1, tornBytes: 0},
  });
});

t.test('a damaged end does not keep it from going on, and stays a fault', async t => {
  const {open, folder, today} = setUp(t);
  const first = await open();
  first.record(said('a'));
  await first.stop();
  await appendFile(today, `${'\0'.repeat(3000)}\nno json\n`);
  const audit = await open();
  audit.record(said('b'));
  await audit.stop();
  t.match(await verifyAudit(folder), {ok: false, why: {what: 'changed', line: 2}});
  t.match(await readAudit(folder, {limit: 9}), [
    {object: 'b'},
    {action: 'audit.recovered', details: {lines: 2}},
    {object: 'a'},
  ]);
});

t.test('an empty newest file, and files that are none of ours, are passed over', async t => {
  const {open, folder} = setUp(t);
  const first = await open();
  first.record(said('a'));
  await first.stop();
  for (const name of ['2026-11-22.jsonl', 'notes.txt', '2026-11-20.jsonl.bak', '.hidden'])
    await writeFile(join(folder, name), '');
  const audit = await open();
  audit.record(said('b'));
  await audit.stop();
  t.match(await linesIn(join(folder, '2026-11-22.jsonl')), [{seq: 2, object: 'b'}]);
  t.match(await verifyAudit(folder), {ok: true, value: {days: 2, lines: 2}});
});

t.test('a file that is removed under it is not written to unseen', async t => {
  const {open, folder, today} = setUp(t);
  const audit = await open();
  audit.record(said('a'));
  await audit.flush();
  await rename(today, join(folder, 'taken'));
  await rm(join(folder, 'taken'));
  audit.record(said('b'));
  await audit.flush();
  t.match(await linesIn(today), [{seq: 2, object: 'b'}]);
  t.match(await verifyAudit(folder), {ok: false, why: {what: 'missing-file', line: 1}});
});

t.test('stop can be asked for twice, and what comes after it is dropped', async t => {
  const {open, today} = setUp(t);
  const audit = await open();
  audit.record(said('a'));
  t.equal(audit.stop(), audit.stop());
  audit.record(said('late'));
  await audit.stop();
  audit.record(said('too late'));
  await audit.flush();
  t.match(audit.trouble, {dropped: 1}, 'nothing is written any more');
  t.match(await linesIn(today), [{object: 'a'}, {action: 'audit.gap', details: {dropped: 1}}]);
});

t.test('a folder that cannot be read is an error at the start', async t => {
  const folder = t.testdir({file: ''});
  await t.rejects(Audit.open(join(folder, 'file'), Date.now), {code: 'EEXIST'});
});

async function saidBy(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', chunk => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

t.test('kill -9 at any moment: what was on disk stays, and the chain goes on', async t => {
  const {open, folder} = setUp(t);
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [writer, 'flood', folder], {stdio: ['ignore', 'pipe', 'inherit']});
    t.teardown(() => child.kill('SIGKILL'));
    let acknowledged = 0;
    child.stdout.on('data', chunk => {
      acknowledged = Number(String(chunk).trim().split('\n').at(-1));
      if (acknowledged > 3 + 9 * round) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const newest = (await readAudit(folder, {limit: 200})).find(({action}) => action === 'job.submitted');
    t.ok(
      Number(newest?.object?.slice(4)) >= acknowledged,
      `${newest?.object} is there, ${acknowledged} was promised`,
    );
    await (await open()).stop();
    const checked = await verifyAudit(folder);
    t.equal(checked.ok, true, JSON.stringify(checked));
  }
});

t.test('a full disk: nothing waits, nothing is half there, and what was dropped is told', async t => {
  const folder = t.testdir();
  const script = 'mount -t tmpfs -o size=512k tmpfs "$0" || exit 77; exec "$1" "$2" full "$0"';
  const argv = ['-Urm', 'sh', '-c', script, folder, process.execPath, writer];
  const child = spawn('unshare', argv, {stdio: ['ignore', 'pipe', 'inherit']});
  const seen = await saidBy(child);
  if (child.exitCode !== 0) {
    t.comment('no namespaces here: a full disk was not tried');
    return;
  }
  t.match(JSON.parse(seen), {
    during: {code: 'ENOSPC', waiting: 300, dropped: 50},
    whileFull: {ok: true, value: {lines: 1}},
    after: null,
    end: {ok: true, value: {lines: 302, dropped: 50}},
  });
});
