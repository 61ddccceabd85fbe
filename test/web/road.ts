/**
 * Owns the ways on which a test's request gets to a proxy or to the box: HTTP/1.1, plain or over TLS, and HTTP/2. The body
 * goes and the answer comes as fast as the test likes. Never knows a cookie.
 */
import {once} from 'node:events';
import {type IncomingHttpHeaders, type IncomingMessage, request} from 'node:http';
import {type ClientHttp2Stream, connect} from 'node:http2';
import {request as tlsRequest} from 'node:https';
import {connect as connectTcp} from 'node:net';
import type {Readable} from 'node:stream';
import {connect as connectTls} from 'node:tls';
import type {Test} from 'tap';

export interface Leaving {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is under way. */
export interface Sending {
  write(piece: Buffer): void;
  /** Resolves when the answer begins. */
  end(piece?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface Road {
  send(path: string, leaving: Leaving): Sending;
}

/** What makes a client trust a proxy: its certificate, under that name whatever name is asked for. */
export type Trust = Readonly<Record<'ca' | 'servername', string>>;

export interface Ends {
  readonly url: string;
  /** The address of this machine that it comes from. */
  readonly from: string;
  readonly trust?: Trust;
}

export function firstRoad(t: Test, {url, from, trust}: Ends): Road {
  const begin = trust === undefined ? request : tlsRequest;
  return {
    send(path, {method = 'GET', headers = {}}) {
      const sent = begin(url + path, {
        ...{method, headers, agent: false, localAddress: from},
        ...trust,
      });
      sent.on('error', () => {});
      t.teardown(() => sent.destroy());
      return {
        write: piece => void sent.write(piece),
        async end(piece) {
          const answered = once(sent, 'response');
          sent.end(piece);
          const [answer]: IncomingMessage[] = await answered;
          if (answer === undefined) throw new Error('there is no answer');
          return {status: answer.statusCode ?? 0, headers: answer.headers, body: answer};
        },
      };
    },
  };
}

/** One connection for all. Throws when the other side does not speak it. */
export async function secondRoad(t: Test, {url, from, trust}: Ends & {readonly trust: Trust}): Promise<Road> {
  const {hostname: host, port} = new URL(url);
  const session = connect(url, {
    createConnection: () =>
      connectTls({
        ...{...trust, ALPNProtocols: ['h2']},
        socket: connectTcp({host, port: Number(port), localAddress: from}),
      }),
  });
  t.teardown(() => session.destroy());
  await once(session, 'connect');
  if (session.alpnProtocol !== 'h2') throw new Error(`${url} speaks ${session.alpnProtocol}`);
  return {
    send(path, {method = 'GET', headers: {Host = new URL(url).host, ...headers} = {}}) {
      const pseudo = {':method': method, ':path': path, ':authority': Host};
      let sent: ClientHttp2Stream | undefined;
      // As browsers do, the header fields say already that there is no body: what says so later is passed on as one.
      const begin = (endStream: boolean): ClientHttp2Stream => {
        const begun = session.request({...pseudo, ...headers}, {endStream});
        begun.on('error', () => {});
        t.teardown(() => begun.destroy());
        return begun;
      };
      return {
        write(piece) {
          sent ??= begin(false);
          sent.write(piece);
        },
        async end(piece) {
          sent ??= begin(piece === undefined);
          const answered = once(sent, 'response');
          sent.end(piece);
          const [found] = await answered;
          return {status: found[':status'], headers: found, body: sent};
        },
      };
    },
  };
}
