/** Completion in the shells themselves: what is typed, a tab, and what the line has become. */
import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t, {type Test} from 'tap';
import type {Job} from '../../appliance/job.ts';
import {scriptOf} from '../../tui/verbs/completion.ts';
import {verbs} from '../../tui/verbs.ts';
import {jobOf} from '../web/memory-box.ts';
import {seatAtBox, seatOf} from './seat.ts';
import {typist} from './typist.ts';

const run = promisify(execFile);

/** Typed, and what one tab makes of its last word. */
const lines: readonly (readonly [typed: string, becomes: string])[] = [
  ['aud', 'audit'],
  ['--vers', '--version'],
  ['help sess', 'session'],
  ['session en', 'end'],
  ['session end --al', '--all'],
  ['session --user ann pen', 'pending'],
  ['jobs --st', '--state'],
  ['jobs --state que', 'queued'],
  ['jobs --state failed,que', 'failed,queued'],
  ['submit film.mkv --preset ba', 'balanced'],
  ['user add ann --role op', 'operator'],
  ['audit --action auth.login_f', 'auth.login_failed'],
  ['audit -f ver', 'verify'],
  ['dub a-fi', 'a-film.mkv'],
  ['dub a-film.mkv --to pol', 'pol'],
  ['dub a-film.mkv --subs a-sub', 'a-sub.srt'],
  ['edit a-dub', 'a-dub/'],
  ['job k3v', 'k3v9000001'],
  ['cancel k3v9000001 abc', 'abcd000002'],
  ['completion zs', 'zsh'],
];

/** In place of the program: prints ids when it is asked for some, and else what it was called with. */
const standIn = `#!/bin/sh
case "$*" in
  'completion jobs') printf 'k3v9000001\\tA film: one\\nabcd000002\\tAnother\\n' ;;
  *) for word; do printf '<%s>' "$word"; done; echo ' END' ;;
esac
`;

interface Desk {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

async function deskOf(t: Test, shell: 'bash' | 'zsh' | 'fish'): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'tab-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  await Promise.all(['bin', 'a-dub', 'home'].map(name => mkdir(join(folder, name))));
  await writeFile(join(folder, 'bin/dubstead'), standIn, {mode: 0o755});
  for (const name of ['a-film.mkv', 'a-sub.srt']) await writeFile(join(folder, name), '');
  await writeFile(join(folder, 'script'), scriptOf(shell, verbs));
  const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
  return {folder, env: {PATH, HOME: join(folder, 'home'), TERM: 'dumb', LC_ALL: 'C.UTF-8', PS1: '> '}};
}

async function typeAll(t: Test, desk: Desk, shell: string, prepare: string): Promise<void> {
  const typed = typist(t, {...desk, command: shell});
  await typed.type(`${prepare}; echo READ''Y\n`, said => said.includes('READY'));
  for (const [line, becomes] of lines) {
    const said = await typed.type(`dubstead ${line}\t\n`, heard => heard.includes(' END'));
    const words = [...line.split(' ').slice(0, -1), becomes].map(word => `<${word}>`).join('');
    t.match(said, `${words} END`, line);
  }
}

t.test('bash', async t => {
  const desk = await deskOf(t, 'bash');
  await typeAll(t, desk, 'bash --norc --noprofile -i', 'source ./script');
});

t.test('bash: behind an equals sign, too, and not where nothing is known', async t => {
  const desk = await deskOf(t, 'bash');
  const typed = typist(t, {...desk, command: 'bash --norc --noprofile -i'});
  await typed.type("source ./script; echo READ''Y\n", said => said.includes('READY'));
  const said = await typed.type('dubstead jobs --state=que\t\n', heard => heard.includes(' END'));
  t.match(said, '<jobs><--state=queued> END');
  const offered = await typed.type('dubstead key revoke \t\n', heard => heard.includes(' END'));
  t.match(offered, '<key><revoke> END', 'where nothing is known, nothing is offered');
});

t.test('zsh', async t => {
  const desk = await deskOf(t, 'zsh');
  const prepare =
    'PS1="> "; autoload -Uz compinit && compinit -u -D; setopt noautoremoveslash; source ./script';
  await typeAll(t, desk, 'zsh -f -i', prepare);
});

t.test('fish', async t => {
  const {folder, env} = await deskOf(t, 'fish');
  for (const [line, becomes] of lines) {
    const ask = `source ./script; complete -C 'dubstead ${line}'`;
    const {stdout} = await run('fish', ['--no-config', '-c', ask], {cwd: folder, env});
    const offered = stdout.split('\n').flatMap(each => each.split('\t')[0] || []);
    t.strictSame(offered, line.endsWith(` ${becomes}`) ? [] : [becomes], line);
  }
});

t.test('every verb and option is in each script, and the shell reads it without a word', async t => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = scriptOf(shell, verbs);
    for (const {name, options} of verbs) {
      t.match(script, name);
      for (const option of Object.keys(options))
        t.match(script, shell === 'fish' ? `-l ${option}` : `--${option}`);
    }
    const {folder, env} = await deskOf(t, shell);
    const {stdout, stderr} = await run(shell, ['-n', 'script'], {cwd: folder, env});
    t.strictSame([stdout, stderr], ['', ''], shell);
  }
});

t.test(
  'the ids that the scripts ask for: cleaned, one a line; and nothing when the daemon is down',
  async t => {
    const hostile = jobOf(1, {source: {...jobOf(1).source, name: 'a\u202eb $(x).mkv'}});
    const seat = await seatAtBox(t, {jobs: [{...hostile, id: 'k3v9000001'} as Job]});
    t.strictSame(await seat.run('completion', 'jobs'), {
      ...{code: 0, err: ''},
      out: 'k3v9000001\tab $(x).mkv\n',
    });
    const nobody = await seatOf(t);
    t.strictSame(await nobody.run('completion', 'jobs'), {code: 0, out: '', err: ''});
    const odd = await seatOf(t, {env: {PORT: 'abc'}});
    t.strictSame(await odd.run('completion', 'jobs'), {code: 0, out: '', err: ''});
    t.match(await seat.run('completion', 'fish'), {code: 0, out: scriptOf('fish', verbs)});
  },
);
