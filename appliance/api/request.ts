/** Owns one exchange with the daemon over its socket: the request as its row has it, and the answer in bounds. */
import {readFile, stat} from 'node:fs/promises';
import {type IncomingMessage, request} from 'node:http';
import {no, ok, type Result} from '../result.ts';
import type {Row} from './row.ts';
import type {ApiTrouble} from './trouble.ts';

export const answerLimitBytes = 16 << 20;
/** The daemon says something on a stream every 15 s. */
const silenceMs = 45_000;

/** What goes into a request; the row's types say what it may be. */
export interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export interface Exchange {
  readonly socket: string;
  readonly row: Row;
  readonly input: Input;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Resolves with the head of the answer. Rejects when the connection breaks or the signal says so. */
export async function open(exchange: Exchange): Promise<Result<IncomingMessage, ApiTrouble>> {
  const {socket, row, input, headers, signal} = exchange;
  const {path, json} = addressed(row, input);
  const {promise, resolve, reject} = Promise.withResolvers<IncomingMessage>();
  const sent = request({
    socketPath: socket,
    method: row.method,
    path,
    headers: {Accept: 'application/json', ...headers, ...headersFor(row, json)},
    signal,
    agent: false,
  });
  sent.once('response', resolve);
  sent.on('error', reject);
  sent.setTimeout(silenceMs, () => sent.destroy(new Error(`it was silent for ${silenceMs / 1000} s`)));
  sent.end(json);
  try {
    return ok(await promise);
  } catch (cause) {
    const trouble = await unreached(cause, socket);
    if (trouble === undefined) throw cause;
    return no(trouble);
  }
}

/** The request line and the body that an input comes to. */
export function addressed(
  row: Pick<Row, 'path' | 'body'>,
  {params = {}, query = {}, body = {}}: Input,
): {readonly path: string; readonly json: string | undefined} {
  const path = row.path.replaceAll(/:([a-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(name, String(one));
    }
  }
  const text = search.toString();
  return {
    path: text === '' ? path : `${path}?${text}`,
    json: row.body === null ? undefined : JSON.stringify(body),
  };
}

function headersFor({method}: Row, json: string | undefined): Readonly<Record<string, string | number>> {
  if (method === 'GET') return {};
  if (json === undefined) return {'Content-Length': 0};
  return {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json)};
}

/** Undefined when it is too long to be an answer of ours. */
export async function textOf(answer: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerLimitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What kept us from reaching it at all; undefined for what happened later. */
async function unreached(cause: unknown, socket: string): Promise<ApiTrouble | undefined> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') {
    return {reason: 'daemon-down', socket};
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return {reason: 'not-permitted', socket, group: await groupOf(socket)};
  }
  return undefined;
}

/** Whose members may use the socket; null when it cannot be seen or named. */
async function groupOf(socket: string): Promise<string | null> {
  try {
    const {gid} = await stat(socket);
    const lines = (await readFile('/etc/group', 'utf8')).split('\n');
    return lines.map(line => line.split(':')).find(fields => fields[2] === String(gid))?.[0] ?? null;
  } catch {
    return null;
  }
}
