/**
 * Owns the benchmark of a large upload through nginx as docs/reverse-proxy.md sets it up: one request over TLS with all of
 * it, which is what clients send that are told nothing else, and what nginx has of it in memory and on disk meanwhile.
 */
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {readFile, writeFile} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import {request} from 'node:https';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {setTimeout as wait} from 'node:timers/promises';
import {z} from 'zod';
import {Digest} from '../../appliance/digest.ts';
import {UserName} from '../../appliance/job.ts';
import {Appliance} from '../appliance.ts';
import {certificateIn, freePort, programs, publicName, shown} from '../proxy.ts';
import {bytesToDiskOf, forgetPeak, megabytesOf} from './process.ts';
import {ask, begin, type Server} from './tus-client.ts';

const MiB = 1 << 20;
const pieceBytes = MiB;
const settleMs = 10_000;
const ann = UserName.parse('ann');
const password = 'seven grey herons wait';
const Login = z.object({tokens: z.object({access: z.string()})});
const Completed = z.object({job: z.object({source: z.object({digest: Digest})})});

export async function benchProxied(folder: string, mebibytes: number): Promise<readonly string[]> {
  const [box, port] = [await freePort(), await freePort()];
  const appliance = await Appliance.start(join(folder, 'data'), settingsAt(box));
  const nginx = await nginxIn(folder, port, `127.0.0.1:${box}`);
  try {
    await wait(settleMs);
    const server = await loggedIn(appliance, {
      to: {host: '127.0.0.1', port, ca: nginx.ca, servername: publicName},
    });
    const hash = createHash('sha256');
    for (const piece of film(mebibytes)) hash.update(piece);
    const path = await begin(server, '/api/uploads', mebibytes * MiB);
    const before = await bytesToDiskOf(nginx.pid);
    // A login takes more than the upload: its password is hashed in 64 MB.
    for (const pid of [nginx.pid, appliance.pid]) await forgetPeak(pid);
    const began = performance.now();
    await sendWhole(server, path, mebibytes);
    const seconds = (performance.now() - began) / 1000;
    const wrote = (await bytesToDiskOf(nginx.pid)) - before;
    const peaks = [await megabytesOf(nginx.pid, 'VmHWM'), await megabytesOf(appliance.pid, 'VmHWM')] as const;
    const {job} = Completed.parse(await post(server, `${path}/complete`, {}));
    if (job.source.digest !== hash.digest('hex'))
      throw new Error(`${job.source.digest} is not what was sent`);
    return [
      `${mebibytes} MiB in one PATCH over TLS, HTTP/1.1, through nginx as docs/reverse-proxy.md sets it up: ${(mebibytes / seconds).toFixed(0)} MiB/s. Its SHA-256 at the end is what the client computed. nginx: ${peaks[0].toFixed(0)} MB resident at most, ${(wrote / 1e6).toFixed(1)} MB written to disk (wanted: under 50 and under 1). The daemon: ${peaks[1].toFixed(0)} MB at most (wanted: under 200).`,
    ];
  } finally {
    await nginx.stop();
    await appliance.stop();
  }
}

/** As the document says, on a port of this run. */
function settingsAt(port: number): Readonly<Record<string, string>> {
  const lines = shown('sh').trim().split('\n');
  return {
    ...Object.fromEntries(lines.map(line => line.split('='))),
    ...{DISK_FREE_MIN_GB: '0', MAX_UPLOAD_MB: 'unlimited', MAX_UPLOAD_MB_PER_USER: 'unlimited'},
    PORT: String(port),
  };
}

/** Always the same for the same length; no piece is like another. */
function* film(mebibytes: number): Generator<Buffer> {
  const noise = Buffer.alloc(pieceBytes, 'a film that nobody has seen ');
  for (let at = 0; at < mebibytes; at++) {
    const piece = Buffer.from(noise);
    piece.writeUInt32BE(at === 0 ? 0x1a45dfa3 : at, 0);
    yield piece;
  }
}

async function loggedIn(appliance: Appliance, {to}: Server): Promise<Server> {
  await appliance.client.call('users.add', {body: {name: ann, role: 'operator', password}});
  const server = {to, headers: {Host: publicName}};
  const asked = {name: ann, password, as: 'client'};
  const {tokens} = Login.parse(await post(server, '/api/auth/login', asked));
  return {to, headers: {...server.headers, Authorization: `Bearer ${tokens.access}`}};
}

async function post(server: Server, path: string, body: object): Promise<unknown> {
  const headers = {'Content-Type': 'application/json'};
  const answer = await ask(server, {
    ...{method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body))},
  });
  return JSON.parse(answer.body.toString('utf8'));
}

/** As fast as it is taken. */
async function sendWhole({to, headers}: Server, path: string, mebibytes: number): Promise<void> {
  const sent = request({
    ...{...to, path, method: 'PATCH', agent: false},
    headers: {
      ...{...headers, 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0'},
      ...{'Content-Type': 'application/offset+octet-stream', 'Content-Length': mebibytes * MiB},
    },
  });
  const answered = once(sent, 'response');
  await pipeline(Readable.from(film(mebibytes)), sent);
  const [answer]: IncomingMessage[] = await answered;
  if (answer?.statusCode !== 204) throw new Error(`the upload was answered with ${answer?.statusCode}`);
  answer.resume();
}

interface Nginx {
  readonly ca: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function nginxIn(folder: string, port: number, box: string): Promise<Nginx> {
  const {path, argv, file, config} = programs.nginx;
  const certificate = await certificateIn(folder);
  await writeFile(join(folder, file), config({folder, port, box, certificate}));
  const child = spawn(path, argv, {cwd: folder, stdio: ['ignore', 'ignore', 'inherit']});
  const exited = once(child, 'exit');
  return {
    ...{ca: await readFile(certificate.path, 'utf8'), pid: child.pid ?? 0},
    async stop() {
      child.kill();
      await exited;
    },
  };
}
