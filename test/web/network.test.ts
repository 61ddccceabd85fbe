/** Who is let in over the network, and under which name; and a port that cannot be had. */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import t from 'tap';
import {type Arrival, isPrivate, refusalOf} from '../../web/network.ts';
import {describePortTrouble, type PortTrouble, TcpPort} from '../../web/port.ts';

const home = {names: ['localhost', 'attic', 'attic.local', 'dub.example.org'], mode: 'off'} as const;
const phone: Arrival = {remote: '192.168.1.20', local: '192.168.1.5', host: 'attic'};

t.test('REMOTE_ACCESS_MODE off serves this machine and private networks only', async t => {
  const inside = [
    ...['127.0.0.1', '127.9.9.9', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.9', '169.254.7.7'],
    ...['::1', 'fd12::1', 'fe80::1%eth0', '::ffff:192.168.1.4', '::FFFF:10.0.0.1'],
  ];
  const outside = [
    ...[
      '8.8.8.8',
      '172.15.0.1',
      '172.32.0.1',
      '192.169.0.1',
      '11.0.0.1',
      '100.64.0.1',
      '0.0.0.0',
      '128.0.0.1',
    ],
    ...['2001:db8::1', '::ffff:8.8.8.8', 'fec0::1', '::', '', 'localhost', '10.1.2.3.4', '10.1.2'],
  ];
  for (const address of inside) t.ok(isPrivate(address), address);
  for (const address of outside) t.notOk(isPrivate(address), address);
  t.equal(refusalOf(phone, home), undefined);
  for (const remote of [...outside, undefined])
    t.match(
      refusalOf({...phone, remote}, home),
      {status: 403, what: /REMOTE_ACCESS_MODE=off/},
      remote ?? 'none',
    );
});

t.test('a mode that this version does not serve lets nobody in, and says so', async t => {
  for (const mode of ['tailscale', 'cloudflare'] as const)
    t.match(refusalOf(phone, {...home, mode}), {status: 403, code: 'not-served', what: new RegExp(mode)});
});

t.test('Host must be a name that the box knows: otherwise 421 that names the setting', async t => {
  const known: readonly (readonly [host: string, local?: string])[] = [
    ['attic'],
    ['ATTIC:8700'],
    ['attic.local:8700'],
    ['localhost'],
    ['dub.example.org:443'],
    ['192.168.1.5'],
    ['192.168.1.5:8700', '::ffff:192.168.1.5'],
    ['[fd12::5]:8700', 'fd12::5'],
    ['[FD12::5]', 'fd12::5'],
    ['127.0.0.1:8700', '127.0.0.1'],
  ];
  for (const [host, local = '192.168.1.5'] of known)
    t.equal(refusalOf({...phone, host, local}, home), undefined, host);
  const unknown = [
    ...[
      'evil.example',
      'attic.evil.example',
      'evil-attic',
      'attic.',
      '192.168.1.6',
      '127.0.0.1',
      '[::1]',
      '::1',
    ],
    ...[
      'attic@evil.example',
      'attic:8700:1',
      'attic:999999',
      'attic evil',
      ' attic',
      'attic/',
      'attic\u0000',
      '',
    ],
    ...['[attic]', '[', '[]', ':8700', `${'a'.repeat(300)}.example`, '0300.0250.01.05', '3232235781'],
  ];
  for (const host of [...unknown, undefined]) {
    const refused = refusalOf({...phone, host}, home);
    t.match(refused, {status: 421, code: 'unknown-host', fix: /PUBLIC_BASE_URL/}, host ?? 'none');
    t.ok((refused?.what.length ?? 999) < 200, 'however long it is');
  }
});

t.test('a port that cannot be had is told with the way out', async t => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const {port} = other.address() as AddressInfo;
  const told = async (host: string, number: number): Promise<PortTrouble | undefined> => {
    const opened = await new TcpPort({host, port: number}).open(createServer());
    return opened.ok ? undefined : opened.why;
  };
  t.match(await told('127.0.0.1', port), {reason: 'in-use', port});
  t.match(await told('192.0.2.1', 0), {reason: 'not-ours'});
  const troubles: readonly PortTrouble[] = [
    {reason: 'in-use', host: '127.0.0.1', port: 8700},
    {reason: 'not-allowed', host: '127.0.0.1', port: 80},
    {reason: 'not-ours', host: '192.0.2.1', port: 8700},
    {reason: 'cannot-listen', host: '127.0.0.1', port: 8700, detail: 'odd'},
  ];
  for (const trouble of troubles) {
    const {what, fix} = describePortTrouble(trouble);
    t.ok(what.includes(trouble.host));
    t.match(fix, /HOST|PORT/);
  }
});

t.test('a free port is told as an address to open', async t => {
  for (const [host, url] of [
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['::1', /^http:\/\/\[::1\]:\d+$/],
  ] as const) {
    const server = createServer();
    const place = new TcpPort({host, port: 0});
    t.equal(place.url, '');
    t.ok((await place.open(server)).ok);
    t.match(place.url, url);
    server.close();
  }
});
