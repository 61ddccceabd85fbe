/** The man page: whole, kept up to date, and read by a formatter without a word of complaint. */
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t from 'tap';
import {exitMeanings} from '../../tui/exit-codes.ts';
import {manPage} from '../../tui/man.ts';
import {type Verb, verb} from '../../tui/verb.ts';
import {verbs} from '../../tui/verbs.ts';
import {seatOf} from './seat.ts';

const run = promisify(execFile);
const page = join(import.meta.dirname, '../../docs/dubstead.1');

/** As somebody reads it, without the bold that is struck over itself. */
async function read(file: string): Promise<string> {
  const {stdout} = await run('mandoc', ['-T', 'utf8', '-O', 'width=100', file]);
  return stdout.replaceAll(/.\u0008/gu, '').replaceAll('‐', '-');
}

t.test('docs/dubstead.1 is made of the verbs as they are, and is what dubstead man prints', async t => {
  t.equal(await readFile(page, 'utf8'), manPage(verbs), 'if this fails, run node scripts/man-page.ts');
  const seat = await seatOf(t);
  t.strictSame(await seat.run('man'), {code: 0, out: manPage(verbs), err: ''});
});

t.test('a formatter has nothing to say against it', async t => {
  const {stdout, stderr} = await run('mandoc', ['-T', 'lint', '-W', 'style', page]).catch(
    (cause: {readonly stdout: string; readonly stderr: string}) => cause,
  );
  t.strictSame([stdout, stderr], ['', '']);
});

t.test('every verb, option, example and exit code can be read in it', async t => {
  const text = await read(page);
  const flat = text.replaceAll(/\s+/g, ' ');
  for (const heading of [
    ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'EXIT STATUS', 'FILES', 'SEE ALSO'],
  ])
    t.match(text, new RegExp(`^${heading}$`, 'm'));
  for (const {name, takes, about, options, examples} of verbs) {
    const [, section = ''] = flat.split(` dubstead ${name} ${takes}`.trimEnd());
    t.ok(section.includes(about.replaceAll(/\s+/g, ' ')), `${name}: what it is about`);
    for (const option of Object.keys(options)) t.ok(section.includes(`--${option}`), `${name} --${option}`);
    for (const example of examples) t.ok(flat.includes(example), example);
  }
  for (const {code, about} of exitMeanings) t.ok(flat.includes(` ${code} ${about}.`), `${code}`);
});

t.test('nothing that a verb says of itself means something else to roff', async t => {
  const odd = '.so /etc/passwd \'a \\fBb\\n[.x] "c" -d … 字 .e \'f';
  const strange: Verb = verb({
    ...{name: 'odd', takes: '"x" \\y', brief: odd, about: odd, options: {}, examples: ['.br', "'x", odd]},
    words: 'none',
    read: () => ({ok: true, value: {}}),
    run: async () => 0,
  });
  const file = join(t.testdir({'odd.1': manPage([strange])}), 'odd.1');
  t.match(await readFile(file, 'utf8'), /^[\x20-\x7e\n]*$/);
  const flat = (await read(file)).replaceAll(/\s+/g, ' ');
  t.ok(flat.includes(`dubstead odd "x" \\y ${odd}`), flat);
  t.ok(flat.includes(` .br 'x ${odd}`), flat);
});
