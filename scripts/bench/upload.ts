/**
 * Owns the benchmark of uploads: the same bytes in the same requests to the daemon and to a bare handler, in turn, and
 * what memory the daemon takes for it.
 */
import {spawn} from 'node:child_process';
import {createHash, randomFillSync} from 'node:crypto';
import {once} from 'node:events';
import {readFile, rm} from 'node:fs/promises';
import {Agent, type IncomingMessage, request} from 'node:http';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {Appliance} from '../appliance.ts';
import {median} from './job.ts';

const MiB = 1 << 20;
const pieceBytes = 8 * MiB;
/** They take turns, so that what else the machine does falls on both. */
const rounds = 8;
/** A daemon that was just started is still getting its first job process ready. */
const settleMs = 10_000;

const settings = {
  ...{DISK_FREE_MIN_GB: '0', MAX_UPLOAD_MB: 'unlimited', MAX_UPLOAD_MB_PER_USER: 'unlimited'},
};

export async function benchUpload(folder: string, mebibytes: number): Promise<readonly string[]> {
  const film = Buffer.alloc(pieceBytes);
  randomFillSync(film);
  Buffer.from([0x1a, 0x45, 0xdf, 0xa3]).copy(film);
  const data = join(folder, 'data');
  const appliance = await Appliance.start(data, settings);
  const bare = await startBare(folder);
  await wait(settleMs);
  const [ours, theirs]: [number[], number[]] = [[], []];
  const idle = await megabytesOf(appliance.pid, 'VmRSS');
  const bytes = Math.ceil(mebibytes / rounds / 8) * pieceBytes;
  try {
    for (let round = 0; round < rounds; round++) {
      theirs.push(await rate({socket: bare.socket, url: '/', film, bytes}));
      const socket = join(data, 'run/control.sock');
      const url = await begin(socket, bytes);
      ours.push(await rate({socket, url, film, bytes}));
      await ask(socket, 'DELETE', url, {});
      await rm(bare.path);
    }
    const peak = await megabytesOf(appliance.pid, 'VmHWM');
    const ratios = ours.map((mine, index) => mine / (theirs[index] ?? Number.NaN));
    return [
      `${(rounds * bytes) / MiB} MiB in PATCH requests of 8 MiB with SHA-256 checksums, over the control socket, in ${rounds} rounds in turn with a bare Koa handler that hashes, writes and syncs: ${median(ours).toFixed(0)} and ${median(theirs).toFixed(0)} MiB/s; ratios ${ratios.map(ratio => ratio.toFixed(2)).join(', ')}, median ${median(ratios).toFixed(2)} (wanted: 0.90 or more). The daemon: ${idle.toFixed(0)} MB resident before, ${peak.toFixed(0)} MB at most (wanted: under 200).`,
    ];
  } finally {
    bare.stop();
    await appliance.stop();
  }
}

async function startBare(folder: string) {
  const [socket, path] = [join(folder, 'bare.sock'), join(folder, 'bare')];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-upload.ts'), socket, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {socket, path, stop: () => child.kill()};
}

async function begin(socket: string, bytes: number): Promise<string> {
  const name = Buffer.from('film.mkv').toString('base64');
  const headers = {'Upload-Length': String(bytes), 'Upload-Metadata': `filename ${name}`};
  const {headers: found} = await ask(socket, 'POST', '/api/uploads', headers);
  return found.location ?? '';
}

interface Rated {
  readonly socket: string;
  readonly url: string;
  readonly film: Buffer;
  readonly bytes: number;
}

/** In MiB a second. What the client does for its checksum is done before. */
async function rate({socket, url, film, bytes}: Rated): Promise<number> {
  const checksum = `sha256 ${createHash('sha256').update(film).digest('base64')}`;
  const agent = new Agent({keepAlive: true});
  const began = performance.now();
  for (let offset = 0; offset < bytes; offset += film.length) {
    const headers = {'Upload-Offset': String(offset), 'Upload-Checksum': checksum};
    await ask(socket, 'PATCH', url, headers, {agent, body: film});
  }
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return bytes / MiB / seconds;
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  {agent, body}: {readonly agent?: Agent; readonly body?: Buffer} = {},
): Promise<IncomingMessage> {
  const type = body === undefined ? {} : {'Content-Type': 'application/offset+octet-stream'};
  const sent = request({
    ...{socketPath, path, method, agent: agent ?? false},
    headers: {...type, 'Tus-Resumable': '1.0.0', 'Content-Length': body?.length ?? 0, ...headers},
  });
  sent.end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (answer === undefined || (answer.statusCode ?? 500) >= 300)
    throw new Error(`${method} ${path} was answered with ${answer?.statusCode}`);
  answer.resume();
  await once(answer, 'end');
  return answer;
}

async function megabytesOf(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6;
}
