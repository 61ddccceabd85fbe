/**
 * Owns what a request over the network must bring before anybody asks whose it is: it comes from where the box serves,
 * and to a name that the box goes by. A page elsewhere can make a browser ask under any name; none of them is ours.
 */
import {BlockList, isIP, isIPv4, isIPv6} from 'node:net';
import {problems, type Refused} from './problem.ts';

export interface NetworkSetting {
  /** Without ports, in lower case. */
  readonly names: readonly string[];
  readonly mode: 'off' | 'tailscale' | 'cloudflare';
}

export interface Arrival {
  /** Of the connection, not of a header. */
  readonly remote: string | undefined;
  readonly local: string | undefined;
  /** The Host header. */
  readonly host: string | undefined;
}

/** Undefined when it may go on. */
export function refusalOf(
  {remote, local, host}: Arrival,
  {names, mode}: NetworkSetting,
): Refused | undefined {
  if (mode !== 'off') return problems.modeNotServed(mode);
  if (remote === undefined || !isPrivate(remote)) return problems.notServed();
  const name = hostOf(host);
  const isOurs = name !== undefined && (names.includes(name) || (isIP(name) > 0 && isSame(name, local)));
  return isOurs ? undefined : problems.unknownHost(host ?? '');
}

/** Loopback, link-local, and the ranges of RFC 1918 and RFC 4193. */
const privateRanges = new BlockList();
for (const [network, bits] of [
  ...([
    ['127.0.0.0', 8],
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['169.254.0.0', 16],
    ['::1', 128],
    ['fc00::', 7],
    ['fe80::', 10],
  ] as const),
])
  privateRanges.addSubnet(network, bits, isIPv4(network) ? 'ipv4' : 'ipv6');

export function isPrivate(address: string): boolean {
  const plain = plainOf(address);
  if (isIP(plain) === 0) return false;
  return privateRanges.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** Without the port, and an IPv6 address without its brackets; undefined for what is no host at all. */
function hostOf(header: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?))(?::\d{1,5})?$/i.exec(
    header ?? '',
  );
  return (found?.[1] ?? found?.[2])?.toLowerCase();
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
