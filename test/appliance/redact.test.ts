/** What must never be read in a record, in every shape it may come in, and values made to break whoever writes one. */
import {randomBytes} from 'node:crypto';
import t from 'tap';
import {freshToken} from '../../appliance/accounts/code.ts';
import {canonical, type Json} from '../../appliance/digest.ts';
import {oneLine, redact, redactFields, redactText} from '../../appliance/redact.ts';

const hidden = '[redacted]';
/** Put wherever something must not be seen; nothing else in this file reads like it. */
const secret = 'Xq7vWz19LmPk';

t.test('a field whose name says secret shows none', async t => {
  const names = [
    ...['password', 'newPassword', 'PASSWD', 'passphrase', 'db_pass', 'token', 'refreshToken', 'NTFY_TOKEN'],
    ...['secret', 'client-secret', 'cookie', 'Set-Cookie', 'cookies', 'authorization', 'Proxy-Authorization'],
    ...[
      'totp',
      'totpSeed',
      'seed',
      'key',
      'keys',
      'apiKey',
      'api_key',
      'X-API-Key',
      'ARTIFACTS_KEY',
      'APIKey',
    ],
    ...['credentials', 'recoveryCodes', 'setup_code', 'otp', 'csrf', 'jwt', 'auth', 'signature', 'salt'],
    ...['pass\u200bword', 'k\u200bey', 'ｐａｓｓｗｏｒｄ', 'TOTP', 'tokens', 'x'.repeat(300)],
  ];
  for (const name of names) {
    const values: unknown[] = [
      secret,
      123456,
      [secret],
      {inner: secret},
      Buffer.from(secret),
      '',
      new Date(0),
    ];
    for (const value of values) t.same(Object.values(redact({[name]: value}) as object), [hidden], name);
    t.same(Object.values(redact({[name]: null}) as object), [null], 'that there is none may be said');
    t.same(Object.values(redact({[name]: true}) as object), [true]);
  }
  const deep = {
    a: [{b: {c: [{Password: secret}]}}],
    m: new Map([['token', secret]]),
    s: new Set([{key: secret}]),
  };
  t.notMatch(JSON.stringify(redact(deep)), secret, 'at any depth');
});

t.test('a field whose name only sounds like it is left alone', async t => {
  const fields = {
    ...{monkey: 'banana', keyboard: 'qwerty', passed: 3, compass: 'N', seedling: 'oak', pinned: 'no'},
    ...{keyId: 'k_1', api_key_id: 'k_2', tokenCount: 7, ARTIFACTS_KEY_FILE: '/etc/key', cookieName: 'sid'},
    ...{user: 'anna', author: 'bob', code: 'ENOENT', session: 's1', state: 'queued', path: '/films/a.mkv'},
  };
  t.strictSame(redact(fields), fields);
});

t.test('a secret is known by its shape, whatever the field is called', async t => {
  const table: readonly (readonly [text: string, shown: string])[] = [
    [`made dp_${secret}, shown once`, `made dp_${hidden}, shown once`],
    [`session ds_${secret}${secret} opened`, `session ds_${hidden} opened`],
    [`"dr_-_${secret}${secret}"`, `"dr_${hidden}"`],
    [
      `__Host-s%3Dds_${secret}${secret}&r%3ddr_${secret}${secret}`,
      `__Host-s%3Dds_${hidden}&r%3ddr_${hidden}`,
    ],
    [`k%3Ddp_${secret}`, `k%3Ddp_${hidden}`],
    [`{\\"a\\":\\"x\\\\ndr_${secret}${secret}\\"}`, `{\\"a\\":\\"x\\\\ndr_${hidden}\\"}`],
    [`Bearer ${secret}`, `Bearer ${hidden}`],
    [`bearer   ${secret}.x~y+z/==`, `bearer   ${hidden}`],
    ['Basic YW5uYTpYcTd2V3oxOQ==', `Basic ${hidden}`],
    [
      `Authorization: Digest username="a", response="${secret}"\nHost: h`,
      `Authorization: ${hidden}\nHost: h`,
    ],
    [`Cookie: a=1; sid=${secret}; b=2`, `Cookie: ${hidden}`],
    [`{"set-cookie":"sid=${secret}; Path=/"}`, `{"set-cookie": ${hidden}`],
    [`https://anna:${secret}@box.lan:8700/jobs`, `https://${hidden}@box.lan:8700/jobs`],
    [`https://${secret}@box.lan/`, `https://${hidden}@box.lan/`],
    [`redis://:${secret}@127.0.0.1:6379/0`, `redis://${hidden}@127.0.0.1:6379/0`],
    [`https://anna:${secret}@${secret}@box.lan/`, `https://${hidden}@box.lan/`],
    [`https://anna:x/${secret}@box.lan/`, `https://${hidden}@box.lan/`],
    [`//anna:${secret}@box.lan`, `//${hidden}@box.lan`],
    [`/events?token=${secret}&from=3`, `/events?token=${hidden}&from=3`],
    [`/file?sig=${secret}&expires=9`, `/file?sig=${hidden}&expires=9`],
    [
      `/back?state=1&code=${secret}#access_token=${secret}`,
      `/back?state=1&code=${hidden}#access_token=${hidden}`,
    ],
    [`/x?api_key=${secret}&key=${secret}`, `/x?api_key=${hidden}&key=${hidden}`],
    [`/x?a=1&amp;auth=${secret}`, `/x?a=1&amp;auth=${hidden}`],
    [
      `otpauth://totp/Box:anna?secret=${secret}&issuer=Box`,
      `otpauth://totp/Box:anna?secret=${hidden}&issuer=Box`,
    ],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ${secret}.${secret}`, hidden],
    [`got eyJhbGciOiJIUzI1NiJ9.${secret}`, `got ${hidden}`],
    [`$argon2id$v=19$m=65536,t=4,p=2$${secret}$${secret}`, hidden],
    [`NTFY_TOKEN=${secret} HOST=x`, `NTFY_TOKEN=${hidden} HOST=x`],
    [`ARTIFACTS_KEY=${secret}`, `ARTIFACTS_KEY=${hidden}`],
    [`{"password":"a \\"${secret}\\" b","x":1}`, `{"password":${hidden},"x":1}`],
    [`{\\"password\\":\\"${secret}\\",\\"x\\":1}`, `{\\"password\\":${hidden}\\",\\"x\\":1}`],
    [`password: '${secret} ${secret}' x`, `password: ${hidden} x`],
    [`password=${secret};${secret},${secret})`, `password=${hidden}`],
    [`password%3D${secret}`, `password%3D${hidden}`],
    [`token: Bearer ${secret}`, `token: ${hidden} ${hidden}`],
    [`dubstead --token ${secret} up`, `dubstead --token ${hidden} up`],
    [`dubstead --api-key=${secret} up`, `dubstead --api-key=${hidden} up`],
    [`API key: ${secret}`, `API key: ${hidden}`],
    [`-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----\nx`, `${hidden}\nx`],
    [`-----BEGIN PRIVATE KEY-----\n${secret}\n${secret}`, hidden],
  ];
  for (const [text, shown] of table) {
    t.equal(redactText(text), shown);
    t.equal(redactText(redactText(text)), redactText(text), 'twice is no more than once');
    t.same(redact({note: [{words: {of: text}}]}), {note: [{words: {of: shown}}]}, 'in any field');
    t.notMatch(JSON.stringify(redact({[text]: 1})), secret, 'and as a name');
    t.notMatch(redactText(text), secret);
  }
});

t.test('every kind of token that is given out is hidden, and stays so when half of it is lost', async t => {
  for (const prefix of ['dp_0123456789ab', 'ds', 'dr']) {
    const token = freshToken(prefix, randomBytes);
    for (const text of [token, token.slice(0, 30), `a ${token}.`, `\n${token}\n`]) {
      t.equal(redactText(text), text.replace(/d[prs]_[\w-]+/, `${token.slice(0, 3)}${hidden}`), prefix);
    }
  }
});

t.test('plain words stay as they are', async t => {
  const texts = [
    ...['basic settings are fine', 'the token is wrong', 'Unexpected token \'<\', "<html" is not valid JSON'],
    ...[
      'http://box.lan:8700/jobs?mail=a@b.c',
      'see https://box.lan/jobs/abc#top',
      'udp_port',
      'anna@box.lan',
    ],
    ...['/var/lib/dubstead/jobs/0123456789/source/film.mp4', '12:34:56', 'a=b', '--out /films', 'eyJ', 'dp_'],
    ...['dr_no_1962.mp4', 'ds_store', 'records_of_the_second_voyage_of_the_otter'],
  ];
  for (const text of texts) t.equal(redactText(text), text);
});

t.test('lists that name a secret in one entry and give it in the next', async t => {
  t.same(redact(['Host', 'box', 'Cookie', `a=${secret}`, 'Accept', '*/*']), [
    ...['Host', 'box', 'Cookie', hidden, 'Accept', '*/*'],
  ]);
  t.same(redact(['run', '--token', secret, '--port', '1']), ['run', '--token', hidden, '--port', '1']);
  const prose = ['the token is wrong', 'try again', 'Bearer is a word', 'too'];
  t.same(redact(prose), prose.with(2, `Bearer ${hidden} a word`), 'not where the word is only mentioned');
  t.same(redact(new Map([['authorization', secret]])), {authorization: hidden});
});

t.test('what is said in films is hidden unless it was asked for', async t => {
  const film = {
    ...{text: secret, source: secret, transcript: [secret], line: secret, lines: [secret, secret]},
    ...{targetText: secret, was: secret, now: secret, texts: {es: secret}},
    words: [secret],
  };
  const shown = redact({cue: [film]});
  t.notMatch(JSON.stringify(shown), secret);
  t.match(JSON.stringify(redact({cue: [film]}, {transcripts: true})), secret);
  t.same(redact({line: 12, lines: 3, source: {name: 'film.mp4', bytes: 5}, now: 7}), {
    ...{line: 12, lines: 3, source: {name: 'film.mp4', bytes: 5}, now: 7},
  });
  const both = redact({text: 'said', password: secret}, {transcripts: true});
  t.same(both, {text: 'said', password: hidden}, 'that opens nothing else');
});

t.test('an error keeps what helps, and its message is looked through', async t => {
  const cause = Object.assign(new Error('connect https://u:pw@h/'), {code: 'ECONNREFUSED', token: secret});
  const error = new TypeError(`push failed, token=${secret}`, {cause});
  const shown = redact({err: error}) as {err: Record<string, Json>};
  t.match(shown.err, {
    ...{name: 'TypeError', message: `push failed, token=${hidden}`, stack: /redact\.test\.ts/},
    cause: {message: `connect https://${hidden}@h/`, code: 'ECONNREFUSED', token: hidden},
  });
  t.notMatch(JSON.stringify(shown), secret);
  t.match(redact(new AggregateError([new Error('a'), secret], 'both')), {errors: [{message: 'a'}, secret]});
});

function circle(): object {
  const one: Record<string, unknown> = {name: 'one'};
  one['self'] = one;
  one['list'] = [one, {back: one}];
  return one;
}

function nested(depth: number): unknown {
  let inner: unknown = secret;
  for (let i = 0; i < depth; i++) inner = i % 2 === 0 ? [inner] : {inner};
  return inner;
}

function revoked(): object {
  const {proxy, revoke} = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const throwing = new Proxy(
  {a: 1},
  {
    ownKeys() {
      throw new Error('no');
    },
  },
);

t.test('nothing it is given makes it throw, and what comes out is small and plain', async t => {
  const shared = {n: 1};
  const table: readonly (readonly [name: string, value: unknown, shown?: Json])[] = [
    ['a circle', circle(), {name: 'one', self: '[circular]', list: ['[circular]', {back: '[circular]'}]}],
    ['the same thing twice is no circle', [shared, shared], [{n: 1}, {n: 1}]],
    ['very deep', nested(100_000)],
    ['a revoked proxy', {p: revoked(), q: 1}, {p: '[unreadable]', q: 1}],
    ['a proxy that throws', {p: throwing, q: 1}, {p: '[unreadable]', q: 1}],
    ['a getter that throws', {get a() { throw new Error('no'); }, b: 1}, {a: '[computed]', b: 1}], // biome-ignore format: one row
    ['a toJSON', {toJSON: () => secret, a: 1}, {toJSON: '[function]', a: 1}],
    ['a huge buffer', Buffer.alloc(50_000_000), '[50000000 bytes]'],
    ['an array of floats', new Float64Array(4), '[32 bytes]'],
    ['an array buffer', new ArrayBuffer(9), '[9 bytes]'],
    ['a long list', Array(1_000_000).fill(7)],
    ['a sparse list', new Array(4_000_000_000)],
    ['many fields', Object.fromEntries(Array.from({length: 100_000}, (_, i) => [`f${i}`, i]))],
    ['a tree as wide as deep', JSON.parse(`${'[1,'.repeat(7)}2${']'.repeat(7)}`)],
    ['many long texts', Array(90).fill('x'.repeat(10_000))],
    ['a very long name', {['n'.repeat(1_000_000)]: 1}],
    ['odd numbers', [Number.NaN, -0, 1e300, Number.POSITIVE_INFINITY, 10n ** 40n], ['NaN', -0, 1e300, 'Infinity', `1${'0'.repeat(40)}`]], // biome-ignore format: one row
    ['what JSON has no word for', [undefined, Symbol('s'), () => 1], [null, '[symbol]', '[function]']],
    ['fields without a value', {a: undefined, b: 1}, {b: 1}],
    ['dates', [new Date(0), new Date(Number.NaN)], ['1970-01-01T00:00:00.000Z', '[no date]']],
    ['a URL', new URL(`https://a:${secret}@h/`), `https://${hidden}@h/`],
    ['a boxed text', new String(`Bearer ${secret}`), `Bearer ${hidden}`],
    ['a prototype in disguise', JSON.parse('{"__proto__": {"admin": true}}'), {'[__proto__]': {admin: true}}],
    ['an object without one', Object.assign(Object.create(null), {a: 1}), {a: 1}],
    ['half a character', 'a\ud83d', 'a\ufffd'],
    ['a map with odd keys', new Map<unknown, unknown>([[{}, 1], [2, 3], [Symbol('s'), 4]]), {2: 3, 'Symbol(s)': 4}], // biome-ignore format: one row
  ];
  for (const [name, value, shown] of table) {
    const got = redact(value);
    if (shown !== undefined) t.strictSame(got, shown, name);
    const text = JSON.stringify(got);
    t.ok(text.length < 50_000, `${name}: ${text.length} characters`);
    t.notMatch(text, secret, name);
    t.strictSame(JSON.parse(canonical(got)), JSON.parse(text), `${name} can be hashed`);
  }
  t.equal((redact({}) as object).constructor, Object);
});

t.test('what should be fields is made fields', async t => {
  t.strictSame(redactFields({a: 1, token: 'x'}), {a: 1, token: hidden});
  t.strictSame(
    [undefined, null].map(nothing => redactFields(nothing)),
    [{}, {}],
  );
  const odd: readonly (readonly [unknown, Json])[] = [
    ...([
      [7, 7],
      ['text', 'text'],
      [
        [1, 2],
        [1, 2],
      ],
      [Buffer.alloc(1 << 26), '[67108864 bytes]'],
    ] as const),
    [throwing, '[unreadable]'],
  ];
  for (const [fields, value] of odd) t.strictSame(redactFields(fields), {value});
});

t.test('every limit is kept, and what was left out is said', async t => {
  t.equal(redactText('x'.repeat(5000)), `${'x'.repeat(4000)}… (5000 characters)`);
  t.equal(redactText('x'.repeat(4000)), 'x'.repeat(4000));
  t.equal(redactText('ab😀', 3), 'ab… (4 characters)', 'no half of a character');
  const list = redact(Array(150).fill(1)) as readonly Json[];
  t.equal(list.length, 101);
  t.equal(list.at(-1), '[50 more]');
  const fields = redact(Object.fromEntries(Array.from({length: 103}, (_, i) => [`f${i}`, i])));
  t.equal(Object.keys(fields as object).length, 101);
  t.match(fields, {'…': '[3 more]'});
  t.equal(JSON.stringify(redact(nested(9))).includes('[deep]'), true);
  const small = redact({a: 'x'.repeat(90), b: 'y'.repeat(90), c: 'z'}, {sizeLimit: 100});
  t.ok(JSON.stringify(small).length < 150, JSON.stringify(small));
});

t.test('a cut never leaves half a secret', async t => {
  for (let before = 0; before < 1400; before += 7) {
    const text = `${'x '.repeat(before / 2)}Bearer ${secret} https://a:${secret}@h ${'Bearer abcdefgh '.repeat(300)}`;
    t.notMatch(redactText(text, 100), /Xq7/, `after ${before} characters`);
  }
  // Hiding shortens: the end of what was looked at comes into sight, and may be the start of a secret.
  for (let pad = 0; pad < 40; pad++) {
    const long = `Bearer ${'k'.repeat(1100 + pad)} https://a:${secret}${'p'.repeat(100)}@h`;
    t.notMatch(redactText(long, 100), /Xq7/, `padded by ${pad}`);
  }
});

t.test('a text made to be slow is not', async t => {
  const pieces = [
    ...[
      '/',
      '//a:',
      'token="',
      'token=',
      'a-',
      'a_',
      '?a_',
      'Basic ',
      'Bearer',
      'eyJ',
      '--',
      '--a',
      '\\',
      '"',
    ],
    ...['-----BEGIN PRIVATE KEY-----', '@', 'x:@', 'password: ', "token='", 'cookie', '&a.', 'token\\"'],
  ];
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(9000 / piece.length));
    const cpu = process.cpuUsage();
    for (let i = 0; i < 5; i++) redactText(text);
    const {user} = process.cpuUsage(cpu);
    // A pattern that runs away takes minutes; these take a few milliseconds each.
    t.ok(user < 2_000_000, `${piece} took ${user} µs`);
  }
});

t.test('whatever a text holds, it stays one line and steers no terminal', async t => {
  const nasty = [
    ...[
      '\n',
      '\r\n',
      '\u001b[2J\u001b]0;title\u0007',
      '\u009b31m',
      '\u0000',
      '\u007f',
      '\u0085',
      '\u2028',
      '\u2029',
    ],
    ...['\u202e', '\u2066', '\u200f', '\ufeff', '\t', '{"level":"fatal"}'],
  ];
  for (const text of nasty) {
    const value = {[`name${text}`]: `before${text}after`};
    const line = oneLine(JSON.stringify(value));
    t.notMatch(line, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/u);
    t.strictSame(JSON.parse(line), value, 'and means the same');
    t.notMatch(oneLine(text), /[\p{Cc}\p{Bidi_Control}]/u, 'plain text too');
  }
  t.equal(oneLine('日本語 😀 é ü ı \u200d'), '日本語 😀 é ü ı \u200d', 'letters are no trouble');
});
