/** The real thing over a real socket: Koa, listener, client; and requests written by hand. */
import {mkdtemp, rm} from 'node:fs/promises';
import {type IncomingHttpHeaders, request} from 'node:http';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import {ApiClient} from '../../appliance/api/client.ts';
import type {Job} from '../../appliance/job.ts';
import {createApp} from '../../web/app.ts';
import {Bundle} from '../../web/bundle.ts';
import {type Audited, type Door, type RequestLog, socketDoor} from '../../web/door.ts';
import {handlersFor} from '../../web/handlers.ts';
import {Listener, type ListenerLimits, listenerLimits} from '../../web/listener.ts';
import {SocketFile} from '../../web/socket.ts';
import {Sockets} from '../../web/sockets.ts';
import {Streams} from '../../web/streams.ts';
import {ann, MemoryBox} from './memory-box.ts';
import {type Home, peopleOf} from './people.ts';

type Answered = Parameters<RequestLog['answered']>[0];
type Fault = Parameters<RequestLog['fault']>[0];

export interface Served {
  readonly box: MemoryBox;
  readonly path: string;
  readonly listener: Listener<unknown>;
  readonly streams: Streams;
  readonly client: ApiClient;
  readonly audited: Audited[];
  readonly answered: Answered[];
  readonly faults: Fault[];
  /** Lets the time between two signs of life pass. */
  beat(): void;
}

export interface ServedSetting {
  readonly jobs?: readonly Job[];
  readonly box?: MemoryBox;
  readonly home?: Home;
  readonly door?: Door;
  readonly limits?: Partial<ListenerLimits>;
  readonly areImportsOn?: boolean;
  readonly streamLimit?: number;
  readonly checkAnswers?: boolean;
}

/** A folder with a path that is short enough for a socket. */
export async function shortFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'd-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

export async function serve(t: Test, setting: ServedSetting = {}): Promise<Served> {
  const path = join(await shortFolder(t), 'control.sock');
  const box = setting.box ?? new MemoryBox(setting.jobs);
  const {accounts} = setting.home ?? (await peopleOf(t));
  const audited: Audited[] = [];
  const answered: Answered[] = [];
  const faults: Fault[] = [];
  const ticks = new Set<() => void>();
  let streams: Streams | undefined;
  const listener = new Listener({
    place: new SocketFile({path, gid: null}),
    limits: {...listenerLimits, ...setting.limits},
    fault: cause => faults.push({requestId: '-', route: null, cause}),
    serve: stopping => {
      streams = new Streams({
        limit: setting.streamLimit ?? 256,
        stopping,
        every: (_ms, tick) => {
          ticks.add(tick);
          return () => ticks.delete(tick);
        },
      });
      const every = (): (() => void) => () => {};
      const bundle = new Bundle();
      return createApp({
        bundle,
        sockets: new Sockets({limit: 256, stopping, every}),
        ...{admit: () => undefined, origins: new Set<string>()},
        ...{box, streams, stopping, now: () => 0, checkAnswers: setting.checkAnswers ?? true},
        ...{takeMs: {...listenerLimits, ...setting.limits}.takeMs, wallNow: () => Date.now()},
        door: setting.door ?? socketDoor(ann),
        handlers: handlersFor(box, {
          ...{version: '0.1.0', accounts, areImportsOn: setting.areImportsOn ?? true, baseUrl: null},
          ...{bundle, now: () => 0},
        }),
        audit: async entry => void audited.push(entry),
        log: {answered: line => answered.push(line), fault: line => faults.push(line)},
      });
    },
  });
  const started = await listener.start();
  if (!started.ok) throw new Error(`it did not start: ${JSON.stringify(started.why)}`);
  t.teardown(() => listener.stop(AbortSignal.abort()));
  if (streams === undefined) throw new Error('nothing is served');
  const beat = (): void => {
    for (const tick of ticks) tick();
  };
  const client = new ApiClient({socket: path, wait: async () => {}});
  return {box, path, listener, streams, client, audited, answered, faults, beat};
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The code of a problem; undefined for a success. */
  readonly code: string | undefined;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request, written as it is given: nothing is made right. */
export async function ask(path: string, address: string, asked: Asked = {}): Promise<Answer> {
  const {method = 'GET', headers = {}, body} = asked;
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  const sent = request({socketPath: path, path: address, method, headers, agent: false}, answer => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => {
      text += chunk;
    });
    answer.once('error', reject);
    answer.once('end', () => {
      const {statusCode = 0, headers} = answer;
      // A no to somebody who asks for a page is a page.
      const isJson = /json/.test(headers['content-type'] ?? '');
      const code = statusCode >= 400 && isJson && text !== '' ? JSON.parse(text).error.code : undefined;
      resolve({status: statusCode, headers, text, code});
    });
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

export const json = (value: unknown, method = 'POST') => ({
  method,
  body: JSON.stringify(value),
  headers: {'Content-Type': 'application/json'},
});

/** A bare connection, and all that comes over it. */
export async function dial(
  t: Test,
  path: string,
): Promise<{socket: Socket; heard: () => string; over: Promise<void>}> {
  const socket = connect({path});
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const over = new Promise<void>(resolve => socket.once('close', () => resolve()));
  t.teardown(() => socket.destroy());
  await new Promise<void>(resolve => socket.once('connect', () => resolve()));
  return {socket, heard: () => text, over};
}

/** Looks again and again until it is so. Fails with a word when that takes too long. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it never came to: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
