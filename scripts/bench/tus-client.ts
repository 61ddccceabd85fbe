/** Owns the client of the benchmarks of uploads: one request at a time, over a socket or TLS. Never measures. */
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {Agent, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request} from 'node:http';
import {Agent as TlsAgent, request as tlsRequest} from 'node:https';
import {buffer} from 'node:stream/consumers';

/** Where it goes, and what goes with every request. */
export interface Server {
  readonly to: RequestOptions & {readonly ca?: string; readonly servername?: string};
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly agent?: Agent;
}

export interface Answered {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Throws when the answer is no good one. */
export async function ask(
  {to, headers: always}: Server,
  {method, path, headers, body, agent}: Asked,
): Promise<Answered> {
  const begin = to.ca === undefined ? request : tlsRequest;
  const sent = begin({
    ...{...to, path, method, agent: agent ?? false},
    headers: {'Tus-Resumable': '1.0.0', 'Content-Length': body?.length ?? 0, ...always, ...headers},
  });
  sent.end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (answer === undefined) throw new Error(`${method} ${path} was not answered`);
  const answered = {headers: answer.headers, body: await buffer(answer)};
  if ((answer.statusCode ?? 500) >= 300)
    throw new Error(`${method} ${path} was answered with ${answer.statusCode}: ${answered.body}`);
  return answered;
}

/** The path to send it to. */
export async function begin(server: Server, path: string, bytes: number): Promise<string> {
  const name = Buffer.from('film.mkv').toString('base64');
  const headers = {'Upload-Length': String(bytes), 'Upload-Metadata': `filename ${name}`};
  const {location = ''} = (await ask(server, {method: 'POST', path, headers})).headers;
  return location;
}

/** All of it in pieces of one size, each with its checksum, on one connection. */
export async function sendAll(
  server: Server,
  path: string,
  {pieces, each}: {readonly pieces: Iterable<Buffer>; readonly each?: () => Promise<void>},
): Promise<void> {
  const agent = server.to.ca === undefined ? new Agent({keepAlive: true}) : new TlsAgent({keepAlive: true});
  let offset = 0;
  for (const body of pieces) {
    const headers = {
      ...{'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset)},
      'Upload-Checksum': checksumOf(body),
    };
    await ask(server, {method: 'PATCH', path, headers, body, agent});
    offset += body.length;
    await each?.();
  }
  agent.destroy();
}

const checksums = new WeakMap<Buffer, string>();

/** What is sent again and again is hashed once: the client's work is not what is measured. */
function checksumOf(body: Buffer): string {
  const known = checksums.get(body) ?? `sha256 ${createHash('sha256').update(body).digest('base64')}`;
  checksums.set(body, known);
  return known;
}
