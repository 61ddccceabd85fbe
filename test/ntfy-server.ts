/**
 * Owns a server of the tests' own that speaks ntfy's publish and subscribe protocol, as read off ntfy's server: JSON
 * and header publishing, encoded words in headers, Bearer and Basic, limits, error bodies, the message stream. On
 * demand it behaves badly in the ways that servers and the networks before them do. Never keeps anything on disk.
 */
import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

export interface NtfyMessage {
  readonly id: string;
  readonly time: number;
  readonly event: 'open' | 'message';
  readonly topic: string;
  readonly title?: string;
  readonly message?: string;
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly click?: string;
  readonly sequence_id?: string;
}

/** What came in, as it came. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Behaviour =
  | {readonly is: 'well'}
  | {readonly is: 'status'; readonly status: number; readonly retryAfter?: string; readonly code?: number}
  /** Reads the request and says nothing. */
  | {readonly is: 'hang'}
  | {readonly is: 'reset'}
  /** Takes the message, and the answer is lost. */
  | {readonly is: 'lose-answer'}
  | {readonly is: 'redirect'; readonly to: string}
  /** Says 200 and this to everything, as a captive portal does. */
  | {readonly is: 'page'; readonly text: string}
  /** An answer that never ends. */
  | {readonly is: 'flood'};

const messageLimitBytes = 4096;
const titleLimitBytes = 1024;
const topicOf = /^\/([-_A-Za-z0-9]{1,64})(\/json)?$/;

class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, words: string) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

export class NtfyServer {
  /** Messages that were taken, in order. */
  readonly messages: NtfyMessage[] = [];
  readonly requests: Request[] = [];
  behaviour: Behaviour = {is: 'well'};
  /** Who may write and read; null lets everybody. */
  token: string | null = null;
  readonly #server: Server;
  readonly #subscribers = new Map<ServerResponse, string>();
  readonly #waits = new Set<() => void>();
  #port = 0;
  #hangups = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the port it had, when it was up before. */
  async start(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Resolves when so many requests came in, answered or not. */
  requested(count: number): Promise<void> {
    return this.#until(() => this.requests.length >= count);
  }

  /** Resolves when so many clients went away before they had their answer. */
  hungUp(count: number): Promise<void> {
    return this.#until(() => this.#hangups >= count);
  }

  /** Resolves when so many messages were taken. */
  took(count: number): Promise<void> {
    return this.#until(() => this.messages.length >= count);
  }

  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const {promise, resolve} = Promise.withResolvers<void>();
    const look = () => isSo() && resolve();
    this.#waits.add(look);
    await promise;
    this.#waits.delete(look);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: string;
    try {
      body = Buffer.concat(await request.toArray()).toString('utf8');
    } catch {
      return;
    }
    const {method = '', url = '', headers} = request;
    this.requests.push({method, url, headers, body});
    response.on('close', () => {
      if (!response.writableFinished) this.#hangups += 1;
      this.#look();
    });
    this.#answer({method, url, headers, body}, response);
    this.#look();
  }

  #look(): void {
    for (const look of this.#waits) look();
  }

  #answer(request: Request, response: ServerResponse): void {
    const {behaviour} = this;
    if (behaviour.is === 'hang') return;
    if (behaviour.is === 'reset') response.socket?.resetAndDestroy();
    else if (behaviour.is === 'redirect') response.writeHead(307, {location: behaviour.to}).end('moved');
    else if (behaviour.is === 'page') response.writeHead(200).end(behaviour.text);
    else if (behaviour.is === 'flood') flood(response);
    else this.#obey(request, response);
  }

  #obey(request: Request, response: ServerResponse): void {
    const {behaviour} = this;
    try {
      if (behaviour.is === 'status') throw new Refusal(behaviour.status, behaviour.code ?? 0, 'as told');
      this.#route(request, response);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      const after = behaviour.is === 'status' ? behaviour.retryAfter : undefined;
      const retry = after === undefined ? {} : {'retry-after': after};
      const {status, code, message} = cause;
      response.writeHead(status, {'content-type': 'application/json', ...retry});
      response.end(`${JSON.stringify({...(code === 0 ? {} : {code}), http: status, error: message})}\n`);
    }
  }

  #route(request: Request, response: ServerResponse): void {
    const {method, url} = request;
    const {pathname, searchParams} = new URL(url, this.url);
    const [, topic, json] = topicOf.exec(pathname) ?? [];
    const publishes = method === 'POST' || method === 'PUT';
    if (publishes && pathname === '/') {
      this.#publishJson(request, searchParams, response);
      return;
    }
    if (topic === undefined || publishes === (json !== undefined))
      throw new Refusal(404, 40401, 'page not found');
    this.#authorise(request);
    if (publishes) this.#take({topic, body: request.body, param: paramOf(request, searchParams)}, response);
    else if (method === 'GET') this.#subscribe(topic, searchParams, response);
    else throw new Refusal(404, 40401, 'page not found');
  }

  #authorise({headers}: Request): void {
    const {token} = this;
    if (token === null) return;
    const given = headers.authorization ?? '';
    // ntfy takes a token as Bearer, and as the password of an empty user.
    const basic = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
    if (given === '') throw new Refusal(403, 40301, 'forbidden');
    if (given !== `Bearer ${token}` && given !== basic) throw new Refusal(401, 40101, 'unauthorized');
  }

  /** The fields stand for the headers of the same names, and go before them. */
  #publishJson(request: Request, query: URLSearchParams, response: ServerResponse): void {
    if (Buffer.byteLength(request.body) > 2 * messageLimitBytes)
      throw new Refusal(413, 41303, 'JSON body too large');
    const fields = parsed(request.body);
    const {topic} = fields;
    if (typeof topic !== 'string' || !topicOf.test(`/${topic}`))
      throw new Refusal(400, 40009, 'invalid request: topic invalid');
    this.#authorise(request);
    const others = paramOf(request, query);
    const param = (...names: readonly string[]): string => {
      const [name = ''] = names;
      const value = fields[name];
      if (Array.isArray(value) && value.length > 0) return value.join(',');
      const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
      return text === '' || text === '0' ? others(...names) : decoded(text).trim();
    };
    const body = typeof fields['message'] === 'string' ? fields['message'] : '';
    this.#take({topic, body, param}, response);
  }

  #take(
    {topic, body, param}: {readonly topic: string; readonly body: string; readonly param: Param},
    response: ServerResponse,
  ): void {
    const title = param('title', 't');
    const tags = param('tags', 'tag', 'ta');
    const sequence = param('sequence_id', 'sequence-id', 'sid');
    const click = param('click');
    const priority = priorityOf(param('priority', 'prio', 'p'));
    if (Buffer.byteLength(title) > titleLimitBytes) throw new Refusal(400, 40057, 'title too large');
    if (Buffer.byteLength(tags) > 512) throw new Refusal(400, 40058, 'tags too large');
    if (Buffer.byteLength(body) > messageLimitBytes)
      throw new Refusal(400, 40014, 'invalid request: attachments not allowed');
    if (sequence !== '' && !/^[-_A-Za-z0-9]{1,64}$/.test(sequence))
      throw new Refusal(400, 40049, 'invalid request: sequence ID invalid');
    const message: NtfyMessage = {
      ...this.#event('message', topic),
      message: body.trim() || param('message', 'm') || 'triggered',
      ...(title === '' ? {} : {title}),
      ...(priority === 0 ? {} : {priority}),
      ...(tags === '' ? {} : {tags: tags.split(',').map(tag => tag.trim())}),
      ...(click === '' ? {} : {click}),
      ...(sequence === '' ? {} : {sequence_id: sequence}),
    };
    this.messages.push(message);
    for (const [subscriber, wanted] of this.#subscribers) if (wanted === topic) write(subscriber, message);
    if (this.behaviour.is === 'lose-answer') response.socket?.resetAndDestroy();
    else response.writeHead(200, {'content-type': 'application/json'}).end(`${JSON.stringify(message)}\n`);
  }

  #subscribe(topic: string, query: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, {'content-type': 'application/x-ndjson; charset=utf-8'});
    const polls = query.get('poll') === '1';
    if (!polls) write(response, this.#event('open', topic));
    if (polls || query.get('since') === 'all')
      for (const message of this.messages) if (message.topic === topic) write(response, message);
    if (polls) {
      response.end();
      return;
    }
    this.#subscribers.set(response, topic);
    response.on('close', () => this.#subscribers.delete(response));
  }

  #event<Is extends NtfyMessage['event']>(event: Is, topic: string): NtfyMessage & {event: Is} {
    const id = `m${String(this.messages.length).padStart(11, '0')}`;
    return {id, time: Math.floor(Date.now() / 1000), event, topic};
  }
}

type Param = (...names: readonly string[]) => string;

/** `X-Title`, `Title`, `?title=`: the first that says anything. */
function paramOf({headers}: Request, query: URLSearchParams): Param {
  return (...names) => {
    for (const name of names.flatMap(name => [`x-${name}`, name])) {
      // Node reads headers as Latin-1; senders write UTF-8.
      const value = decoded(Buffer.from(String(headers[name] ?? ''), 'latin1').toString('utf8')).trim();
      if (value !== '' && !/^u=\d(,\s*(i|\d))?$/.test(value)) return value;
    }
    return names.map(name => query.get(name)?.trim() ?? '').find(value => value !== '') ?? '';
  };
}

/** RFC 2047's encoded words, which ntfy takes in every header and in the fields of JSON that stand for one. */
function decoded(text: string): string {
  return text.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, how: string, word: string) =>
    how.toLowerCase() === 'b'
      ? Buffer.from(word, 'base64').toString('utf8')
      : decodeURIComponent(word.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, '%$1')),
  );
}

function priorityOf(text: string): number {
  const named = {min: 1, low: 2, default: 3, high: 4, max: 5, urgent: 5};
  if (text === '') return 0;
  const number = /^[1-5]$/.test(text) ? Number(text) : new Map(Object.entries(named)).get(text.toLowerCase());
  if (number === undefined) throw new Refusal(400, 40007, 'invalid priority parameter');
  return number;
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return {...value};
  } catch {}
  throw new Refusal(400, 40024, 'invalid request: request body must be valid JSON');
}

function write(response: ServerResponse, message: NtfyMessage): void {
  response.write(`${JSON.stringify(message)}\n`);
}

function flood(response: ServerResponse): void {
  response.writeHead(200, {'content-type': 'application/json'});
  const pour = () => {
    while (!response.destroyed && response.write(' '.repeat(1 << 14)));
  };
  response.on('drain', pour);
  pour();
}
