/** Owns a TCP port as a place to listen. */
import {once} from 'node:events';
import type {AddressInfo, Server} from 'node:net';
import {no, ok, type Result, unreachable} from '../appliance/result.ts';

export interface PortSetting {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

export type PortTrouble = PortSetting &
  (
    | {readonly reason: 'in-use' | 'not-allowed' | 'not-ours'}
    | {readonly reason: 'cannot-listen'; readonly detail: string}
  );

export function describePortTrouble(trouble: PortTrouble): {readonly what: string; readonly fix: string} {
  const place = `${trouble.host} port ${trouble.port}`;
  switch (trouble.reason) {
    case 'in-use':
      return {what: `Another program listens on ${place}.`, fix: 'End that one, or set PORT to another.'};
    case 'not-allowed':
      return {
        what: `The daemon's user may not listen on ${place}.`,
        fix: 'Set PORT to 1024 or more, and put a proxy before it where the usual port is wanted.',
      };
    case 'not-ours':
      return {
        what: `${trouble.host} is no address of this machine.`,
        fix: 'Set HOST to one that it has (ip address lists them), or to 127.0.0.1.',
      };
    case 'cannot-listen':
      return {what: `Nobody can be let in at ${place}: ${trouble.detail}.`, fix: 'See HOST and PORT.'};
    default:
      return unreachable(trouble);
  }
}

const reasons: Readonly<Record<string, 'in-use' | 'not-allowed' | 'not-ours'>> = {
  EADDRINUSE: 'in-use',
  EACCES: 'not-allowed',
  EADDRNOTAVAIL: 'not-ours',
};

export class TcpPort {
  readonly #setting: PortSetting;
  #address: AddressInfo | undefined;

  constructor(setting: PortSetting) {
    this.#setting = setting;
  }

  /** Where it listens, as people write it; empty while it does not. */
  get url(): string {
    if (this.#address === undefined) return '';
    const {address, family, port} = this.#address;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  async open(server: Server): Promise<Result<void, PortTrouble>> {
    const setting = this.#setting;
    try {
      server.listen({...setting, exclusive: true});
      await once(server, 'listening');
      this.#address = server.address() as AddressInfo;
      return ok(undefined);
    } catch (cause) {
      server.close();
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      const reason = reasons[code];
      if (reason !== undefined) return no({reason, ...setting});
      const detail = cause instanceof Error ? cause.message : String(cause);
      return no({reason: 'cannot-listen', detail, ...setting});
    }
  }

  /** A port is gone with its server. */
  async remove(): Promise<void> {
    this.#address = undefined;
  }
}
