/** Owns reading who listens where from what the kernel prints (proc(5), /proc/net/tcp). Pure. */

export interface Listening {
  /** As the kernel prints it: eight or thirty-two hexadecimal digits, words of four bytes turned round. */
  readonly address: string;
  readonly port: number;
  /** Of the socket; the descriptors of whose it is name it. */
  readonly inode: number;
}

/** TCP_LISTEN of the kernel. */
const listening = '0A';

export function listenersIn(text: string): readonly Listening[] {
  return text.split('\n').flatMap(line => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, port] = local.split(':');
    if (state !== listening || address === undefined || port === undefined) return [];
    return [{address, port: Number.parseInt(port, 16), inode: Number(inode)}];
  });
}

/** Whether who listens there keeps somebody else from this host and port. A name meets every address. */
export function meets(
  {address, port: taken}: Listening,
  {host, port}: {readonly host: string; readonly port: number},
): boolean {
  if (taken !== port) return false;
  if (/^0+$/.test(address)) return address.length === 32 || !host.includes(':');
  if (host === '0.0.0.0') return address.length === 8;
  if (host === '::') return true;
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (v4 === null) return !host.includes(':') || (host === '::1' && address === `${'0'.repeat(24)}01000000`);
  const hex = v4
    .slice(1)
    .toReversed()
    .map(part => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('');
  return address === hex || address === `0000000000000000FFFF0000${hex}`;
}
