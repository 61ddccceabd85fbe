/** `dubstead doctor`: the program itself on boxes that are healthy, running and broken, and how a diagnosis looks. */
import {chmod, lstat, mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {Diagnosis, diagnosisOf, type Finding, worstOf} from '../../appliance/doctor.ts';
import {diagnosisLines} from '../../tui/views/doctor.ts';
import {widthOf} from '../../tui/width.ts';
import {testBox} from '../supervisor/daemons.ts';
import {asRoot} from '../supervisor/inbox/disks.ts';
import {shortFolder} from '../web/served.ts';
import {dubstead, seatOf} from './seat.ts';

/** What lies there, and when each was changed. */
async function picture(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, {recursive: true})).toSorted();
  const all = await Promise.all(
    ['', ...names].map(async name => ({name, stats: await lstat(join(folder, name))})),
  );
  return all.map(({name, stats: {mode, size, mtimeMs, ctimeMs}}) =>
    [name, mode, size, mtimeMs, ctimeMs].join(' '),
  );
}

/** These depend on what the machine gives to whoever runs the tests. */
const ofMachine = ['confinement', 'limits'];

t.test('a healthy box has no fault, running or not, and is left as it was', async t => {
  const box = await testBox(t);
  await box.start();
  const env = {...box.env, DATA_DIR: box.folder};
  const up = await dubstead(['doctor', '--json'], env);
  t.strictSame([up.code, up.err], [0, '']);
  const running = Diagnosis.parse(JSON.parse(up.out));
  const odd = running.checks.filter(({id, is}) => is !== 'ok' && !ofMachine.includes(id));
  t.strictSame(odd, []);
  t.match(
    running.checks.find(({id}) => id === 'socket'),
    {findings: [{finding: /^A daemon \(version .* answers on /}]},
  );
  t.match(
    running.checks.find(({id}) => id === 'audit'),
    {findings: [{finding: /lines of 1 days are as they were written/}]},
  );
  await box.end('SIGTERM');
  const before = await picture(box.folder);
  const down = await dubstead(['doctor'], env);
  t.strictSame([down.code, down.err], [0, '']);
  t.match(
    down.out,
    new RegExp(`(^|\\n)${running.checks.length} checks(, all well|: .* with a warning)\\.\\n$`),
  );
  t.strictSame(await picture(box.folder), before, 'nothing was made, changed or taken away');
});

t.test(
  'a fault is told with its meaning and its fix, ends with 5, and no name steers the terminal',
  async t => {
    const data = join(await shortFolder(t), '\u202e\u200fdata');
    await mkdir(data);
    await chmod(data, 0o755);
    const {code, out} = await dubstead(['doctor'], {DATA_DIR: data, PORT: '0', DISK_FREE_MIN_GB: '0'});
    t.equal(code, 5);
    t.notMatch(out, /[\u001b\u202e\u200f]/);
    t.match(out, /\uFFFD+data/, 'and it is told');
    t.match(out.replaceAll(/\s+/g, ''), /FAULTFoldersfound.*hasmode0755:others.*means.*fixRun:chmod700/);
    t.match(out, /\d+ checks: .* with a fault/);
    const wrong = await dubstead(['doctor', '--json'], {DATA_DIR: data, PORT: 'abc'});
    t.equal(wrong.code, 5);
    t.match(JSON.parse(wrong.out), {
      counts: {fault: 1},
      checks: [{id: 'settings', is: 'fault', findings: [{finding: /PORT/}]}],
    });
  },
);

t.test('who is not the user of the daemon is told so, and hears of no faults', asRoot(), async t => {
  const data = join(await shortFolder(t), 'data');
  await mkdir(data, {mode: 0o700});
  await chmod(join(data, '..'), 0o755);
  for (const name of ['state', 'audit', 'run', 'inbox', 'dubs']) await mkdir(join(data, name), {mode: 0o700});
  const who = {uid: 65534, gid: 65534};
  const {code, out} = await dubstead(
    ['doctor', '--json'],
    {DATA_DIR: data, PORT: '0', DISK_FREE_MIN_GB: '0'},
    who,
  );
  t.equal(code, 0);
  const {checks} = Diagnosis.parse(JSON.parse(out));
  for (const id of ['folders', 'state', 'audit', 'inbox', 'socket']) {
    const check = checks.find(one => one.id === id);
    t.match(check, {is: 'warning', findings: [{fix: /as the user of the daemon/}]}, id);
  }
  t.match(
    checks.find(({id}) => id === 'disk-output'),
    {is: 'skipped', findings: [{finding: /EACCES/}]},
  );
});

t.test('a doctor that ends without an answer is told, with its last words', async t => {
  const seat = await seatOf(t, {env: {NODE_OPTIONS: '--import=/nowhere.mjs'}});
  const {code, out, err} = await seat.run('doctor');
  t.strictSame([code, out], [5, '']);
  t.match(err, /^The doctor ended without an answer\.\n.*nowhere\.mjs.*scripts\/setup/s);
  t.match(await seat.json('doctor'), {error: {code: 'doctor-lost'}});
});

const trouble = (is: 'warning' | 'fault', finding: string): Finding => ({
  is,
  finding,
  meaning: 'It means.',
  fix: 'Do.',
});

t.test('faults come first, what is well is only counted, and all fits the terminal', t => {
  const check = (id: string, ...findings: Finding[]) => ({
    id,
    title: id,
    looksAt: 'x',
    is: worstOf(findings),
    findings,
  });
  const fine: Finding = {is: 'ok', finding: 'Well.'};
  t.strictSame(diagnosisLines(diagnosisOf([check('a', fine), check('b', fine)]), 80), [
    '2 checks, all well.',
  ]);
  const long = 'word '.repeat(40).trim();
  const lines = diagnosisLines(
    diagnosisOf([
      check('a', fine, trouble('warning', 'Odd.')),
      check('b', {is: 'skipped', finding: 'Not looked at.'}),
      check('c', trouble('warning', 'Low.'), trouble('fault', `\u202e${long}`)),
      check('d', fine),
    ]),
    60,
  );
  for (const line of lines) t.ok(widthOf(line) <= 60, line);
  t.notMatch(lines.join('\n'), '\u202e');
  t.strictSame(
    lines.filter(line => /^[A-Z]{5}/.test(line)),
    ['FAULT     c', 'WARNING   a', 'WARNING   c'],
  );
  t.equal(lines.slice(-2).join(' '), '4 checks: 1 well, 1 with a warning, 1 with a fault, 1 not looked at.');
  t.end();
});
