/** Real files, folders and modes: which value counts, what refuses to start, and in what words. */
import {execFileSync} from 'node:child_process';
import {chmod, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {describeConfig} from '../../../appliance/config/config.ts';
import {describeFault} from '../../../appliance/config/fault.ts';
import {isSettingName, settingNames} from '../../../appliance/config/settings.ts';
import {configOf, faultsOf, matchEach, placed, sentencesOf} from './place.ts';

t.test('with nothing written all defaults hold', async t => {
  const {root} = await placed(t, {});
  const config = await configOf({env: {PATH: '/usr/bin', HOME: '/root', EMPTY: undefined}, root});
  t.match(config, {
    production: null,
    settings: {
      ENV: 'development',
      DATA_DIR: join(root, 'var'),
      INBOX_DIR: join(root, 'var/inbox'),
      OUTPUT_DIR: join(root, 'var/dubs'),
      HOST: '127.0.0.1',
      PORT: 8700,
      PUBLIC_BASE_URL: null,
      DUB_FROM: null,
      DUB_TO: 'es',
      DUB_HLS: false,
      DUB_LOUDNESS: -16,
      JOBS_PER_DAY_PER_USER: null,
      NTFY_TOPIC: null,
      ALLOW_EGRESS: true,
    },
  });
  t.strictSame(Object.keys(config.settings).toSorted(), settingNames.toSorted());
  for (const name of settingNames) t.strictSame(config.origins[name], {is: 'default'}, name);
});

t.test('values have the types that the code counts on', async t => {
  const {settings} = await configOf(await placed(t, {}));
  const typed: {
    readonly port: number;
    readonly perDay: number | null;
    readonly hls: boolean;
    readonly env: 'development' | 'production';
    readonly loudnessLufs: -14 | -16 | -23;
    readonly address: string | null;
  } = {
    port: settings.PORT,
    perDay: settings.JOBS_PER_DAY_PER_USER,
    hls: settings.DUB_HLS,
    env: settings.ENV,
    loudnessLufs: settings.DUB_LOUDNESS,
    address: settings.PUBLIC_BASE_URL,
  };
  t.ok(typed);
  // @ts-expect-error a cap that may be unlimited cannot be counted against unseen
  const cap: number = settings.JOBS_PER_DAY_PER_USER;
  // @ts-expect-error a secret is no text until it is revealed
  const topic: string | null = settings.NTFY_TOPIC;
  t.strictSame([cap, topic], [null, null]);
});

t.test('the first source that has a name wins, one after another', async t => {
  const all = {
    env: {NTFY_TOPIC: 'from-environment'},
    credentials: {NTFY_TOPIC: 'from-credential\n'},
    secretsFile: 'NTFY_TOPIC=from-secrets\n',
  };
  const expected = [
    ['from-environment', {is: 'environment'}],
    ['from-credential', {is: 'credential', path: /credentials\/NTFY_TOPIC$/}],
    ['from-secrets', {is: 'file', path: /\/\.env\.secrets$/, line: 1}],
  ] as const;
  const places = [all, {...all, env: {}}, {secretsFile: all.secretsFile}];
  for (const [index, place] of places.entries()) {
    const {settings, origins} = await configOf(await placed(t, place));
    t.equal(settings.NTFY_TOPIC?.reveal(), expected[index]?.[0]);
    t.match(origins.NTFY_TOPIC, expected[index]?.[1]);
  }
  const sources = await placed(t, {plainFile: '\n\nPORT=8701\nHOST=::1', env: {PORT: '8702'}});
  const {settings, origins} = await configOf(sources);
  t.strictSame([settings.PORT, origins.PORT], [8702, {is: 'environment'}]);
  t.strictSame(
    [settings.HOST, origins.HOST],
    ['::1', {is: 'file', path: join(sources.root, 'dubstead.env'), line: 4}],
  );
});

t.test('an empty value is the default, and hides what stands after it', async t => {
  const sources = await placed(t, {
    env: {PORT: '', PUBLIC_BASE_URL: '', OUTPUT_DIR: ''},
    plainFile: 'PORT=1\nPUBLIC_BASE_URL=https://dub.example.org\nDUB_FROM=\nDATA_DIR=data\n',
  });
  const {settings, origins, production} = await configOf(sources);
  t.match(settings, {
    PORT: 8700,
    PUBLIC_BASE_URL: null,
    DUB_FROM: null,
    OUTPUT_DIR: join(sources.root, 'data/dubs'),
  });
  t.strictSame([origins.PORT, production], [{is: 'environment'}, null]);
});

t.test('relative paths start at the root, wherever the files are; both files may be elsewhere', async t => {
  const {root} = await placed(t, {});
  const folder = join(root, 'etc');
  await mkdir(folder);
  await writeFile(join(folder, 'dubstead.env'), 'DATA_DIR=data\nOUTPUT_DIR=/srv/dubs');
  await writeFile(join(folder, '.env.secrets'), 'NTFY_TOKEN=tk_abc', {mode: 0o640});
  const {settings} = await configOf({env: {}, root, folder});
  t.match(settings, {
    DATA_DIR: join(root, 'data'),
    INBOX_DIR: join(root, 'data/inbox'),
    OUTPUT_DIR: '/srv/dubs',
  });
  t.equal(settings.NTFY_TOKEN?.reveal(), 'tk_abc', 'a group may be let in by the admin');
});

t.test('files made on Windows are read', async t => {
  const {settings} = await configOf(await placed(t, {plainFile: '\u{feff}PORT=8701\r\nDUB_TO=de\r\n'}));
  t.match(settings, {PORT: 8701, DUB_TO: 'de'});
});

t.test('everything that is wrong is told at once, each with its place', async t => {
  const sources = await placed(t, {
    env: {
      PORT: 'http',
      JOB_ISOLATON: 'jail',
      DUBSTEAD_HOST: '::1',
      JOB_NAME: 'of Jenkins',
      LOG_LEVEL: 'loud\n\u{202e}',
    },
    plainFile: [
      ...['PROT=8700', 'JOBS_RUNNING = 2', 'DUB_HLS=yes', 'DUB_HLS=1', 'OFFLINE_MODE=on'],
      ...['NTFY_TOKEN=tk_CANARY', 'WHAT_IS_THIS=1', 'PORT=99999', 'DUB_TO=es', 'DUB_FROM=es'],
    ].join('\n'),
    secretsFile: 'NTFY_TOPIC=CANARY topic\nHOST=::1\nNTFY_TOPC=CANARY\nCANARY==\n',
    credentials: {NTFY_TOKEN: 'tk_CANARY\ntk_CANARY', TLS_KEY: 'CANARY', PORT: '1', DUB_KEY: 'CANARY'},
  });
  const sentences = await sentencesOf(sources);
  t.strictSame(sentences.toSorted(), [
    'A name (ROOT/.env.secrets:4) is no setting of Dubstead. Remove it; docs/configuration.md lists all there are.',
    'DUBSTEAD_HOST (environment) is no setting of Dubstead. Did you mean HOST? Correct it, or remove it.',
    'DUB_FROM and DUB_TO are both es: there is nothing to dub. Change one, or leave DUB_FROM empty.',
    'DUB_HLS (ROOT/dubstead.env:3) is "yes"; allowed is 0 (no) or 1 (yes).',
    'DUB_HLS stands in ROOT/dubstead.env twice, in lines 3 and 4. Remove one.',
    'DUB_KEY (credential ROOT/credentials/DUB_KEY) is no setting of Dubstead. Did you mean DUB_KEEP? Correct it, or remove it.',
    'HOST (ROOT/.env.secrets:2) is not secret. Move it to dubstead.env.',
    'JOB_ISOLATON (environment) is no setting of Dubstead. Did you mean JOB_ISOLATION? Correct it, or remove it.',
    'LOG_LEVEL (environment) is "loud\\u{a}\\u{202e}"; allowed is debug, info, warn, error or fatal.',
    'Line 1 of ROOT/.env.secrets has something after its value; put a value with spaces or quotes between quotes.',
    'Line 2 of ROOT/dubstead.env has a space before its =; take it away.',
    'NTFY_TOKEN (ROOT/dubstead.env:6) is secret. Move it to .env.secrets.',
    'NTFY_TOKEN (credential ROOT/credentials/NTFY_TOKEN) is not allowed as it is (its value is not shown); allowed is up to 512 printable characters without spaces.',
    'NTFY_TOPC (ROOT/.env.secrets:3) is no setting of Dubstead. Did you mean NTFY_TOPIC? Correct it, or remove it.',
    'OFFLINE_MODE (ROOT/dubstead.env:5) is "on"; allowed is 0 (no) or 1 (yes).',
    'PORT (ROOT/dubstead.env:8) is "99999"; allowed is a whole number from 0 to 65535.',
    'PORT (credential ROOT/credentials/PORT) is not secret. Move it to dubstead.env.',
    'PORT (environment) is "http"; allowed is a whole number from 0 to 65535.',
    'PROT (ROOT/dubstead.env:1) is no setting of Dubstead. Did you mean PORT? Correct it, or remove it.',
    'WHAT_IS_THIS (ROOT/dubstead.env:7) is no setting of Dubstead. Remove it; docs/configuration.md lists all there are.',
  ]);
  t.notMatch(JSON.stringify(await faultsOf(sources)), /CANARY/, 'not in the data either');
});

t.test('a long value is cut where it is told', async t => {
  const [sentence = ''] = await sentencesOf(await placed(t, {env: {LOG_LEVEL: 'x'.repeat(10_000)}}));
  t.match(sentence, /^LOG_LEVEL \(environment\) is "x{120}…"; allowed is /);
});

t.test('secrets that others can read refuse, and so do settings that others can change', async t => {
  const table: ReadonlyArray<
    readonly [name: '.env.secrets' | 'dubstead.env', modes: number[], open: number[]]
  > = [
    ['.env.secrets', [0o600, 0o400, 0o640, 0o440], [0o644, 0o604, 0o660, 0o602, 0o601, 0o666]],
    ['dubstead.env', [0o644, 0o600, 0o664, 0o444], [0o666, 0o646, 0o602]],
  ];
  for (const [name, modes, open] of table) {
    const sources = await placed(t, {secretsFile: 'NTFY_TOPIC=CANARY', plainFile: 'PORT=1'});
    const path = join(sources.root, name);
    for (const mode of modes) {
      await chmod(path, mode);
      t.strictSame(await faultsOf(sources), [], `${name} ${mode.toString(8)}`);
    }
    for (const mode of open) {
      await chmod(path, mode);
      const [sentence = '', ...others] = await sentencesOf(sources);
      t.strictSame(others, []);
      t.match(sentence, `by other users of this machine (mode 0${mode.toString(8)}). Run: chmod `);
      execFileSync('sh', ['-c', sentence.replaceAll('ROOT', sources.root).split('Run: ')[1] ?? 'false']);
      t.strictSame(await faultsOf(sources), [], 'and the command mends it');
    }
  }
});

t.test('the command that mends a mode works for any path', async t => {
  const {root} = await placed(t, {});
  const folder = join(root, "it's $(touch gone) `x`");
  await mkdir(folder);
  await writeFile(join(folder, '.env.secrets'), 'NTFY_TOPIC=x', {mode: 0o644});
  const [fault] = await faultsOf({env: {}, root, folder});
  if (fault === undefined) throw new Error('no fault');
  execFileSync('sh', ['-c', describeFault(fault).split('Run: ')[1] ?? 'false'], {cwd: root});
  t.strictSame(await faultsOf({env: {}, root, folder}), []);
});

/** Does it as a user who may read nothing of ours, when we are root, who may read everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

t.test('secrets that may not be read stop the daemon; a command that asks it does without', async t => {
  const sources = await placed(t, {
    secretsFile: 'NTFY_TOPIC=x',
    plainFile: 'PORT=8701\nNOTIFY_ON_JOB_DONE=1\nNTFY_BASE_URL=https://ntfy.example.org',
    env: {NTFY_TOKEN: 'tk_abc'},
  });
  const path = join(sources.root, '.env.secrets');
  await chmod(path, 0o000);
  const refused = await asNobody(() => sentencesOf(sources));
  t.strictSame(refused, ['ROOT/.env.secrets cannot be read: permission denied. Mend that, or move it away.']);
  const config = await asNobody(() => configOf({...sources, secrets: 'if-readable'}));
  t.match(config.settings, {PORT: 8701, NTFY_TOPIC: null});
  t.strictSame(config.origins.NTFY_TOPIC, {is: 'withheld', path});
  t.strictSame(config.origins.NTFY_TOKEN, {is: 'environment'}, 'what it was given it has');
  const rows = new Map(describeConfig(config).map(row => [row.name, row]));
  t.match(rows.get('NTFY_TOPIC'), {
    value: 'not readable',
    from: `${path}, which you may not read`,
    isDefault: false,
  });
  t.match(rows.get('NTFY_TOKEN'), {value: 'set', from: 'environment'});

  const folder = join(sources.root, 'credentials');
  await mkdir(folder, {mode: 0o700});
  await rm(path);
  await chmod(folder, 0o000);
  const hidden = {...sources, credentialsFolder: folder};
  matchEach(t, await asNobody(() => sentencesOf(hidden)), [
    'ROOT/credentials cannot be read: permission denied. Mend that, or move it away.',
  ]);
  const without = await asNobody(() => configOf({...hidden, secrets: 'if-readable'}));
  t.strictSame(without.origins.NTFY_TOPIC, {is: 'withheld', path: folder});
  await chmod(folder, 0o755);
});

t.test('settings that may not be read stop everybody', async t => {
  const sources = await placed(t, {plainFile: 'PORT=1'});
  await chmod(join(sources.root, 'dubstead.env'), 0o000);
  for (const secrets of ['needed', 'if-readable'] as const) {
    const sentences = await asNobody(() => sentencesOf({...sources, secrets}));
    matchEach(t, sentences, [
      'ROOT/dubstead.env cannot be read: permission denied. Mend that, or move it away.',
    ]);
  }
});

t.test('what is no small text file is refused, and nothing is waited for', async t => {
  const makes: Readonly<Record<string, (path: string) => unknown>> = {
    'it is no regular file': path => mkdir(path),
    'it is no regular file ': path => execFileSync('mkfifo', ['-m', '600', path]),
    'it is a link that leads nowhere': path => symlink('/nonexistent/env', path),
    'it is over 64 KiB': path => writeFile(path, '#'.repeat(64 * 1024 + 1), {mode: 0o600}),
    'it is not text in UTF-8': path => writeFile(path, Buffer.from([0x23, 0xff, 0xfe]), {mode: 0o600}),
    'too many symbolic links encountered': path => symlink(path, path),
  };
  for (const name of ['dubstead.env', '.env.secrets']) {
    for (const [detail, make] of Object.entries(makes)) {
      const sources = await placed(t, {});
      await make(join(sources.root, name));
      t.strictSame(await sentencesOf(sources), [
        `ROOT/${name} cannot be read: ${detail.trim()}. Mend that, or move it away.`,
      ]);
    }
  }
  const sources = await placed(t, {credentials: {}});
  await mkdir(join(sources.root, 'credentials/NTFY_TOPIC'));
  matchEach(t, await sentencesOf(sources), [/credentials\/NTFY_TOPIC cannot be read: it is no regular file/]);
});

t.test('a link to a file is followed', async t => {
  const sources = await placed(t, {});
  await writeFile(join(sources.root, 'elsewhere'), 'PORT=8702');
  await symlink('elsewhere', join(sources.root, 'dubstead.env'));
  t.equal((await configOf(sources)).settings.PORT, 8702);
});

t.test('folders that are named and not there are refused; systemd names none when it has none', async t => {
  const {root} = await placed(t, {plainFile: 'PORT=1'});
  const gone = join(root, 'gone');
  matchEach(t, await faultsOf({env: {}, root, folder: gone}), [
    {is: 'unreadable', path: gone, detail: 'it is no folder'},
  ]);
  matchEach(t, await faultsOf({env: {}, root, folder: join(root, 'dubstead.env')}), [{is: 'unreadable'}]);
  matchEach(t, await faultsOf({env: {}, root, credentialsFolder: gone}), [
    {is: 'unreadable', path: gone, detail: 'no such file or directory'},
  ]);
  t.strictSame(await faultsOf({env: {}, root, credentialsFolder: undefined, folder: undefined}), []);
  t.strictSame(await faultsOf({env: {}, root, credentialsFolder: ''}), []);
});

t.test('a copy of the example under its half name is not passed over', async t => {
  const sources = await placed(t, {env: {NOTIFY_ON_JOB_DONE: '1'}});
  await writeFile(join(sources.root, '.env.public'), 'PORT=1');
  t.strictSame(await sentencesOf(sources), [
    'ROOT/.env.public is not read. Rename it to dubstead.env, or move it away.',
  ]);
});

t.test('the description shows every setting and where it is from, and no secret', async t => {
  const sources = await placed(t, {
    env: {OUTPUT_DIR: 'dubs', NTFY_TOKEN: 'tk_CANARY'},
    plainFile: 'JOBS_PER_DAY_PER_USER=unlimited\nDUB_HLS=1\nDUB_TO=Spanish\n',
    secretsFile: '# the topic\nNTFY_TOPIC=CANARY\n',
  });
  const config = await configOf(sources);
  const rows = describeConfig(config);
  t.strictSame(
    rows.map(({name}) => name),
    settingNames,
  );
  const at = (name: string) => rows.find(row => row.name === name);
  const {root} = sources;
  t.strictSame(at('NTFY_TOPIC'), {
    ...{name: 'NTFY_TOPIC', group: 'Push', value: 'set', from: `${root}/.env.secrets:2`, isDefault: false},
  });
  t.match(at('NTFY_TOKEN'), {value: 'set', from: 'environment'});
  t.match(at('OUTPUT_DIR'), {value: join(root, 'dubs'), from: 'environment', group: 'Inbox'});
  t.match(at('INBOX_DIR'), {value: join(root, 'var/inbox'), from: 'default', isDefault: true});
  t.match(at('JOBS_PER_DAY_PER_USER'), {value: 'unlimited', from: `${root}/dubstead.env:1`});
  t.match(at('DUB_HLS'), {value: '1', from: `${root}/dubstead.env:2`});
  t.match(at('DUB_TO'), {value: 'es'});
  t.match(at('PUBLIC_BASE_URL'), {value: 'not set', from: 'default'});
  t.notMatch(JSON.stringify([rows, config]), /CANARY/);
  t.match(
    describeConfig(await configOf(await placed(t, {}))).find(({name}) => name === 'NTFY_TOPIC'),
    {value: 'not set'},
  );
});

t.test('what the description shows can be written into the files, and gives the same again', async t => {
  const first = await placed(t, {
    env: {DUB_FROM: 'en', JOB_MEMORY_MB: 'unlimited', SWEEP_HOURS: '0.5', PORT: '0'},
  });
  const shown = describeConfig(await configOf(first)).filter(({value}) => value !== 'not set');
  const again = await placed(t, {plainFile: shown.map(({name, value}) => `${name}='${value}'`).join('\n')});
  const rows = describeConfig(await configOf(again)).filter(({value}) => value !== 'not set');
  t.strictSame(
    rows.map(({name, value}) => [name, value]),
    shown.map(({name, value}) => [name, value]),
  );
});

t.test('no name from outside becomes part of an object', async t => {
  const env = JSON.parse('{"__proto__": "1", "constructor": "1", "toString": "1"}');
  const sources = await placed(t, {env, plainFile: '__proto__=1\nconstructor=1\n'});
  matchEach(t, await faultsOf(sources), [
    {is: 'unknown', name: '__proto__', nearest: null},
    {is: 'unknown', name: 'constructor', nearest: null},
  ]);
  t.notOk(isSettingName('__proto__'));
});
