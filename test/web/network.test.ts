/** Who is let in over the network, and under which name; and a port that cannot be had. */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import t from 'tap';
import {
  type Arrival,
  clientOf,
  isPrivate,
  type NetworkSetting,
  rangesOf,
  refusalOf,
} from '../../web/network.ts';
import {describePortTrouble, type PortTrouble, TcpPort} from '../../web/port.ts';

const home: NetworkSetting = {
  ...{names: ['localhost', 'attic', 'attic.local', 'dub.example.org'], mode: 'off'},
  ...{origins: new Set(['https://dub.example.org']), interfaces: () => ({})},
};
const phone: Arrival = {
  ...{client: '192.168.1.20', remote: '192.168.1.20', local: '192.168.1.5', host: 'attic', origin: undefined},
};

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
      refusalOf({...phone, remote, client: remote}, home),
      {status: 403, what: /REMOTE_ACCESS_MODE=off/},
      remote ?? 'none',
    );
});

t.test(
  'REMOTE_ACCESS_MODE tailscale goes by the interface it came in on, not by its address alone',
  async t => {
    const interfaces = () => ({
      lo: [{address: '127.0.0.1'}],
      eth0: [{address: '192.168.1.5'}, {address: '100.99.0.9'}],
      tailscale0: [{address: '100.101.102.103'}, {address: 'fd7a:115c:a1e0::5'}],
    });
    const tailnet = {...home, mode: 'tailscale', interfaces} as const;
    const from = (address: string, local: string, client = address): unknown =>
      refusalOf({...phone, client, remote: address, local, host: 'attic'}, tailnet);
    t.equal(from('100.70.1.2', '100.101.102.103'), undefined, 'over the tailnet');
    t.equal(from('fd7a:115c:a1e0::9', 'fd7a:115c:a1e0::5'), undefined, 'and over IPv6');
    t.equal(from('192.168.1.20', '192.168.1.5'), undefined, 'the private network is served as before');
    t.match(
      from('100.70.1.2', '192.168.1.5'),
      {status: 403},
      'an address of the tailnet by another interface',
    );
    t.match(from('100.70.1.2', '100.99.0.9'), {status: 403}, 'even by one that has such an address');
    t.match(from('8.8.8.8', '100.101.102.103'), {status: 403, what: /REMOTE_ACCESS_MODE=tailscale/});
    t.match(
      from('100.70.1.2', '100.101.102.103', '8.8.8.8'),
      {status: 403},
      'nor for whom a proxy there speaks',
    );
    t.match(
      refusalOf({...phone, remote: '100.70.1.2', client: '100.70.1.2', local: '100.101.102.103'}, home),
      {
        status: 403,
      },
    );
  },
);

t.test('Origin must be a page of the box, or listed: otherwise 403 that names the setting', async t => {
  const of = (origin: string, host = 'attic:8700'): unknown => refusalOf({...phone, origin, host}, home);
  t.equal(of('http://attic:8700'), undefined);
  t.equal(of('https://attic', 'attic'), undefined);
  t.equal(of('https://attic', 'attic:443'), undefined);
  t.equal(of('https://dub.example.org'), undefined, 'listed');
  for (const origin of [
    ...[
      'null',
      '',
      'attic:8700',
      'http://attic',
      'http://attic:8701',
      'http://evil.example',
      'https://attic:8700.evil',
    ],
    ...[
      'http://dub.example.org',
      'https://dub.example.org.evil',
      'https://dub.example.org:444',
      'file://attic:8700',
    ],
  ])
    t.match(of(origin), {status: 403, code: 'unknown-origin', fix: /CORS_ORIGINS/}, origin);
});

t.test('forwarded headers count only from TRUSTED_PROXY_SUBNETS, read from the right', async t => {
  const trusted = rangesOf(['127.0.0.1', '10.0.0.0/24', 'fd00::/64']);
  const table: readonly (readonly [
    remote: string,
    header: string | undefined,
    client: string | undefined,
  ])[] = [
    ['192.168.1.20', '8.8.8.8', '192.168.1.20'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', '192.168.1.20', '192.168.1.20'],
    ['::ffff:127.0.0.1', '192.168.1.20', '192.168.1.20'],
    ['127.0.0.1', '1.2.3.4, 192.168.1.20', '192.168.1.20'],
    ['127.0.0.1', '1.2.3.4, 192.168.1.20, 10.0.0.7', '192.168.1.20'],
    ['127.0.0.1', '10.0.0.7, 10.0.0.8', '10.0.0.7'],
    ['127.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['127.0.0.1', '192.168.1.20:4711', '192.168.1.20'],
    ['127.0.0.1', 'unknown', undefined],
    ['127.0.0.1', '192.168.1.20, ', undefined],
    ['10.0.1.1', '192.168.1.20', '10.0.1.1'],
    ['fd00::1', '192.168.1.20', '192.168.1.20'],
  ];
  for (const [remote, header, client] of table)
    t.equal(clientOf(remote, header, trusted), client, `${remote} for ${header}`);
  t.equal(clientOf('127.0.0.1', '8.8.8.8', rangesOf([])), '127.0.0.1', 'and from nobody when none is set');
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
