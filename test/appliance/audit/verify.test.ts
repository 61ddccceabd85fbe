/** A forged audit is pointed at, whatever was done to it: every way of tampering, at every line, and what hides. */
import {randomInt} from 'node:crypto';
import {cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Audit} from '../../../appliance/audit/audit.ts';
import {AuditEntry, type AuditHead, chained, encode, origin} from '../../../appliance/audit/entry.ts';
import {readAudit} from '../../../appliance/audit/read.ts';
import {type AuditFault, verifyAudit, wordsOfAuditFault} from '../../../appliance/audit/verify.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');
const dayMs = 86_400_000;
const perDay = 4;
const days = ['2026-11-21', '2026-11-22', '2026-11-23'];

/** Three days of four lines, stopped in good order. */
async function written(t: Test): Promise<string> {
  const folder = join(t.testdir(), 'clean');
  const clock = {ms: noon};
  const audit = await Audit.open(folder, () => clock.ms);
  for (const day of days) {
    for (let i = 0; i < perDay; i++)
      audit.record({action: 'job.submitted', result: 'ok', object: `${day}#${i}`, user: 'anna'});
    await audit.flush();
    clock.ms += dayMs;
  }
  await audit.stop();
  return folder;
}

async function faultIn(folder: string): Promise<AuditFault | 'none'> {
  const checked = await verifyAudit(folder);
  return checked.ok ? 'none' : checked.why;
}

type Lines = readonly string[];

async function change(folder: string, day: number, how: (lines: Lines) => Lines): Promise<void> {
  const path = join(folder, `${days[day]}.jsonl`);
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  await writeFile(
    path,
    how(lines)
      .map(line => `${line}\n`)
      .join(''),
  );
}

/** Every line from `at` on written anew, as a forger would who knows how. */
function forged(lines: Lines, at: number, last: AuditHead): Lines {
  let head = last;
  return lines.map((line, i) => {
    const {seq, prev, hash, ...draft} = AuditEntry.parse(JSON.parse(line));
    if (i < at) head = {seq, hash};
    if (i < at) return line;
    const entry = chained({...draft, user: 'mallory'}, head);
    head = entry;
    t.not(`${seq}${prev}${hash}`, '');
    return encode(entry);
  });
}

t.test('an audit nobody touched is in order, as is none at all', async t => {
  const folder = await written(t);
  const checked = await verifyAudit(folder);
  t.match(checked, {ok: true, value: {days: 3, lines: 12, last: {seq: 12}, recovered: 0, dropped: 0}});
  const [newest] = await readAudit(folder, {limit: 1});
  t.match(checked, {value: {last: {hash: newest?.hash}}}, 'with the hash to keep elsewhere');
  t.match(await verifyAudit(join(folder, 'none')), {ok: true, value: {days: 0, lines: 0, last: origin}});
  await rm(join(folder, 'head.json'));
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 12}}, 'a head that is not there says nothing');
});

t.test('any byte changed is found at its line', async t => {
  const folder = await written(t);
  const path = join(folder, '2026-11-22.jsonl');
  const whole = await readFile(path);
  for (let i = 0; i < 150; i++) {
    const at = randomInt(whole.length);
    const bytes = Buffer.from(whole);
    bytes[at] = (whole[at] ?? 0) ^ (1 << randomInt(8));
    await writeFile(path, bytes);
    const line = whole.subarray(0, at).filter(byte => byte === 10).length + 1;
    const fault = await faultIn(folder);
    t.match(
      fault,
      {file: '2026-11-22.jsonl', line, what: /^(changed|cut)$/},
      `byte ${at}: ${JSON.stringify(fault)}`,
    );
  }
});

t.test('what was done to the lines is told by its kind and place', async t => {
  const clean = await written(t);
  const swap = (lines: Lines, a: number, b: number) => lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
  const first = '2026-11-21.jsonl';
  const second = '2026-11-22.jsonl';
  const third = '2026-11-23.jsonl';
  const table: readonly (readonly [
    what: string,
    does: (folder: string) => Promise<unknown>,
    fault: Partial<Record<keyof AuditFault, unknown>>,
  ])[] = [
    [
      'a value changed',
      f => change(f, 1, l => l.with(2, (l[2] ?? '').replace('anna', 'bob'))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'a space added',
      f => change(f, 1, l => l.with(2, ` ${l[2]}`)),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'a field added',
      f => change(f, 1, l => l.with(2, (l[2] ?? '').replace('{', '{"x":1,'))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'the same field twice',
      f => change(f, 1, l => l.with(2, (l[2] ?? '').replace('{', '{"user":"x",'))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'fields in another order',
      f =>
        change(f, 1, l =>
          l.with(2, JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(l[2] ?? '')).reverse()))),
        ),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'an empty line',
      f => change(f, 1, l => l.toSpliced(2, 0, '')),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'a line of 100 kB',
      f => change(f, 1, l => l.toSpliced(2, 0, 'x'.repeat(100_000))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      '100 kB in the middle of a line',
      f => change(f, 1, l => l.with(2, (l[2] ?? '').replace(',', `,${' '.repeat(100_000)}`))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'a line nested a million deep',
      f => change(f, 1, l => l.with(2, '['.repeat(30_000))),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'a line removed',
      f => change(f, 1, l => l.toSpliced(1, 1)),
      {file: second, line: 2, what: 'missing', detail: 'line 6 is gone'},
    ],
    [
      'two lines removed',
      f => change(f, 1, l => l.toSpliced(1, 2)),
      {file: second, line: 2, what: 'missing', detail: 'lines 6 to 7 are gone'},
    ],
    [
      'the very first line removed',
      f => change(f, 0, l => l.slice(1)),
      {file: first, line: 1, what: 'missing-file'},
    ],
    ['two lines swapped', f => change(f, 1, l => swap(l, 1, 2)), {file: second, line: 2, what: 'reordered'}],
    [
      'a line twice',
      f => change(f, 1, l => l.toSpliced(2, 0, l[1] ?? '')),
      {file: second, line: 3, what: 'reordered'},
    ],
    [
      'a line moved to another day',
      async f => {
        let moved = '';
        await change(f, 1, l => {
          moved = l[1] ?? '';
          return l.toSpliced(1, 1);
        });
        await change(f, 2, l => [...l, moved]);
      },
      {file: second, line: 2, what: 'reordered'},
    ],
    [
      'a line made anew with its own hash',
      f => change(f, 1, l => l.with(1, forged(l, 0, origin)[1] ?? '')),
      {file: second, line: 2},
    ],
    [
      'a line forged in its place',
      f => change(f, 1, l => l.with(2, forged(l, 2, origin)[2] ?? '')),
      {file: second, line: 3, what: 'changed'},
    ],
    [
      'the last line of a day removed',
      f => change(f, 0, l => l.slice(0, -1)),
      {file: second, line: 1, what: 'missing-file', detail: /2026-11-21\.jsonl, or its end/},
    ],
    ['the end of an older day cut', f => truncate(join(f, first), 900), {file: first, line: 3, what: 'cut'}],
    [
      'a day removed',
      f => rm(join(f, second)),
      {file: third, line: 1, what: 'missing-file', detail: /^lines 5 to 8 are gone/},
    ],
    ['the first day removed', f => rm(join(f, first)), {file: second, line: 1, what: 'missing-file'}],
    [
      'the newest day removed',
      f => rm(join(f, third)),
      {file: second, line: 4, what: 'cut-tail', detail: /^lines 9 to 12/},
    ],
    [
      'every day removed',
      f => Promise.all([first, second, third].map(name => rm(join(f, name)))),
      {file: 'head.json', line: 0, what: 'cut-tail'},
    ],
    ['a day emptied', f => truncate(join(f, second), 0), {file: third, line: 1, what: 'missing-file'}],
    [
      'two days swapped',
      async f => {
        await rename(join(f, first), join(f, 'x'));
        await rename(join(f, second), join(f, first));
        await rename(join(f, 'x'), join(f, second));
      },
      {file: first, line: 1, what: 'reordered'},
    ],
    ['the newest line cut in half', f => truncate(join(f, third), 1000), {file: third, line: 4, what: 'cut'}],
    [
      'the newest line removed',
      f => change(f, 2, l => l.slice(0, -1)),
      {file: third, line: 3, what: 'cut-tail', detail: /^lines 12 to 12/},
    ],
    [
      'the newest line forged',
      f => change(f, 2, l => forged(l, 3, {seq: 11, hash: JSON.parse(l[3] ?? '').prev})),
      {file: third, line: 4, what: 'changed', detail: /head\.json/},
    ],
    [
      'the head damaged',
      f => writeFile(join(f, 'head.json'), '{"seq":'),
      {file: 'head.json', line: 0, what: 'bad-head'},
    ],
    [
      'the head promises more',
      f => writeFile(join(f, 'head.json'), JSON.stringify({seq: 99, hash: 'a'.repeat(64)})),
      {what: 'cut-tail'},
    ],
  ];
  for (const [what, does, expected] of table) {
    const folder = join(clean, '..', 'forged');
    await rm(folder, {recursive: true, force: true});
    await cp(clean, folder, {recursive: true});
    await does(folder);
    const fault = await faultIn(folder);
    t.match(fault, expected, what);
    if (fault !== 'none') t.match(wordsOfAuditFault(fault), {what: /^[A-Z].+\.$/, fix: /^[A-Z].+\.$/}, what);
  }
});

t.test('cut off at any byte, the newest file is found short', async t => {
  const folder = await written(t);
  const path = join(folder, '2026-11-23.jsonl');
  const whole = await readFile(path);
  for (let bytes = whole.length - 1; bytes >= 0; bytes -= 13) {
    await writeFile(path, whole.subarray(0, bytes));
    t.match(
      await faultIn(folder),
      {what: whole[bytes - 1] === 10 || bytes === 0 ? 'cut-tail' : 'cut'},
      `at ${bytes}`,
    );
  }
});

t.test('what it cannot show is what its comment says', async t => {
  const folder = await written(t);
  await change(folder, 2, lines => forged(lines, 1, origin));
  const last = JSON.parse(
    (await readFile(join(folder, '2026-11-23.jsonl'), 'utf8')).trim().split('\n').at(-1) ?? '',
  );
  t.match(await faultIn(folder), {what: 'changed'}, 'without the head');
  const before = JSON.parse(await readFile(join(folder, 'head.json'), 'utf8'));
  await writeFile(join(folder, 'head.json'), JSON.stringify({seq: last.seq, hash: last.hash}));
  const checked = await verifyAudit(folder);
  t.match(
    checked,
    {ok: true, value: {last: {seq: before.seq}}},
    'a chain written anew, head and all, is in order',
  );
  t.notMatch(checked, {value: {last: {hash: before.hash}}}, 'but it has another hash at the same number');
});

t.test('pages are read newest first, across days, each going on where the last one ended', async t => {
  const folder = await written(t);
  const all = await readAudit(folder, {limit: 100});
  t.strictSame(
    all.map(({seq}) => seq),
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  );
  for (const limit of [1, 2, 5, 12]) {
    const seen: number[] = [];
    for (let before: number | undefined; ; ) {
      const page = await readAudit(folder, before === undefined ? {limit} : {limit, before});
      seen.push(...page.map(({seq}) => seq));
      before = page.at(-1)?.seq;
      if (before === undefined || page.length === 0) break;
    }
    t.strictSame(
      seen,
      all.map(({seq}) => seq),
      `by ${limit}`,
    );
  }
  t.strictSame(await readAudit(folder, {limit: 0}), []);
  t.strictSame(await readAudit(join(folder, 'none'), {limit: 9}), []);
  t.strictSame(await readAudit(folder, {limit: 9, before: 1}), []);
});

t.test('a damaged line is left out of a page, and the others are there', async t => {
  const folder = await written(t);
  await change(folder, 1, lines => lines.with(1, 'no json').with(2, `{"seq":7,${'x'.repeat(200_000)}`));
  const path = join(folder, '2026-11-23.jsonl');
  await truncate(path, (await readFile(path)).length - 1);
  t.strictSame(
    (await readAudit(folder, {limit: 100})).map(({seq}) => seq),
    [11, 10, 9, 8, 5, 4, 3, 2, 1],
  );
});

t.test('lines are whole wherever the pieces that are read end', async t => {
  const folder = join(t.testdir(), 'audit');
  const audit = await Audit.open(folder, () => noon);
  for (let i = 0; i < 1500; i++) {
    const title = 'ü日😀'.repeat(i % 60);
    audit.record({action: 'inbox.claimed', result: 'ok', object: `f:${i}`, details: {title}});
  }
  await audit.stop();
  t.match(await verifyAudit(folder), {ok: true, value: {lines: 1500}});
  const page = await readAudit(folder, {limit: 1000});
  t.strictSame(
    page.map(({seq}) => seq),
    Array.from({length: 1000}, (_, i) => 1500 - i),
  );
  t.strictSame((await readAudit(folder, {limit: 9999, before: 501})).length, 500);
  t.equal((await readAudit(folder, {limit: 9999})).length, 1000, 'a page has a limit of its own');
});

t.test('a check while lines are being written sees no fault', async t => {
  const folder = join(t.testdir(), 'audit');
  const clock = {ms: noon};
  const audit = await Audit.open(folder, () => clock.ms);
  let going = true;
  const writing = (async () => {
    while (going) {
      for (let i = 0; i < 40; i++) audit.record({action: 'file.downloaded', result: 'ok', object: `f:${i}`});
      clock.ms += dayMs / 24;
      await audit.flush();
    }
  })();
  for (let i = 0; i < 25; i++) {
    const fault = await faultIn(folder);
    // A batch that is on its way may be half there; it is said so, and is no other fault.
    t.ok(fault === 'none' || fault.what === 'cut', JSON.stringify(fault));
  }
  going = false;
  await writing;
  await audit.stop();
  t.equal(await faultIn(folder), 'none');
});

t.test('checking changes nothing', async t => {
  const folder = await written(t);
  await mkdir(join(folder, 'sub'));
  await truncate(join(folder, '2026-11-23.jsonl'), 700);
  const before = await Promise.all(
    (await readdir(folder)).filter(n => n !== 'sub').map(name => readFile(join(folder, name), 'utf8')),
  );
  await verifyAudit(folder);
  const after = await Promise.all(
    (await readdir(folder)).filter(n => n !== 'sub').map(name => readFile(join(folder, name), 'utf8')),
  );
  t.strictSame(after, before);
});
