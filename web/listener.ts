/**
 * Owns one HTTP server: its limits on slow, large and many clients, and its end. Never knows what is asked of it, nor
 * where it listens.
 */
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import type {Socket} from 'node:net';
import type {Result} from '../appliance/result.ts';
import {bareAnswer} from './headers.ts';
import {awaitWhole} from './patience.ts';
import {noteUpgrade} from './sockets.ts';

export interface ListenerLimits {
  readonly connections: number;
  readonly headerBytes: number;
  /** How long a client may take for the head of a request, and after that for the rest of it. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** How long a connection may say nothing between two requests. */
  readonly idleMs: number;
  /** How long a client may take nothing of an answer that is ready. */
  readonly takeMs: number;
}

export const listenerLimits: ListenerLimits = {
  connections: 512,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 5_000,
  takeMs: 30_000,
};

/** Where a server listens. */
export interface Place<Trouble> {
  open(server: Server): Promise<Result<void, Trouble>>;
  /** Lets nobody new find it. May be called twice. */
  remove(): Promise<void>;
}

/** As Node calls it. */
const tooSlow = 'ERR_HTTP_REQUEST_TIMEOUT';

export interface ListenerSetting<Trouble> {
  readonly place: Place<Trouble>;
  /** `stopping` ends streams, which would never end by themselves. */
  readonly serve: (stopping: AbortSignal) => RequestListener;
  readonly limits: ListenerLimits;
  /** What went wrong with no request to blame, such as no file descriptor being left for the next one. */
  readonly fault: (cause: unknown) => void;
}

export class Listener<Trouble> {
  readonly #place: Place<Trouble>;
  readonly #limits: ListenerLimits;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  /** Every connection, with the answers it still waits for. */
  readonly #connections = new Map<Socket, Set<ServerResponse>>();
  #opened: Promise<Result<void, Trouble>> | undefined;
  #stopped: Promise<void> | undefined;

  constructor({place, serve, limits, fault}: ListenerSetting<Trouble>) {
    this.#place = place;
    this.#limits = limits;
    this.#server = createServer({
      headersTimeout: limits.headersMs,
      // A film takes longer than any limit on the whole: see `#begin`.
      requestTimeout: 0,
      keepAliveTimeout: limits.idleMs,
      maxHeaderSize: limits.headerBytes,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      // Asked of the request itself where it matters, with an answer that says so.
      requireHostHeader: false,
    });
    this.#server.maxConnections = limits.connections;
    const answer = serve(this.#stopping.signal);
    this.#server.on('error', fault);
    this.#server.on('connection', socket => this.#admit(socket));
    this.#server.on('request', (req, res) => this.#begin(req, res));
    this.#server.on('request', answer);
    this.#server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket as Socket, head, answer));
    // An expectation is a wish: it is not met, and the request is answered like any other.
    this.#server.on('checkExpectation', (req, res) => this.#server.emit('request', req, res));
    this.#server.on('clientError', (cause, socket) => this.#answerNoRequest(cause, socket as Socket));
  }

  get connections(): number {
    return this.#connections.size;
  }

  start(): Promise<Result<void, Trouble>> {
    this.#opened ??= this.#place.open(this.#server);
    return this.#opened;
  }

  /** Takes no more, ends streams, waits for requests in flight until the deadline. May be called twice. */
  stop(deadline: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(deadline);
    return this.#stopped;
  }

  async #stop(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const opened = await this.#opened;
    if (opened?.ok !== true) return;
    await this.#place.remove();
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const [socket, answers] of this.#connections) if (answers.size === 0) socket.destroy();
    const giveUp = (): void => {
      for (const socket of this.#connections.keys()) socket.destroy();
    };
    deadline.addEventListener('abort', giveUp);
    if (deadline.aborted) giveUp();
    await closed;
    deadline.removeEventListener('abort', giveUp);
  }

  #admit(socket: Socket): void {
    this.#connections.set(socket, new Set());
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** Answered like any other request, until a handler takes the connection over. */
  #upgrade(req: IncomingMessage, socket: Socket, head: Buffer, answer: RequestListener): void {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(0);
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket);
    res.once('finish', () => socket.end());
    noteUpgrade(req, {socket, head, release: () => res.detachSocket(socket)});
    answer(req, res);
  }

  #begin(req: IncomingMessage, res: ServerResponse): void {
    const {socket} = req;
    awaitWhole(req, this.#limits.requestMs, () => this.#answerNoRequest({code: tooSlow}, socket));
    const answers = this.#connections.get(socket);
    answers?.add(res);
    // Runs until the client has taken what was written; Node sets it anew for the next request.
    res.once('prefinish', () => socket.setTimeout(this.#limits.takeMs));
    res.once('close', () => {
      answers?.delete(res);
      if (this.#stopping.signal.aborted && answers?.size === 0) socket.destroySoon();
    });
  }

  /** What is no HTTP, or came too slowly. An answer on its way already must not be written into. */
  #answerNoRequest(cause: Error | {readonly code: string}, socket: Socket): void {
    const begun = [...(this.#connections.get(socket) ?? [])].some(res => res.headersSent);
    const code = 'code' in cause ? String(cause.code) : undefined;
    if (code === 'ECONNRESET' || !socket.writable || begun) {
      socket.destroy();
      return;
    }
    const {status, ...problem} = noRequest(code);
    socket.end(bareAnswer(status, problem, randomUUID()), () => socket.destroy());
  }
}

function noRequest(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return {
      status: '431 Request Header Fields Too Large',
      code: 'head-too-large',
      what: 'The head of the request is too large.',
      fix: 'Send fewer and shorter header fields.',
    };
  }
  if (code === tooSlow) {
    return {
      status: '408 Request Timeout',
      code: 'too-slow',
      what: 'The request took too long to arrive.',
      fix: 'Try again, over a better connection.',
    };
  }
  return {
    status: '400 Bad Request',
    code: 'no-http',
    what: 'This is no HTTP request.',
    fix: 'Check what speaks to the box here.',
  };
}
