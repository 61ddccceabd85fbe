/** What settings must be to one another, what production refuses, and where folders may lie. */
import {mkdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {realFolder} from '../../../appliance/config/folders.ts';
import {weakSecrets} from '../../../appliance/config/rules.ts';
import type {Sources} from '../../../appliance/config/sources.ts';
import {configOf, faultsOf, matchEach, placed, scratch, sentencesOf} from './place.ts';

t.test('what one setting needs of another is asked for', async t => {
  const needed = async (env: Sources['env']): Promise<readonly string[]> =>
    sentencesOf(await placed(t, {env}));
  t.strictSame(await needed({NOTIFY_ON_JOB_DONE: '1', ENABLE_CONTAINER_WORKER: '1'}), [
    'NTFY_BASE_URL is not set, and NOTIFY_ON_JOB_DONE=1 needs it. Set it, or set NOTIFY_ON_JOB_DONE=0.',
    'NTFY_TOPIC is not set, and NOTIFY_ON_JOB_DONE=1 needs it. Set it, or set NOTIFY_ON_JOB_DONE=0.',
    'CONTAINER_IMAGE is not set, and ENABLE_CONTAINER_WORKER=1 needs it. Set it, or set ENABLE_CONTAINER_WORKER=0.',
  ]);
  const push = {NOTIFY_ON_JOB_DONE: '1', NTFY_BASE_URL: 'http://127.0.0.1:1', NTFY_TOPIC: 'dubs'};
  t.strictSame(await needed({...push, ENABLE_CONTAINER_WORKER: '1', CONTAINER_IMAGE: 'dubstead:1'}), []);
  matchEach(
    t,
    await needed({...push, NTFY_TOPIC: 'a b'}),
    [/^NTFY_TOPIC \(environment\) is not allowed/],
    'told once',
  );
  matchEach(
    t,
    await needed({...push, NTFY_TOPIC: undefined, NTFY_TOPICS: 'x'}),
    [/Did you mean NTFY_TOPIC\?/],
    'told once',
  );
  const torn = await placed(t, {env: {...push, NTFY_TOPIC: undefined}, secretsFile: 'NTFY_TOPIC = x'});
  matchEach(t, await sentencesOf(torn), [/^Line 1 of/], 'what is missing may stand in the bad line');
});

/** Good for production, and not to be found anywhere else. */
const [strong, alsoStrong] = ['q7Zr2mXw9Kd4Tn8V', 'tk_4hGq0bPz7LsWc1XyRk8e'] as const;

const pages = {CORS_ORIGINS: 'https://dub.example.org'};
const access = {
  CLOUDFLARE_ISSUER: 'https://team.cloudflareaccess.com',
  CLOUDFLARE_AUDIENCE: 'f'.repeat(64),
};

t.test('production is what is reached from outside, and refuses what is weak there', async t => {
  const reasons: ReadonlyArray<readonly [env: Sources['env'], reason: string]> = [
    [{ENV: 'production', ...pages}, 'ENV=production'],
    [{REMOTE_ACCESS_MODE: 'tailscale', ...pages}, 'REMOTE_ACCESS_MODE=tailscale'],
    [{REMOTE_ACCESS_MODE: 'cloudflare', ...pages, ...access}, 'REMOTE_ACCESS_MODE=cloudflare'],
    [{PUBLIC_BASE_URL: 'https://dub.example.org'}, 'PUBLIC_BASE_URL is set'],
  ];
  const weak = {JOB_ISOLATION: 'none', NTFY_TOPIC: 'changeme', NTFY_TOKEN: 'tk_short'};
  t.strictSame(await faultsOf(await placed(t, {env: weak})), [], 'elsewhere it is left to you');
  for (const [env, reason] of reasons) {
    t.equal((await configOf(await placed(t, {env}))).production, reason);
    t.strictSame(await sentencesOf(await placed(t, {env: {...env, ...weak}})), [
      `JOB_ISOLATION (environment) is none, which production refuses (${reason}). Set it to jail or rlimits.`,
      `NTFY_TOPIC (environment) is one that anybody would try first, which production refuses (${reason}). Make a new one: openssl rand -hex 20`,
      `NTFY_TOKEN (environment) is too short, which production refuses (${reason}). Make a new one: openssl rand -hex 20`,
    ]);
    const mended = {...env, JOB_ISOLATION: 'rlimits', NTFY_TOPIC: strong, NTFY_TOKEN: alsoStrong};
    t.strictSame(await faultsOf(await placed(t, {env: mended})), []);
  }
});

t.test(
  'production says which pages may ask; Cloudflare Access needs its team and its application',
  async t => {
    matchEach(t, await sentencesOf(await placed(t, {env: {ENV: 'production'}})), [
      /^CORS_ORIGINS is not set, and ENV=production wants it: set it, or PUBLIC_BASE_URL\.$/,
    ]);
    matchEach(t, await sentencesOf(await placed(t, {env: {ENV: 'production', CORS_ORIGINS: '*'}})), [
      /^CORS_ORIGINS .*never \*/,
    ]);
    matchEach(t, await sentencesOf(await placed(t, {env: {REMOTE_ACCESS_MODE: 'cloudflare', ...pages}})), [
      /^CLOUDFLARE_ISSUER is not set, and REMOTE_ACCESS_MODE=cloudflare wants it: set it\.$/,
      /^CLOUDFLARE_AUDIENCE is not set/,
    ]);
  },
);

t.test('a weak secret is known by its words, its length, its repetition, or its twin', async t => {
  const table: Readonly<Record<string, unknown>> = {
    changeme: 'common',
    'change-me-please-2026': 'common',
    Your_Secret_Token_Here: 'common',
    'dubstead-ntfy-topic-1': 'common',
    PasswordPassword: 'common',
    q7Zr2mXw9Kd4Tn8: 'short',
    dubs4711x: 'short',
    aaaaaaaaaaaaaaaaaaaaaaaa: 'repetitive',
    abaabbbaababbabaab: 'repetitive',
    abcdefabcdefabcdef: 'repetitive',
    q7Zr2mXwq7Zr2mXwq7Zr2mXw: 'repetitive',
    [strong]: null,
    [alsoStrong]: null,
    ba7816bf8f01cfea414140de5dae2223b00361a3: null,
    'dubstead-q7Zr2mXw9': null,
  };
  for (const [text, weakness] of Object.entries(table)) {
    const {settings} = await configOf(await placed(t, {env: {NTFY_TOPIC: text}}));
    t.strictSame(weakSecrets(settings), weakness === null ? [] : [{name: 'NTFY_TOPIC', weakness}], text);
  }
  const twins = {ENV: 'production', ...pages, NTFY_TOPIC: strong, NTFY_TOKEN: strong};
  const sentences = await sentencesOf(await placed(t, {env: twins}));
  matchEach(t, sentences, [
    /^NTFY_TOPIC .* is the same as NTFY_TOKEN,/,
    /^NTFY_TOKEN .* is the same as NTFY_TOPIC,/,
  ]);
  t.notMatch(sentences.join(), strong);
});

t.test('folders that would feed on each other are refused', async t => {
  const refusals: ReadonlyArray<readonly [env: Readonly<Record<string, string>>, ...faults: RegExp[]]> = [
    [{INBOX_DIR: '/srv/films', OUTPUT_DIR: '/srv/films'}, /^OUTPUT_DIR .* in INBOX_DIR .*dubbed again/],
    [{INBOX_DIR: '/srv/films', OUTPUT_DIR: '/srv/films/done'}, /^OUTPUT_DIR .* in INBOX_DIR/],
    [{INBOX_DIR: '/srv/films', OUTPUT_DIR: '/srv/x/../films/'}, /^OUTPUT_DIR .* in INBOX_DIR/],
    [{OUTPUT_DIR: 'var/inbox/dubs'}, /^OUTPUT_DIR .* in INBOX_DIR/],
    [{INBOX_DIR: 'var/dubs'}, /^OUTPUT_DIR \(ROOT\/var\/dubs, default\) .* in INBOX_DIR/],
    [{INBOX_DIR: 'var'}, /^DATA_DIR .* in INBOX_DIR .*taken for films/],
    [{INBOX_DIR: '.'}, /^DATA_DIR .* in INBOX_DIR/],
    [{INBOX_DIR: '.', OUTPUT_DIR: 'dubs'}, /^DATA_DIR .* in INBOX_DIR/, /^OUTPUT_DIR .* in INBOX_DIR/],
    [{INBOX_DIR: 'var/jobs/x'}, /^INBOX_DIR .* in jobs of DATA_DIR \(ROOT\/var\/jobs\)/],
    [{OUTPUT_DIR: 'var/state'}, /^OUTPUT_DIR .* in state of DATA_DIR/],
    [{OUTPUT_DIR: 'var'}, /^OUTPUT_DIR .* in DATA_DIR/],
  ];
  for (const [env, ...faults] of refusals) {
    const sentences = await sentencesOf(await placed(t, {env}));
    matchEach(t, sentences, faults, JSON.stringify(env));
  }
  const welcome: readonly Readonly<Record<string, string>>[] = [
    {INBOX_DIR: '/srv/films', OUTPUT_DIR: '/srv/films-dubbed'},
    {INBOX_DIR: '/srv/films/inbox', OUTPUT_DIR: '/srv/films'},
    {DATA_DIR: '/srv/films/.dubstead', OUTPUT_DIR: '/srv/films', INBOX_DIR: '/srv/inbox'},
    {INBOX_DIR: 'var/jobs-to-come', OUTPUT_DIR: 'var/x/state'},
  ];
  for (const env of welcome) t.strictSame(await sentencesOf(await placed(t, {env})), [], JSON.stringify(env));
});

t.test('folders of films hold nothing of the box, and lie in none of its own', async t => {
  const sources = await placed(t, {});
  await symlink(join(sources.root, 'var'), join(sources.root, 'alias'));
  const table: ReadonlyArray<readonly [MEDIA_DIRS: string, ...faults: RegExp[]]> = [
    ['ROOT/films, /srv/more films'],
    ['ROOT', /^DATA_DIR .* in MEDIA_DIRS \(ROOT\)/],
    ['ROOT/films,ROOT/var/inbox/x', /^MEDIA_DIRS .* in DATA_DIR/],
    ['ROOT/alias/jobs', /^MEDIA_DIRS .* in DATA_DIR/],
    ['ROOT/in', /^INBOX_DIR .* in MEDIA_DIRS/],
    ['films', /^MEDIA_DIRS .* allowed is up to 100/],
    ['/srv/a,,/srv/b', /^MEDIA_DIRS .* allowed is up to 100/],
    ['/srv/a,/', /^MEDIA_DIRS .* allowed is up to 100/],
  ];
  for (const [dirs, ...faults] of table) {
    const env = {
      ...{MEDIA_DIRS: dirs.replaceAll('ROOT', sources.root)},
      ...(dirs === 'ROOT/in' && {INBOX_DIR: 'in/box'}),
    };
    const sentences = (await sentencesOf({...sources, env})).map(text =>
      text.replaceAll(sources.root, 'ROOT'),
    );
    matchEach(t, sentences, faults, dirs);
  }
  const {settings} = await configOf({...sources, env: {MEDIA_DIRS: '/srv/b/../a, /srv/a,/srv/c d'}});
  t.strictSame(settings.MEDIA_DIRS, ['/srv/a', '/srv/c d']);
});

t.test('links do not hide that a folder lies in another', async t => {
  const sources = await placed(t, {});
  const {root} = sources;
  await mkdir(join(root, 'inbox/deep'), {recursive: true});
  await symlink(join(root, 'inbox'), join(root, 'alias'));
  await symlink('inbox/to-come', join(root, 'promise'));
  await symlink('../inbox', join(root, 'inbox/up'));
  await mkdir(join(root, 'other'));
  await symlink('../alias/deep', join(root, 'other/way'));
  for (const output of [
    'alias',
    'alias/new/newer',
    'promise',
    'promise/x',
    'inbox/up/y',
    'other/way',
    'other/way/z',
  ]) {
    for (const [INBOX_DIR, OUTPUT_DIR] of [
      ['inbox', output],
      ['alias', output],
    ]) {
      const faults = await faultsOf({...sources, env: {INBOX_DIR, OUTPUT_DIR}});
      matchEach(t, faults, [{is: 'inside', name: 'OUTPUT_DIR'}], `${OUTPUT_DIR} in ${INBOX_DIR}`);
    }
  }
  t.strictSame(await faultsOf({...sources, env: {INBOX_DIR: 'inbox', OUTPUT_DIR: 'other/place'}}), []);
});

t.test('a folder is found through links to what is and to what is to come, and loops end', async t => {
  const root = await realFolder(await scratch(t));
  await mkdir(join(root, 'a/b'), {recursive: true});
  await symlink('a/b', join(root, 'there'));
  await symlink('../z', join(root, 'a/b/out'));
  await symlink('a/c/d', join(root, 'to-come'));
  await symlink('to-come/e', join(root, 'chain'));
  await symlink('loop', join(root, 'loop'));
  await symlink('nest/x', join(root, 'nest'));
  const table = {
    'a/b': 'a/b',
    there: 'a/b',
    'there/x/y': 'a/b/x/y',
    'there/out': 'a/z',
    'to-come': 'a/c/d',
    'to-come/x': 'a/c/d/x',
    chain: 'a/c/d/e',
    nowhere: 'nowhere',
    loop: 'loop',
    'loop/x': 'loop/x',
  };
  for (const [path, real] of Object.entries(table))
    t.equal(await realFolder(join(root, path)), join(root, real), path);
  t.match(await realFolder(join(root, 'nest')), root, 'it ends');
  t.equal(await realFolder('/'), '/');
});

t.test('a data folder whose control socket would have too long a path is refused', async t => {
  const sources = await placed(t, {});
  const ofLength = (bytes: number): string =>
    `/srv/${'é'.repeat(40)}`.padEnd(bytes - 40 - '/run/control.sock'.length, 'x');
  t.strictSame(await faultsOf({...sources, env: {DATA_DIR: ofLength(107)}}), []);
  t.strictSame(await sentencesOf({...sources, env: {DATA_DIR: ofLength(108)}}), [
    'DATA_DIR (environment) is too long: the path of the control socket in it has 108 bytes, and the system takes 107. Choose a shorter path.',
  ]);
});
