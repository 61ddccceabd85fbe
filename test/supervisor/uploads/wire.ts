/** Owns a way over TCP to a daemon's socket that can be cut: what a network does to an upload. */

import {once} from 'node:events';
import {connect, createServer, type Server, type Socket} from 'node:net';
import type {Test} from 'tap';

export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes from the client so far. */
  brought = 0;
  #at: {readonly bytes: number; readonly then: () => void} | undefined;

  private constructor(socket: string) {
    this.#server = createServer(client => {
      const daemon = connect({path: socket});
      for (const one of [client, daemon]) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.#sockets.delete(one);
          client.destroy();
          daemon.destroy();
        });
      }
      client.on('data', piece => this.#count(piece.length));
      client.pipe(daemon);
      daemon.pipe(client);
    });
  }

  static async to(t: Test, socket: string): Promise<Wire> {
    const wire = new Wire(socket);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    t.teardown(() => {
      wire.#server.close();
      wire.cut();
    });
    return wire;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Every connection, in the middle of whatever it carries. */
  cut(): void {
    for (const one of this.#sockets) one.destroy();
  }

  /** Once so many bytes have gone through. */
  after(bytes: number): Promise<void> {
    return new Promise(then => {
      this.#at = {bytes, then};
    });
  }

  #count(bytes: number): void {
    this.brought += bytes;
    if (this.#at === undefined || this.brought < this.#at.bytes) return;
    const {then} = this.#at;
    this.#at = undefined;
    then();
  }
}
