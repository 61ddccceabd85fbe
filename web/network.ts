/**
 * Owns what a request over the network must bring before anybody asks whose it is: it comes from where the box serves,
 * to a name that the box goes by, and from no page but its own. A page elsewhere can make a browser ask under any name;
 * none of them is ours.
 */
import {BlockList, isIP, isIPv4, isIPv6} from 'node:net';
import type {NetworkInterfaceInfo} from 'node:os';
import {problems, type Refused} from './problem.ts';

export interface NetworkSetting {
  /** Without ports, in lower case. */
  readonly names: readonly string[];
  readonly mode: 'off' | 'tailscale' | 'cloudflare';
  /** Pages of these may ask, besides the box's own. */
  readonly origins: ReadonlySet<string>;
  readonly interfaces: () => Readonly<NodeJS.Dict<readonly Pick<NetworkInterfaceInfo, 'address'>[]>>;
}

export interface Arrival {
  /** Where it comes from: of the connection, or what a trusted proxy says. */
  readonly client: string | undefined;
  /** Of the connection, not of a header. */
  readonly remote: string | undefined;
  readonly local: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Undefined when it may go on. Cloudflare's assertion is asked for besides. */
export function refusalOf(arrival: Arrival, setting: NetworkSetting): Refused | undefined {
  const {client, local, host, origin} = arrival;
  if (!isServed(arrival, setting)) return problems.notServed(setting.mode);
  const name = hostOf(host);
  const isOurs =
    name !== undefined && (setting.names.includes(name) || (isIP(name) > 0 && isSame(name, local)));
  if (!isOurs) return problems.unknownHost(host ?? '');
  const isFine = origin === undefined || isOwnPage(origin, host) || setting.origins.has(origin);
  return client === undefined
    ? problems.notServed(setting.mode)
    : isFine
      ? undefined
      : problems.unknownOrigin(origin);
}

function isServed({client, remote, local}: Arrival, {mode, interfaces}: NetworkSetting): boolean {
  if (client === undefined || remote === undefined) return false;
  // Whoever is there has been let in by Cloudflare, or is asked for its assertion in vain.
  if (mode === 'cloudflare') return isPrivate(remote);
  if (isPrivate(client) && isPrivate(remote)) return true;
  return mode === 'tailscale' && isOnTailnet(remote, local, interfaces()) && client === remote;
}

/** By the interface it came in on: an address of the tailnet alone can be anybody's. */
function isOnTailnet(
  remote: string,
  local: string | undefined,
  interfaces: ReturnType<NetworkSetting['interfaces']>,
): boolean {
  const own = Object.entries(interfaces).filter(([name]) => /^tailscale\d*$/.test(name));
  const isIts = own.some(([, addresses]) => addresses?.some(({address}) => isSame(address, local)));
  return isIts && isIn(tailnet, remote);
}

/** Loopback, link-local, and the ranges of RFC 1918 and RFC 4193. */
const privateRanges = rangesOf([
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['::1/128', 'fc00::/7', 'fe80::/10'],
]);

/** What Tailscale gives its machines. */
const tailnet = rangesOf(['100.64.0.0/10', 'fd7a:115c:a1e0::/48']);

export function isPrivate(address: string): boolean {
  return isIn(privateRanges, address);
}

/** `10.0.0.0/8`, or one address. Throws on anything else: they were parsed before. */
export function rangesOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    list.addSubnet(network, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  return list;
}

function isIn(ranges: BlockList, address: string): boolean {
  const plain = plainOf(address);
  if (isIP(plain) === 0) return false;
  return ranges.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** More proxies than that are a loop, or a joke. */
const hopLimit = 20;

/**
 * Where a request comes from: the last address before the first proxy that is trusted, read from the right; what stands
 * further left anybody may have written. Undefined when a trusted proxy hands on what is no address.
 */
export function clientOf(
  remote: string | undefined,
  forwarded: string | undefined,
  trusted: BlockList,
): string | undefined {
  if (remote === undefined || forwarded === undefined || !isIn(trusted, remote)) return remote;
  const hops = forwarded.split(',').slice(-hopLimit);
  let client: string | undefined = remote;
  for (const hop of hops.toReversed()) {
    const address = hop
      .trim()
      .replace(/^\[(.*)\](?::\d+)?$/, '$1')
      .replace(/^([\d.]+):\d+$/, '$1');
    if (isIP(address) === 0) return undefined;
    client = address;
    if (!isIn(trusted, address)) return client;
  }
  return client;
}

/** Without the port, and an IPv6 address without its brackets; undefined for what is no host at all. */
function hostOf(header: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?))(?::\d{1,5})?$/i.exec(
    header ?? '',
  );
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** Its host is the one that was asked, port and all: the box was reached under that name. */
function isOwnPage(origin: string, host: string | undefined): boolean {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin) || host === undefined) return false;
  const {host: own, protocol} = new URL(origin);
  return own === host.toLowerCase() || own === new URL(`${protocol}//${host}`).host;
}

/** An address is ours when it is the one that the connection came in at. */
function isSame(name: string, local: string | undefined): boolean {
  return local !== undefined && plainOf(local) === plainOf(name);
}

/** IPv4 in IPv6's clothes, as a socket that serves both has it; and no zone. */
function plainOf(address: string): string {
  return address
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
}
