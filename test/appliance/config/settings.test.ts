/** The table of settings: what each takes and refuses, that its defaults hold, and that it can be read by people. */
import {inspect} from 'node:util';
import t from 'tap';
import {Secret} from '../../../appliance/config/secret.ts';
import {
  isSettingName,
  type SettingName,
  settingGroups,
  settingNames,
  settingOf,
} from '../../../appliance/config/settings.ts';

const refusal = Symbol('refused');

/** What a text is read as. */
function read(name: SettingName, text: string): unknown {
  const {kind} = settingOf(name);
  const parsed = kind.schema.safeParse(text);
  return parsed.success ? kind.placed(parsed.data, '/srv/dubstead') : refusal;
}

type Row = readonly [
  names: readonly SettingName[],
  taken: Readonly<Record<string, unknown>>,
  refused: string[],
];

const wordsOfNumbers = [
  '',
  ' 1',
  '1 ',
  '01',
  '+1',
  '1e1',
  '0x1',
  '1.',
  '.1',
  'NaN',
  'Infinity',
  '1_0',
  '٣',
  '1\n',
];
const digest = 'a'.repeat(64);

const table: readonly Row[] = [
  [
    ['ENV'],
    {development: 'development', production: 'production'},
    ['', 'prod', 'Production', 'production '],
  ],
  [
    ['DATA_DIR', 'INBOX_DIR', 'OUTPUT_DIR'],
    {
      '/var/lib/dubstead': '/var/lib/dubstead',
      '/srv/../srv//x/': '/srv/x',
      var: '/srv/dubstead/var',
      './var/../data': '/srv/dubstead/data',
      '../x': '/srv/x',
      '/srv/My films/映画': '/srv/My films/映画',
      x: '/srv/dubstead/x',
    },
    [
      '',
      '/',
      '//',
      '/srv/..',
      '~',
      '~/x',
      '~me/x',
      ' /x',
      '/x ',
      '/x\ny',
      '/x\0',
      '/\x1b[2J',
      `/${'x'.repeat(4000)}`,
    ],
  ],
  [
    ['HOST'],
    {'127.0.0.1': '127.0.0.1', '0.0.0.0': '0.0.0.0', '::1': '::1', '::': '::', localhost: 'localhost'},
    [
      '',
      '127.0.0',
      '256.0.0.1',
      '[::1]',
      'box.local',
      'example.org',
      '127.0.0.1:8700',
      '*',
      '127.1',
      '0x7f.0.0.1',
    ],
  ],
  [
    ['PORT'],
    {0: 0, 1: 1, 8700: 8700, 65535: 65_535},
    ['-1', '65536', '99999999999', 'http', ...wordsOfNumbers],
  ],
  [
    ['CORS_ORIGINS'],
    {
      'https://a.example': ['https://a.example'],
      'http://192.168.1.5:8700 ,https://A.example/': ['http://192.168.1.5:8700', 'https://a.example'],
    },
    [
      '',
      '*',
      'https://*.example',
      'a.example',
      'https://a.example/path',
      'https://a.example,',
      'https://a b',
      'file:///x',
    ],
  ],
  [
    ['TRUSTED_PROXY_SUBNETS'],
    {
      '127.0.0.1': ['127.0.0.1'],
      '10.0.0.0/24, fd00::/64': ['10.0.0.0/24', 'fd00::/64'],
      '::1/128': ['::1/128'],
    },
    [
      '',
      '*',
      '10.0.0.0/33',
      '10.0.0.0/0',
      '10.0.0/8',
      'fd00::/129',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      'localhost',
      '1.2.3.4,',
    ],
  ],
  [
    ['CLOUDFLARE_ISSUER'],
    {'https://team.cloudflareaccess.com/': 'https://team.cloudflareaccess.com'},
    ['', 'http://team.cloudflareaccess.com', 'team', 'https://team.cloudflareaccess.com/x'],
  ],
  [
    ['CLOUDFLARE_AUDIENCE'],
    {['a1'.repeat(32)]: 'a1'.repeat(32)},
    ['', 'short', 'a b c d e f g h i j', 'x'.repeat(129)],
  ],
  [
    ['PUBLIC_BASE_URL'],
    {
      'https://dub.example.org': 'https://dub.example.org',
      'https://dub.example.org/': 'https://dub.example.org',
      'https://DUB.example.org:8443': 'https://dub.example.org:8443',
      'https://dub.example.org:443': 'https://dub.example.org',
      'https://[fd7a::1]:8700': 'https://[fd7a::1]:8700',
    },
    [
      ...[
        '',
        'dub.example.org',
        'http://dub.example.org',
        'ftp://dub.example.org',
        'https:dub.example.org',
        'https://',
      ],
      ...['https://me@dub.example.org', 'https://me:pass@dub.example.org', 'https://:pass@dub.example.org'],
      ...['https://dub.example.org/dub', 'https://dub.example.org/?a=1', 'https://dub.example.org/#a'],
      ...[
        'https://dub.example.org:99999',
        ' https://dub.example.org',
        'https://dub.example.org\n',
        'https://a b.org',
      ],
      ...[
        'https:\\\\dub.example.org',
        'javascript://x',
        'https://dub\u{200b}.example.org',
        `https://${'a'.repeat(300)}.org`,
      ],
    ],
  ],
  [
    ['NTFY_BASE_URL'],
    {
      'http://192.168.1.5:2586': 'http://192.168.1.5:2586',
      'https://ntfy.example.org': 'https://ntfy.example.org',
    },
    [
      '',
      'ntfy.example.org',
      'https://ntfy.example.org/topic',
      'https://tk_a@ntfy.example.org',
      'file:///etc',
    ],
  ],
  [
    ['REMOTE_ACCESS_MODE'],
    {off: 'off', tailscale: 'tailscale', cloudflare: 'cloudflare'},
    ['', 'on', '0', 'OFF', 'tailscale,cloudflare'],
  ],
  [
    ['SOCKET_GROUP'],
    {dubstead: 'dubstead', _dub: '_dub', 'media.users-1': 'media.users-1'},
    ['', '1000', 'a b', 'a:b', '-a', 'x'.repeat(33), 'a\n'],
  ],
  [
    ['INBOX_OWNER'],
    {home: 'home', a: 'a', 'anna-1': 'anna-1', ['x'.repeat(32)]: 'x'.repeat(32)},
    ['', 'Home', '.home', 'a/b', '..', 'a-', '-a', 'x'.repeat(33), 'a b'],
  ],
  [['INBOX_POLLING'], {auto: 'auto', 1: '1', 0: '0'}, ['', 'yes', 'true', '2']],
  [
    ['INBOX_STABLE_SECONDS'],
    {0.1: 0.1, 5: 5, '2.5': 2.5, '0.125': 0.125, 3600: 3600},
    ['0', '0.05', '3601', '-1', '5s', '1,5', '1.2345', ...wordsOfNumbers],
  ],
  [
    ['INBOX_RESCAN_SECONDS'],
    {5: 5, 300: 300, 86400: 86_400},
    ['4', '86401', '5.5', 'unlimited', ...wordsOfNumbers],
  ],
  [
    ['MAX_UPLOAD_MB'],
    {'1': 1, '10000000': 10_000_000, unlimited: null},
    [...wordsOfNumbers, '0', '10000001', '-1', 'Unlimited'],
  ],
  [
    ['MAX_UPLOAD_MB_PER_USER'],
    {'1': 1, '100000000': 100_000_000, unlimited: null},
    [...wordsOfNumbers, '0', '100000001'],
  ],
  [['MAX_UPLOADS_INFLIGHT_PER_USER'], {'1': 1, '100': 100}, [...wordsOfNumbers, '0', '101', 'unlimited']],
  [['UPLOADS_EXPIRE_HOURS'], {'1': 1, '8760': 8760}, [...wordsOfNumbers, '0', '8761', 'unlimited']],
  [['INBOX_DONE'], {keep: 'keep', delete: 'delete'}, ['', 'Keep', 'move']],
  [
    ['DUB_TO', 'DUB_FROM'],
    {es: 'es', spa: 'es', 'es-419': 'es', Spanish: 'es', español: 'es', ja: 'ja', jp: 'ja'},
    ['', 'xx', 'Klingon', 'e', 'auto'],
  ],
  [['DUB_PRESET'], {fast: 'fast', balanced: 'balanced', best: 'best'}, ['', 'good', 'FAST']],
  [
    ['DUB_LOUDNESS'],
    {'-14': -14, '-16': -16, '-23': -23},
    ['', '16', '−16', '-16.0', '-24', ' -16', 'toString'],
  ],
  [['DUB_KEEP'], {lines: 'lines', work: 'work'}, ['', 'all', 'Work']],
  [
    [
      ...(['DUB_HLS', 'ENABLE_CONTAINER_WORKER', 'NOTIFY_ON_JOB_DONE', 'NOTIFY_TITLES'] as const),
      ...(['OFFLINE_MODE', 'ALLOW_EGRESS', 'LOG_TRANSCRIPTS', 'ENABLE_QR_LOGIN'] as const),
      ...(['ENABLE_HARD_DELETE', 'ENABLE_IMPORTS', 'SEARCH_TRANSCRIPTS'] as const),
    ],
    {0: false, 1: true},
    ['', 'true', 'false', 'yes', 'no', 'on', 'off', '2', '-1', '00', ' 1', '1\n'],
  ],
  [
    [
      ...([
        'MAX_VIDEO_MIN',
        'JOBS_RUNNING_PER_USER',
        'JOBS_QUEUED_PER_USER',
        'JOBS_PER_DAY_PER_USER',
        'DISK_PER_USER_GB',
      ] as const),
      ...(['JOB_PROCESSORS', 'JOB_HOURS_MAX', 'STAGE_MINUTES_MAX', 'UPLOADS_KEEP_DAYS'] as const),
      ...(['INTERMEDIATES_KEEP_DAYS', 'OUTPUTS_KEEP_DAYS', 'LOGS_KEEP_DAYS'] as const),
    ],
    {1: 1, 64: 64, unlimited: null},
    ['0', '-1', '1.5', '9999999999', 'none', 'Unlimited', 'infinity', ...wordsOfNumbers],
  ],
  [
    ['JOB_MEMORY_MB'],
    {256: 256, 4096: 4096, unlimited: null},
    ['0', '255', '4G', '4096MB', ...wordsOfNumbers],
  ],
  [
    ['MEDIA_DIRS'],
    {'/films': ['/films'], '/films, /more films/': ['/films', '/more films']},
    ['', '/', '/films,', '~/films', '/films,/', '/fi\nlms'],
  ],
  [['TRASH_KEEP_DAYS'], {0: 0, 7: 7, unlimited: null}, ['-1', '1.5', 'none', ...wordsOfNumbers]],
  [['JOBS_RUNNING'], {1: 1, 64: 64}, ['0', '65', 'unlimited', ...wordsOfNumbers]],
  [['DISK_FREE_MIN_GB'], {0: 0, 5: 5, '0.5': 0.5}, ['-1', 'unlimited', '5GB', '5%', ...wordsOfNumbers]],
  [['JOB_ISOLATION'], {jail: 'jail', rlimits: 'rlimits', none: 'none'}, ['', '0', 'off', 'bwrap']],
  [['JOB_HEARTBEAT_SECONDS'], {15: 15, 60: 60}, ['5', '14', '3601', 'unlimited', ...wordsOfNumbers]],
  [['JOB_NICE'], {0: 0, 10: 10, 19: 19}, ['-1', '20', ...wordsOfNumbers]],
  [
    ['CONTAINER_ENGINE'],
    {podman: 'podman', docker: 'docker'},
    ['', '/usr/bin/podman', 'podman --privileged'],
  ],
  [
    ['CONTAINER_IMAGE'],
    Object.fromEntries(
      [
        'dubstead',
        'dubstead:1.2',
        'localhost:5000/a/dub_stead:Latest',
        `ghcr.io/a/dubstead@sha256:${digest}`,
      ].map(image => [image, image]),
    ),
    [
      '',
      '-v',
      '--privileged',
      'a b',
      'a:b c',
      'dubstead;id',
      'dubstead@sha256:abc',
      'A/b',
      '/a',
      'a\n',
      'x'.repeat(513),
    ],
  ],
  [['SWEEP_HOURS'], {24: 24, '0.5': 0.5}, ['0', '721', 'unlimited', ...wordsOfNumbers]],
  [['LOG_LEVEL'], {debug: 'debug', info: 'info', fatal: 'fatal'}, ['', 'INFO', 'silent', 'verbose', '30']],
];

const secrets: ReadonlyArray<
  readonly [name: SettingName, taken: readonly string[], refused: readonly string[]]
> = [
  ['NTFY_TOPIC', ['x', 'dubs-3fA_9', 'x'.repeat(64)], ['', 'x'.repeat(65), 'a/b', 'a b', 'a\n', 'ñ', 'a.b']],
  [
    'NTFY_TOKEN',
    ['tk_abc', '!"#$%&\'~', 'x'.repeat(512)],
    ['', 'a b', 'a\n', 'a\r\nX: y', 'ñ', '\0', 'x'.repeat(513)],
  ],
];

t.test('each setting takes what it should and refuses all else', async t => {
  for (const [names, taken, refused] of table) {
    for (const name of names) {
      for (const [text, value] of Object.entries(taken)) t.same(read(name, text), value, `${name}=${text}`);
      for (const text of refused)
        t.equal(read(name, text), refusal, `${name}=${JSON.stringify(text).slice(0, 60)}`);
    }
  }
  const told = [...table.flatMap(([names]) => names), ...secrets.map(([name]) => name)];
  t.strictSame(told.toSorted(), settingNames.toSorted(), 'this table leaves none out');
});

t.test('a secret is kept whole, shown to nobody, and no part of what is refused is told', async t => {
  for (const [name, taken, refused] of secrets) {
    for (const text of taken) {
      const value = read(name, text);
      if (!(value instanceof Secret)) throw new Error(`${name} is no Secret`);
      t.equal(value.reveal(), text);
      const shapes = [
        String(value),
        `${value}`,
        JSON.stringify({value}),
        inspect({value}),
        inspect(value, {showHidden: true}),
      ];
      for (const shape of shapes) t.match(shape, /\[secret\]/);
      t.strictSame(Object.keys(value), []);
    }
    for (const text of [...refused, ...taken]) {
      if (refused.includes(text))
        t.equal(read(name, text), refusal, `${name}=${JSON.stringify(text).slice(0, 40)}`);
      t.equal(settingOf(name).kind.shown(text), null);
    }
  }
  t.strictSame(
    settingNames.filter(name => settingOf(name).isSecret),
    secrets.map(([name]) => name),
  );
});

t.test('of an address only the server is told: the rest may be a password or a topic', async t => {
  const table: Readonly<Record<string, string | null>> = {
    'https://ntfy.example.org': 'https://ntfy.example.org',
    'ftp://ntfy.example.org': 'ftp://ntfy.example.org',
    'https://ntfy.example.org/my-topic': 'https://ntfy.example.org/…',
    'https://me:pass@ntfy.example.org': 'https://ntfy.example.org/…',
    'https://ntfy.example.org?auth=tk_abc': 'https://ntfy.example.org/…',
    'https://ntfy.example.org/#tk_abc': 'https://ntfy.example.org/…',
    'mailto:tk_abc@example.org': null,
    tk_abc: null,
    'ntfy.example.org/my-topic': null,
    '': null,
  };
  for (const name of ['NTFY_BASE_URL', 'PUBLIC_BASE_URL'] as const) {
    for (const [text, shown] of Object.entries(table)) t.equal(settingOf(name).kind.shown(text), shown, text);
  }
});

t.test('every default is a text that is taken, and is written again as it stands', async t => {
  for (const name of settingNames) {
    const {kind, default: standard} = settingOf(name);
    if (standard.is !== 'text') continue;
    const parsed = kind.schema.safeParse(standard.text);
    t.ok(parsed.success, `${name}=${standard.text}`);
    if (parsed.success) t.equal(kind.write(parsed.data), standard.text, name);
  }
});

t.test('what is written of a value is read as the same value', async t => {
  for (const [names, taken] of table) {
    for (const name of names) {
      for (const value of Object.values(taken))
        t.same(read(name, settingOf(name).kind.write(value)), value, name);
    }
  }
});

t.test('what nobody may leave out without saying so is set to the careful side', async t => {
  const careful: Partial<Record<SettingName, string>> = {
    HOST: '127.0.0.1',
    REMOTE_ACCESS_MODE: 'off',
    JOB_ISOLATION: 'jail',
    INBOX_DONE: 'keep',
    UPLOADS_KEEP_DAYS: 'unlimited',
    OUTPUTS_KEEP_DAYS: 'unlimited',
    NOTIFY_ON_JOB_DONE: '0',
    LOG_TRANSCRIPTS: '0',
  };
  for (const [name, text] of Object.entries(careful)) {
    if (!isSettingName(name)) throw new Error(name);
    t.strictSame(settingOf(name).default, {is: 'text', text}, name);
  }
  t.match(settingOf('NTFY_BASE_URL').default, {is: 'none'}, 'no server is contacted that nobody named');
});

t.test('each name is in one group, and each row reads as a sentence', async t => {
  const grouped = settingGroups.flatMap(({names}) => names);
  t.strictSame(grouped, settingNames, 'groups in the order of the table, none left out, none twice');
  for (const name of settingNames) {
    const {meaning, kind} = settingOf(name);
    t.match(name, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    t.match(meaning, /^[A-Z][^|\n]{10,160}\.$/, `meaning of ${name}`);
    t.match(kind.allowed, /^[^\n]{3,140}[^.\n]$/, `allowed for ${name}`);
  }
});

t.test('names that an object has anyway are no settings', async t => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', ''])
    t.notOk(isSettingName(name), name);
});
