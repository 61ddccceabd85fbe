/** The verbs about people and what they did, end to end: logins, keys, the audit; and what is asked before something ends. */
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Scope} from '../../appliance/accounts/scope.ts';
import {Audit} from '../../appliance/audit/audit.ts';
import {UserName} from '../../appliance/job.ts';
import {trailOf} from '../../supervisor/trail.ts';
import {exitCodes} from '../../tui/exit-codes.ts';
import {MemoryBox} from '../web/memory-box.ts';
import {addPerson, enter, peopleOf, phone} from '../web/people.ts';
import {shortFolder, until} from '../web/served.ts';
import {now} from './samples.ts';
import {seatAtBox} from './seat.ts';

t.test('user remove: asked about first, with a default of no; in a pipe it has to be said', async t => {
  const home = await peopleOf(t, {startAt: now});
  for (const name of ['ann', 'bob']) await addPerson(home, name, 'admin');
  const isThere = () => home.store.get('users', 'bob') !== undefined;
  const pipe = await seatAtBox(t, {home});
  t.strictSame(await pipe.run('user', 'remove', 'bob'), {
    ...{code: exitCodes.usage, out: ''},
    err: 'Remove bob, and end their logins and keys?\nIf that is what you want, say so: dubstead user remove bob --yes\n',
  });
  t.match(await pipe.json('user', 'remove', 'bob'), {error: {code: 'not-confirmed', fix: /--yes$/}});
  for (const answer of ['', 'n', 'yesterday', 'no']) {
    const seat = await seatAtBox(t, {home, answer});
    t.strictSame(await seat.run('user', 'remove', 'bob'), {
      ...{code: exitCodes.stopped, out: ''},
      err: 'Remove bob, and end their logins and keys? [y/N] Nothing was done.\n',
    });
  }
  t.ok(isThere());
  const seat = await seatAtBox(t, {home, answer: ' Y '});
  t.match(await seat.run('user', 'remove', 'bob'), {code: 0, out: /^bob is gone/});
  t.notOk(isThere());
});

t.test('session: who is logged in where, and the end of that', async t => {
  const home = await peopleOf(t, {startAt: now - 60_000});
  for (const name of ['ann', 'bob']) await addPerson(home, name, 'admin');
  const seat = await seatAtBox(t, {home});
  t.match(await seat.run('session'), {code: 0, out: 'Nobody is logged in.\n'});
  for (const name of ['ann', 'ann', 'bob', 'bob']) await enter(home, name);
  const ids = async () => {
    const {sessions} = (await seat.json('session')) as {sessions: {id: string; user: string}[]};
    return sessions.map(({id}) => id);
  };
  const lines = (await seat.run('session', 'list', '--user', 'bob')).out.split('\n');
  t.match(lines[0], /^LOGIN +USER +DEVICE +CAME BY +ADDRESS +LAST SEEN$/);
  t.match(lines[1], /^[0-9a-z]{10} {2}bob +Firefox on Android +password +192\.168\.1\.20 +1 min$/);
  t.equal(lines.length, 4);
  const [one = '', ...others] = await ids();
  t.match(await seat.run('session', 'end', one.slice(0, 6)), {
    code: exitCodes.usage,
    err: new RegExp(
      `^End the login of \\w+ on Firefox on Android at 192.*\\?\n.*session end ${one} --yes\n$`,
    ),
  });
  t.strictSame(await ids(), [one, ...others], 'nothing was done');
  t.strictSame(await seat.json('session', 'end', one.slice(0, 6), '--yes'), {ended: 1});
  t.strictSame((await ids()).toSorted(), others.toSorted());
  t.match(await seat.run('session', 'end', one, '--yes'), {
    code: 3,
    err: /^There is no login .*\.\ndubstead session /,
  });
  t.match(await seat.run('session', 'end', '--user', 'bob'), {code: 2, err: /all logins of bob\?/});
  t.match(await seat.run('session', 'end', '--user', 'bob', '--yes'), {
    code: 0,
    out: /^[12] logins? ended\.\n$/,
  });
  t.match(await seat.run('session', 'end', '--user', 'zoe', '--yes'), {code: 3, err: /no user zoe/});
  t.match(await seat.run('session', 'end', '--all'), {
    code: 2,
    err: /logins of everybody\?.*\n.*end --all --yes/,
  });
  t.match(await seat.run('session', 'end', '--all', '--yes'), {code: 0, out: /ended\.\n$/});
  t.strictSame(await ids(), []);
  t.match(seat.audited.at(-2), {event: 'auth.session_revoked', object: /^sessions of everybody: \d$/});
});

t.test('session: a device is let in by the number on its screen, or sent away', async t => {
  const home = await peopleOf(t, {startAt: now});
  await addPerson(home, 'ann', 'admin');
  const {qr} = home.accounts;
  const seat = await seatAtBox(t, {home});
  t.match(await seat.run('session', 'pending'), {code: 0, out: 'No device asks to be let in.\n'});
  const ask = async () => {
    const asked = await qr.init({offer: null}, phone);
    if (!asked.ok) throw new Error('not asked');
    return asked.value.shown;
  };
  const {id, number} = await ask();
  t.match(
    (await seat.run('session', 'pending')).out,
    new RegExp(`^DEVICE ID .*\n${id} +${number} +Firefox .* min`),
  );
  t.match(await seat.run('session', 'approve', id.slice(0, 5), number), {code: 3, err: /name a user/});
  t.match(await seat.run('session', 'approve', id.slice(0, 5), number, '--as', 'ann'), {
    ...{code: 0, out: 'Firefox on Android at 192.168.1.20 comes in as ann.\n'},
  });
  t.match(qr.get(id), {value: {state: 'approved'}});
  const other = await ask();
  t.match(await seat.json('session', 'deny', other.id), {intent: {id: other.id, state: 'denied'}});
  const third = await ask();
  const wrong = String(((Number(third.number) - 9) % 90) + 10);
  t.match(await seat.run('session', 'approve', third.id, wrong, '--as', 'ann'), {code: 3, err: /number/});
  t.match(qr.get(third.id), {value: {state: 'denied'}}, 'one guess');
  t.match(await seat.run('session', 'approve', third.id, third.number), {
    code: 3,
    err: /^There is no device/,
  });
});

t.test('key: everybody’s, and the end of one', async t => {
  const home = await peopleOf(t, {startAt: now});
  const ann = UserName.parse('ann');
  await addPerson(home, ann, 'admin');
  const seat = await seatAtBox(t, {home});
  t.match(await seat.run('key'), {code: 0, out: 'There are no keys.\n'});
  const scopes = [Scope.parse('read:job'), Scope.parse('submit:job')];
  const good = await home.accounts.keys.make(ann, {name: 'backup', scopes, expires: now + 86_400_000});
  if (!good.ok) throw new Error('not made');
  const {id} = good.value.key;
  t.match(
    (await seat.run('key')).out,
    /^KEY +OWNER +NAME .*\n\w{12} {2}ann +backup .*read:job submit:job +good for 1 d +-\n/,
  );
  t.notMatch(JSON.stringify(await seat.json('key')), /hash|dp_/);
  t.match(await seat.run('key', 'revoke', id.slice(0, 8)), {code: 2, err: /^End the key backup of ann\?\n/});
  t.match(await seat.json('key', 'revoke', id.slice(0, 8), '--yes'), {key: {id, revoked: now}});
  t.match((await seat.run('key')).out, /ended 0 s ago/);
  t.match(await seat.run('key', 'revoke', 'zzzz', '--yes'), {code: 3, err: /^There is no key zzzz\./});
});

async function auditedBox(t: Test) {
  const folder = await shortFolder(t);
  const audit = await Audit.open(folder, () => now);
  t.teardown(() => audit.stop());
  const box = new MemoryBox();
  box.trail = trailOf(folder, audit);
  const write = async (user: string, action: 'queue.paused' | 'job.purged' = 'queue.paused') => {
    audit.record({action, result: 'ok', user, object: `\u001b[2J${user}`, address: '10.0.0.7'});
    await audit.flush();
  };
  return {folder, audit, write, seat: await seatAtBox(t, {box})};
}

t.test('audit: the last lines, newest last, of one person or one action', async t => {
  const {audit, write, seat} = await auditedBox(t);
  t.match(await seat.run('audit'), {code: 0, out: 'Nothing of that was written down.\n'});
  for (const user of ['ann', 'bob', 'cyn']) await write(user);
  const {code, out} = await seat.run('audit', '-n', '2');
  t.equal(code, 0);
  t.match(
    out.split('\n')[0],
    /^2026-11-21 14:00:00 {2}bob +queue\.paused +ok +\uFFFD\[2Jbob {2}from 10\.0\.0\.7$/,
  );
  t.match(out.split('\n')[1], / {2}cyn /);
  t.notMatch((await seat.run('audit', '--user', 'ann')).out, 'bob');
  t.match(await seat.json('audit', '-n', '1'), {entries: [{seq: 3, user: 'cyn'}], next: 3});
  for (let number = 0; number < 700; number++) audit.record({action: 'job.purged', result: 'ok'});
  await audit.flush();
  const many = (await seat.json('audit', '-n', '650')) as {entries: {seq: number}[]};
  t.equal(new Set(many.entries.map(({seq}) => seq)).size, 650, 'page after page');
  t.equal((await seat.run('audit', '--action', 'queue.paused')).out.trimEnd().split('\n').length, 3);
});

t.test('audit -f: what is written comes as it is written; Ctrl-C ends it', async t => {
  const {audit, write, seat} = await auditedBox(t);
  await write('ann');
  const following = seat.run('audit', '-f', '--action', 'queue.paused');
  await until('the last ones', () => seat.out().includes('  ann '));
  await write('bob', 'job.purged');
  await write('bob');
  await until('the new one', () => seat.out().includes('  bob '));
  t.notMatch(seat.out(), 'job.purged');
  seat.signal();
  t.match(await following, {code: exitCodes.stopped, err: ''});
  await until('nobody follows', () => audit.tail.followers === 0);
  const json = seat.run('audit', '-f', '--json');
  await until('as JSON, a line each', () => seat.out().split('\n').length === 4);
  seat.signal();
  t.match(JSON.parse((await json).out.split('\n')[0] ?? ''), {is: 'entry', seq: 1, user: 'ann'});
});

t.test('audit verify: 0 when it is whole, 5 and the place when it is not', async t => {
  const {folder, audit, write, seat} = await auditedBox(t);
  t.match(await seat.run('audit', 'verify'), {code: 0, out: 'Nothing was written down yet.\n'});
  for (const user of ['ann', 'bob', 'cyn']) await write(user);
  t.match(await seat.run('audit', 'verify'), {
    ...{code: 0, err: ''},
    out: `The audit is whole: 3 lines of 1 day, from 2026-11-21 14:00:00 to 2026-11-21 14:00:00.\nThe last line is number 3 with hash ${audit.last.hash}.\n`,
  });
  t.match(await seat.json('audit', 'verify'), {is: 'whole', entries: 3, first: now});
  const file = join(folder, '2026-11-21.jsonl');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"bob"', '"eve"'));
  t.match(await seat.run('audit', 'verify'), {
    ...{code: exitCodes.failed, out: ''},
    err: /^The audit is broken at 2026-11-21\.jsonl, line 2\.\nThis line is not what was written.*\nCompare/,
  });
  t.match(await seat.json('audit', 'verify'), {is: 'broken', where: {line: 2}});
});
