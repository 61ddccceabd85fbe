/** Every line of an env file that is taken means the same to a shell; every other is refused without being repeated. */
import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t from 'tap';
import {parseEnvFile} from '../../../appliance/config/env-file.ts';

const run = promisify(execFile);

/** A line, and the value it gives to A. */
const taken: ReadonlyArray<readonly [line: string, value: string]> = [
  ['A=x', 'x'],
  ['A=', ''],
  ['A=   ', ''],
  ['A= # nothing but a comment', ''],
  ['  A=x  ', 'x'],
  ['\tA=x\t', 'x'],
  ['export A=x', 'x'],
  ['  export \t A=x', 'x'],
  ['A=x # a comment', 'x'],
  ['A=x\t#', 'x'],
  ['A=x#y', 'x#y'],
  ['A=a=b==', 'a=b=='],
  ['A=https://dub.example.org:8700/%41?b=1', 'https://dub.example.org:8700/%41?b=1'],
  ['A=/srv/Vidéos/映画', '/srv/Vidéos/映画'],
  ['A=*?[a-z]{b,c}!@%^+,-.:', '*?[a-z]{b,c}!@%^+,-.:'],
  ['A=b~c', 'b~c'],
  ["A=''", ''],
  ['A=""', ''],
  ["A='two words'", 'two words'],
  ["A='$HOME `id` \\n \" # ~'", '$HOME `id` \\n " # ~'],
  ["A='x' # a comment", 'x'],
  ['A="two words"', 'two words'],
  ['A="it\'s; a & b | c < d > (e) # ~"', "it's; a & b | c < d > (e) # ~"],
  ['A="\\" \\\\ \\$ \\`"', '" \\ $ `'],
  ['A="\\\\"', '\\'],
  ['A="\\\\\\\\" # "', '\\\\'],
  ['A="x"\t# "y"', 'x'],
];

/** A line with CANARY in it where a secret could stand, and what is said of it. */
const refused: ReadonlyArray<readonly [line: string, what: RegExp]> = [
  ['CANARY', /is not NAME=value/],
  ['CANARY value', /is not NAME=value/],
  ['=CANARY', /is not NAME=value/],
  ['1CANARY=x', /is not NAME=value/],
  ['CAN-ARY=x', /is not NAME=value/],
  ['export CANARY', /is not NAME=value/],
  ['exportA=CANARY B', /after its value/],
  ['A =CANARY', /space before its =/],
  ['export A\t= CANARY', /space before its =/],
  ['A= CANARY', /space after its =/],
  ['A=two CANARY', /something after its value/],
  ["A='x'CANARY", /something after its value/],
  ["A='x''CANARY'", /something after its value/],
  ["A='x'#CANARY", /something after its value/],
  ['A="x"CANARY', /something after its value/],
  ["A='CANARY", /opens a ' and does not close it/],
  ['A="CANARY', /opens a " and does not close it/],
  ['A="CANARY\\"', /opens a " and does not close it/],
  ['A="', /opens a "/],
  ["A='", /opens a '/],
  ['A=#CANARY', /begins with #/],
  ['A=$CANARY', /has a \$ in a value without quotes/],
  ['A=`CANARY`', /has a ` in a value without quotes/],
  ['A=CANARY\\', /has a \\ in a value without quotes/],
  ["A=it's CANARY", /has a ' in a value without quotes/],
  ['A=x"CANARY"', /has a " in a value without quotes/],
  ['A=x;CANARY', /has a ; in a value without quotes/],
  ['A=x&CANARY', /has a & in/],
  ['A=x|CANARY', /has a \| in/],
  ['A=<CANARY', /has a < in/],
  ['A=>CANARY', /has a > in/],
  ['A=$(CANARY)', /has a \$ in/],
  ['A=(CANARY)', /has a \( in/],
  ['A=~/CANARY', /has a ~ in/],
  ['A="$CANARY"', /has a \$ between double quotes/],
  ['A="CANARY\\n"', /has a \\ between double quotes/],
  ['A="`CANARY`"', /has a ` between double quotes/],
  ['A=CANARY\0', /control character/],
  ['A="CANARY\x1b[2J"', /control character/],
  ['A=CANARY\rB=1', /control character/],
  ["A='CANARY\x7f'", /control character/],
  ['A=CANARY\x85', /control character/],
];

t.test('each form of a line gives its value', async t => {
  for (const [line, value] of taken) {
    t.strictSame(parseEnvFile(line), {lines: [{name: 'A', value, line: 1}], bad: []}, line);
  }
});

/** What a shell makes of each line, or null where it ends without an answer. */
async function shellValues(dir: string, lines: readonly string[]): Promise<readonly (string | null)[]> {
  await Promise.all(lines.map((line, index) => writeFile(join(dir, `${index}.env`), `${line}\n`)));
  const script = `for i in $(seq 0 ${lines.length - 1}); do (unset A; . ./$i.env; printf '%s' "\${A-unset}"); printf '\\0'; done`;
  const env = {PATH: '/usr/bin:/bin', HOME: '/home/nobody', LC_ALL: 'C.UTF-8'};
  const {stdout} = await run('sh', ['-c', script], {cwd: dir, env});
  return stdout.split('\0').slice(0, -1);
}

t.test('a shell that reads the file gets the same values', async t => {
  const values = await shellValues(
    t.testdir(),
    taken.map(([line]) => line),
  );
  t.strictSame(
    values,
    taken.map(([, value]) => value),
  );
});

t.test('of lines made at random, those that are taken mean the same to a shell', async t => {
  // A generator of its own, so that a failure can be had again (Park and Miller's).
  let state = 20_261_121;
  const dice = (sides: number): number => {
    state = (state * 48_271) % 0x7fffffff;
    return state % sides;
  };
  const pieces = [
    'a',
    'B',
    '1',
    ' ',
    '\t',
    "'",
    '"',
    '\\',
    '$',
    '`',
    '#',
    '=',
    ';',
    '&',
    '~',
    '(',
    '*',
    '{',
    '!',
    'é',
  ];
  const lines = Array.from({length: 20_000}, () => {
    const value = Array.from({length: dice(8)}, () => pieces[dice(pieces.length)]).join('');
    return `${dice(4) === 0 ? 'export ' : ''}A=${value}`;
  });
  const read = lines.flatMap(line => parseEnvFile(line).lines.map(({value}) => ({line, value})));
  const kept = [...new Map(read.map(one => [one.line, one])).values()].slice(0, 1500);
  t.ok(kept.length > 500 && read.length < lines.length, `${read.length} of ${lines.length} were taken`);
  const values = await shellValues(
    t.testdir(),
    kept.map(({line}) => line),
  );
  t.strictSame(
    values.map((value, index) => ({line: kept[index]?.line, value})),
    kept,
  );
});

t.test('everything else is refused, and what it says is not repeated', async t => {
  for (const [line, what] of refused) {
    const {lines, bad} = parseEnvFile(`# first\n${line}`);
    t.strictSame(lines, [], line);
    t.match(bad, [{line: 2, what}], line);
    t.notMatch(JSON.stringify(bad), /CANARY/, line);
  }
});

t.test('lines are counted as an editor counts them, whatever ends them', async t => {
  const text = '\n# a comment\n\n  # one that is indented\nA=1\n\t\nB=x y\nexport C="3"\nC\nA=2';
  const expected = {
    lines: [
      {name: 'A', value: '1', line: 5},
      {name: 'C', value: '3', line: 8},
      {name: 'A', value: '2', line: 10},
    ],
    bad: [{line: 7}, {line: 9}],
  };
  t.match(parseEnvFile(text), expected);
  t.strictSame(parseEnvFile(text.replaceAll('\n', '\r\n')), parseEnvFile(text));
  t.strictSame(parseEnvFile(`${text}\n`), parseEnvFile(text));
});

t.test('nothing, and nothing but comments, is no fault', async t => {
  for (const text of ['', '\n', '\r\n\r\n', '# a', '#A=1\n  \t\n#']) {
    t.strictSame(parseEnvFile(text), {lines: [], bad: []});
  }
});

t.test('a file of one endless quote is read in no time', async t => {
  const text = `A="${'\\"'.repeat(30_000)}\nB=${"'x' ".repeat(15_000)}\nC="${'x'.repeat(60_000)}`;
  t.match(parseEnvFile(text), {lines: [], bad: [{line: 1}, {line: 2}, {line: 3}]});
});
