/** What is logged, where it goes, and that nothing logged breaks a line, tells a secret or stops who logs it. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import t, {type Test} from 'tap';
import {createLog, type LogLevel, type LogSettings, logLevels, plainPlace} from '../../appliance/log.ts';
import {LogFile, type LogFileSettings} from '../../appliance/log-file.ts';

const noon = Date.parse('2026-11-21T12:34:56.789Z');
const dayMs = 86_400_000;
const time = '2026-11-21T12:34:56.789Z';

function listening(settings: Partial<LogSettings> = {}) {
  const lines: string[] = [];
  const place = {write: (line: string) => void lines.push(line)};
  const log = createLog({places: [place], level: 'debug', transcripts: false, now: () => noon, ...settings});
  return {log, lines, last: () => JSON.parse(lines.at(-1) ?? '')};
}

t.test('a line is its level, its time, its fields and its words', async t => {
  const {log, lines} = listening();
  log.info({job: 'abcdefghjk', ms: 12, deep: {list: [1, null]}}, 'stage done');
  t.strictSame(lines, [
    `{"level":"info","time":"${time}","job":"abcdefghjk","ms":12,"deep":{"list":[1,null]},"msg":"stage done"}\n`,
  ]);
  for (const level of logLevels) {
    log[level]({}, `as ${level}`);
    t.match(JSON.parse(lines.at(-1) ?? ''), {level, msg: `as ${level}`});
  }
});

t.test('what weighs less than the level is not written', async t => {
  const weights: readonly (LogLevel | 'silent')[] = [...logLevels, 'silent'];
  for (const [least, level] of weights.entries()) {
    const {log, lines} = listening({level});
    for (const name of logLevels) log[name]({}, name);
    t.strictSame(
      lines.map(line => JSON.parse(line).msg),
      logLevels.slice(least),
      level,
    );
  }
});

t.test('a child adds its fields to every line, and the line has the last word', async t => {
  const {log, lines, last} = listening();
  const child = log.child({job: 'abcdefghjk', stage: 'mix', token: 'x'}).child({stage: 'master'});
  child.warn({ms: 3, stage: 'measure'}, 'slow');
  t.strictSame(last(), {
    ...{level: 'warn', time, job: 'abcdefghjk', stage: 'measure', token: '[redacted]', ms: 3, msg: 'slow'},
  });
  t.equal(lines.at(-1)?.match(/"stage"/g)?.length, 1, 'no field is there twice');
  log.info({}, 'alone');
  t.strictSame(last(), {level: 'info', time, msg: 'alone'});
});

t.test('secrets and what is said in films are taken out, in fields, words and errors', async t => {
  const {log, lines, last} = listening();
  log.info({password: 'hunter2', url: 'https://a:hunter2@h/', cue: {text: 'hunter2'}}, 'with token=hunter2');
  log.error({err: new Error('at https://a:hunter2@h/', {cause: new Error('Bearer hunter2')})}, 'failed');
  t.strictSame(Object.keys(last().err), ['name', 'message', 'cause', 'stack']);
  t.match(last(), {err: {name: 'Error', message: 'at https://[redacted]@h/', stack: /log\.test/}});
  t.notMatch(lines.join(''), 'hunter2');
  const open = listening({transcripts: true});
  open.log.info({cue: {text: 'hello there'}, password: 'hunter2'}, 'heard');
  t.match(open.last(), {cue: {text: 'hello there'}, password: '[redacted]'});
});

t.test('no value makes two lines of one, or another line than it is', async t => {
  const {log, lines, last} = listening();
  const nasty = 'a\n{"level":"fatal"}\r\u2028\u0085\u001b[2J\u009b\u202e%s%d%%';
  log.info({[nasty]: nasty, err: nasty}, nasty);
  t.equal(lines.length, 1);
  t.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1);
  t.notMatch(lines[0]?.trimEnd(), /[\p{Cc}\u2028\u202e]/u);
  t.strictSame(last(), {level: 'info', time, [nasty]: nasty, err: nasty, msg: nasty});
  log.info({method: 'GET', headers: {host: 'h'}, socket: {on: 1}, url: '/x'}, 'asked');
  t.match(last(), {method: 'GET', headers: {host: 'h'}, url: '/x'}, 'a request is fields like any other');
  log.info({level: 'fatal', time: 0, msg: 'other', pid: 3, hostname: 'h'}, 'real');
  t.strictSame(last(), {
    level: 'info',
    time,
    level_: 'fatal',
    time_: 0,
    msg_: 'other',
    pid: 3,
    hostname: 'h',
    msg: 'real',
  });
});

t.test('nothing that is logged, and nowhere it goes, stops who logs it', async t => {
  const lines: string[] = [];
  const broken = {
    write() {
      throw new Error('no');
    },
  };
  const places = [broken, {write: (line: string) => void lines.push(line)}];
  const {log, ...clock} = {...listening({places}), ms: 0};
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const odd: unknown[] = [
    ...[
      cyclic,
      null,
      undefined,
      7,
      'text',
      [1, 2],
      new Error('x'),
      Buffer.alloc(1 << 24),
      {big: 10n},
      {f() {}},
    ],
    ...[
      {method: 'GET', headers: {}, socket: {}, url: '/x'},
      {setHeader() {}, statusCode: 1},
      {toJSON: () => 'x'},
    ],
    ...[new Proxy({}, {ownKeys: () => { throw new Error('no'); }})], // biome-ignore format: one row
  ];
  for (const fields of odd) log.info(fields as Record<string, unknown>, 'odd');
  log.info({}, undefined as unknown as string);
  log.info({}, 'x'.repeat(1_000_000));
  t.ok(lines.length >= odd.length, `${lines.length} lines`);
  for (const line of lines)
    t.ok(line.length < 60_000 && JSON.parse(line).level === 'info', line.slice(0, 60));
  t.equal(clock.ms, 0);
  const late = listening({now: () => Number.NaN});
  late.log.info({}, 'no clock');
  t.match(late.last(), {time: 'no time', msg: 'no clock'});
});

t.test('for people a line is plain, on a terminal and for journald', async t => {
  const seen: string[] = [];
  const terminal = plainPlace(text => void seen.push(text), 'terminal');
  const journal = plainPlace(text => void seen.push(text), 'journal');
  const {log} = listening({places: [terminal, journal]});
  const table: readonly (readonly [LogLevel, Record<string, unknown>, string, string, number])[] = [
    ['info', {job: 'abc', ms: 3}, 'done', 'job=abc ms=3', 6],
    ['debug', {}, 'done', '', 7],
    [
      'warn',
      {path: '/films/a b.mkv', q: 'a=b', empty: ''},
      'odd',
      'path="/films/a b.mkv" q="a=b" empty=""',
      4,
    ],
    ['error', {err: new TypeError('no\nluck')}, 'failed', 'err="TypeError: no\\nluck"', 3],
    ['fatal', {list: [1, {a: 'b c'}], none: null}, 'gone', 'list=[1,{"a":"b c"}] none=null', 2],
    ['info', {name: '\u001b[2J'}, 'a\nb', 'name=\\u001b[2J', 6],
  ];
  for (const [level, fields, words, said, weight] of table) {
    log[level](fields, words);
    const rest = `${words.replace('\n', '\\n')}${said === '' ? '' : ` ${said}`}\n`;
    t.strictSame(seen.splice(0), [`12:34:56 ${level.padEnd(5)} ${rest}`, `<${weight}>${rest}`], words);
  }
});

function setUp(t: Test, settings: Partial<LogFileSettings> = {}) {
  const folder = join(t.testdir(), 'log');
  const path = join(folder, 'dubstead.log');
  const clock = {ms: Date.now()};
  const file = new LogFile({path, limitBytes: 1000, keep: 3, now: () => clock.ms, ...settings});
  t.teardown(() => file.stop());
  return {folder, path, clock, file, text: (name = 'dubstead.log') => readFile(join(folder, name), 'utf8')};
}

t.test('a line is in the file when write returns, and a restart goes on behind it', async t => {
  const {file, folder, path, text, clock} = setUp(t);
  file.start();
  file.write('one\n');
  t.equal(await text(), 'one\n');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  file.stop();
  file.stop();
  file.write('after the end\n');
  const again = new LogFile({path, limitBytes: 1000, keep: 3, now: () => clock.ms});
  again.start();
  again.write('two\n');
  again.stop();
  t.equal(await text(), 'one\ntwo\n');
  t.equal(again.trouble, null);
});

t.test('a full file makes room, and no more old ones are kept than wanted', async t => {
  for (const keep of [0, 1, 3]) {
    const {file, folder, text} = setUp(t, {keep});
    file.start();
    for (const other of [
      'dubstead.log.old',
      'dubstead.log.0',
      'dubstead.log.1x',
      'other.log.1',
      'dubstead.log.12',
    ]) {
      await writeFile(join(folder, other), '');
    }
    const line = (i: number) => `${String(i).padStart(99, '0')}\n`;
    for (let i = 0; i < 95; i++) file.write(line(i));
    const old = Array.from({length: keep}, (_, i) => `dubstead.log.${i + 1}`);
    t.strictSame((await readdir(folder)).toSorted(), [
      ...[
        'dubstead.log',
        'dubstead.log.0',
        'dubstead.log.1x',
        'dubstead.log.old',
        'other.log.1',
        ...old,
      ].toSorted(),
    ]);
    t.equal(await text(), [90, 91, 92, 93, 94].map(line).join(''));
    for (const [back, name] of old.entries()) {
      const from = 80 - 10 * back;
      t.equal(await text(name), Array.from({length: 10}, (_, i) => line(from + i)).join(''), name);
    }
  }
});

t.test('a new day begins a new file, also after a night when it was off', async t => {
  const {file, clock, text, path, folder} = setUp(t);
  file.start();
  file.write('today\n');
  clock.ms -= 3 * dayMs;
  file.write('the clock was set back\n');
  clock.ms += 4 * dayMs;
  file.write('tomorrow\n');
  t.equal(await text(), 'tomorrow\n');
  t.equal(await text('dubstead.log.1'), 'today\nthe clock was set back\n');
  file.stop();
  const before = new Date(clock.ms - 2 * dayMs);
  await utimes(path, before, before);
  const again = new LogFile({path, limitBytes: 1000, keep: 3, now: () => clock.ms});
  t.teardown(() => again.stop());
  again.start();
  again.write('the day after\n');
  t.equal(await text(), 'the day after\n');
  t.strictSame((await readdir(folder)).toSorted(), ['dubstead.log', 'dubstead.log.1', 'dubstead.log.2']);
});

t.test('a line longer than a file has one to itself', async t => {
  const {file, text} = setUp(t);
  file.start();
  for (const line of ['a\n', `${'x'.repeat(5000)}\n`, 'b\n']) file.write(line);
  t.equal(await text('dubstead.log.2'), 'a\n');
  t.equal((await text('dubstead.log.1')).length, 5001);
  t.equal(await text(), 'b\n');
});

t.test('half a line that a crash left does not spoil the next one', async t => {
  const {file, text, path} = setUp(t);
  await mkdir(dirname(path));
  await writeFile(path, '{"level":"in');
  file.start();
  file.write('whole\n');
  t.equal(await text(), '{"level":"in\nwhole\n');
});

t.test('a file that is removed or moved away is made anew', async t => {
  const {file, text, path, folder} = setUp(t);
  file.start();
  file.write('a\n');
  await rm(path);
  file.write('b\n');
  t.equal(await text(), 'b\n');
  await rename(path, join(folder, 'mine'));
  await rm(join(folder, 'mine'));
  file.write('c\n');
  t.equal(await text(), 'c\n');
});

t.test('what cannot be written is counted, and told when it can be', async t => {
  const {file, text, path, folder} = setUp(t);
  file.start();
  file.write('a\n');
  await rm(folder, {recursive: true});
  for (const line of ['b\n', 'c\n']) file.write(line);
  t.match(file.trouble, {lines: 2, why: /ENOENT/});
  await mkdir(folder);
  file.write('d\n');
  const [note, line] = (await text()).split('\n');
  t.match(JSON.parse(note ?? ''), {level: 'error', lines: 2, why: /ENOENT/, msg: 'log lines were lost'});
  t.equal(line, 'd');
  t.equal(file.trouble, null);
  await rm(path);
  await mkdir(path);
  await appendFile(join(folder, 'x'), '');
  file.write('e\n');
  t.match(file.trouble, {lines: 1, why: /EISDIR/});
});

t.test('a file that cannot be opened is an error at the start', async t => {
  const {file, path} = setUp(t);
  await mkdir(path, {recursive: true});
  t.throws(() => file.start(), {code: 'EISDIR'});
});

t.test('a full disk costs lines, never the line after them', async t => {
  const folder = t.testdir();
  const program = `
    import {readFileSync, rmSync, writeFileSync} from 'node:fs';
    import {LogFile} from ${JSON.stringify(fileURLToPath(new URL('../../appliance/log-file.ts', import.meta.url)))};
    const path = process.argv[1] + '/dubstead.log';
    const file = new LogFile({path, limitBytes: 1e6, keep: 1, now: Date.now});
    file.start();
    file.write('x'.repeat(3000) + '\\n');
    try { writeFileSync(process.argv[1] + '/filler', Buffer.alloc(1 << 20)); } catch {}
    for (let i = 0; i < 9; i++) file.write('y'.repeat(999) + '\\n');
    const trouble = file.trouble;
    rmSync(process.argv[1] + '/filler');
    file.write('z\\n');
    const lines = readFileSync(path, 'utf8').split('\\n').map(line => line.slice(0, 40) + ':' + line.length);
    console.log(JSON.stringify({trouble, lines, after: file.trouble}));`;
  const script =
    'mount -t tmpfs -o size=128k tmpfs "$0" || exit 77; exec "$1" --input-type=module -e "$2" "$0"';
  const argv = ['-Urm', 'sh', '-c', script, folder, process.execPath, program];
  const child = spawn('unshare', argv, {stdio: ['ignore', 'pipe', 'inherit']});
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  await once(child, 'close');
  if (child.exitCode !== 0) {
    t.comment('no namespaces here: a full disk was not tried');
    return;
  }
  const {trouble, lines, after} = JSON.parse(said);
  t.ok(trouble.lines > 3 && trouble.lines < 10, `${trouble.lines} were lost`);
  t.equal(after, null);
  t.strictSame(lines.slice(-2), ['z:1', ':0']);
  t.match(lines.at(-3), /^\{"level":"error"/, 'the note is a line of its own');
});
