/**
 * Owns the WebSockets that are open: how many there may be, what they may say, and the ends of those that do not read or
 * are not there any more. The only importer of ws, which is loaded for the first of them.
 */
import type {IncomingMessage} from 'node:http';
import type {Duplex} from 'node:stream';
import type {WebSocket, WebSocketServer} from 'ws';
import {NotAnswered, problems} from './problem.ts';
import {type Every, keepAliveMs, unsentLimitBytes} from './sse.ts';

/** What a request to change the protocol brought besides itself. */
export interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Gives the connection up to whoever speaks another protocol on it. */
  readonly release: () => void;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** To be called by the listener, before the request is answered like any other. */
export function noteUpgrade(request: IncomingMessage, upgrade: Upgrade): void {
  upgrades.set(request, upgrade);
}

export interface SocketsSetting {
  readonly limit: number;
  readonly every: Every;
  /** Aborted when the listener stops. */
  readonly stopping: AbortSignal;
}

/** As RFC 6455 and its registry have them. */
const codes = {done: 1000, goingAway: 1001, notAsked: 1008, tooSlow: 1013, loginOver: 4401} as const;

/** Nobody has to say anything here: what comes is a frame of control, or a mistake. */
const messageLimitBytes = 1024;

export class Sockets {
  readonly #setting: SocketsSetting;
  #server: WebSocketServer | undefined;
  #open = 0;

  constructor(setting: SocketsSetting) {
    this.#setting = setting;
  }

  get open(): number {
    return this.#open;
  }

  /** Throws NotAnswered, before anything is sent, when it is no request for a socket or there are too many. */
  async serve(
    request: IncomingMessage,
    feed: (signal: AbortSignal) => AsyncIterable<string>,
    lifeline: AbortSignal | null,
  ): Promise<void> {
    const {limit} = this.#setting;
    const upgrade = upgrades.get(request);
    if (upgrade === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw new NotAnswered(problems.socketOnly());
    if (this.#open >= limit) throw new NotAnswered(problems.tooManyStreams(limit));
    this.#open += 1;
    try {
      const {promise, resolve} = Promise.withResolvers<WebSocket>();
      const gone = new Promise<null>(end => upgrade.socket.once('close', () => end(null)));
      const server = await this.#loaded();
      upgrade.release();
      server.handleUpgrade(request, upgrade.socket, upgrade.head, resolve);
      const socket = await Promise.race([promise, gone]);
      if (socket !== null) await this.#talk(socket, feed, lifeline);
    } finally {
      this.#open -= 1;
    }
  }

  async #loaded(): Promise<WebSocketServer> {
    const {WebSocketServer} = await import('ws');
    this.#server ??= new WebSocketServer({
      ...{noServer: true, maxPayload: messageLimitBytes, perMessageDeflate: false},
    });
    return this.#server;
  }

  async #talk(
    socket: WebSocket,
    feed: (signal: AbortSignal) => AsyncIterable<string>,
    lifeline: AbortSignal | null,
  ): Promise<void> {
    const {every, stopping} = this.#setting;
    const over = new AbortController();
    let code: number = codes.done;
    const end = (why: number) => (): void => {
      if (!over.signal.aborted) code = why;
      over.abort();
    };
    const [stop, cut] = [end(codes.goingAway), end(codes.loginOver)];
    stopping.addEventListener('abort', stop);
    lifeline?.addEventListener('abort', cut);
    if (stopping.aborted) stop();
    if (lifeline?.aborted === true) cut();
    socket.once('close', end(codes.done));
    socket.on('error', end(codes.notAsked));
    socket.on('message', end(codes.notAsked));
    const rest = every(keepAliveMs, pulseOf(socket, end(codes.tooSlow)));
    try {
      for await (const message of feed(over.signal)) {
        if (over.signal.aborted) break;
        socket.send(message);
        if (socket.bufferedAmount > unsentLimitBytes) end(codes.tooSlow)();
      }
    } finally {
      rest();
      stopping.removeEventListener('abort', stop);
      lifeline?.removeEventListener('abort', cut);
      if (code === codes.tooSlow) socket.terminate();
      else socket.close(code);
    }
  }
}

/** Asks again and again whether somebody is there; who did not answer the last time is not. */
function pulseOf(socket: WebSocket, gone: () => void): () => void {
  let isThere = true;
  socket.on('pong', () => {
    isThere = true;
  });
  return () => {
    if (!isThere) return gone();
    isThere = false;
    socket.ping();
  };
}
