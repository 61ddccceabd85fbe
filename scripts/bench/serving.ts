/**
 * Owns the benchmark of what the daemon answers with: pages of a long list, searches, and films, against nginx with
 * sendfile on the same file.
 */
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, open, readFile, writeFile} from 'node:fs/promises';
import {createServer, get, type IncomingMessage} from 'node:http';
import {type AddressInfo, connect, type Socket} from 'node:net';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import {digestOf} from '../../appliance/digest.ts';
import {type Job, JobId, UserName} from '../../appliance/job.ts';
import {Store} from '../../appliance/store/store.ts';
import {type BoxTables, migrations, tables, version} from '../../supervisor/state.ts';
import {Appliance} from '../appliance.ts';
import {median} from './job.ts';
import {fill, jobOf} from './stored.ts';

const MiB = 1 << 20;
const filmBytes = 1024 * MiB;
const rounds = 3;
const crowd = 20;
const crowdBytes = 128 * MiB;
const slow = 500;
const jobsStored = 100_000;
const asksASecond = 200;
const listSeconds = 15;
const searches = 60;
const settleMs = 10_000;
/** As people run it for good: while developing, every answer is held against its row. */
const settings = {ENV: 'production', CORS_ORIGINS: 'http://localhost', DISK_FREE_MIN_GB: '0'};
const password = 'seven grey herons wait';

export async function benchServing(folder: string): Promise<readonly string[]> {
  return [await lists(join(folder, 'lists')), '', ...(await films(join(folder, 'films')))];
}

async function lists(data: string): Promise<string> {
  await stored(data, store =>
    fill(
      store,
      Array.from({length: jobsStored}, (_, index) => jobOf(index + 1)),
    ),
  );
  const appliance = await Appliance.start(data, settings);
  try {
    await wait(settleMs);
    const socketPath = join(data, 'run/control.sock');
    // The first few hundred are slower: nothing is compiled yet.
    for (let ask = 0; ask < 500; ask++) await timed(socketPath, '/api/jobs');
    const took: number[] = [];
    const under: Promise<void>[] = [];
    for (let ask = 0; ask < asksASecond * listSeconds; ask++) {
      under.push(timed(socketPath, '/api/jobs').then(ms => void took.push(ms)));
      if (ask % 2 === 1) await wait(2000 / asksASecond);
    }
    await Promise.all(under);
    const found: number[] = [];
    for (let search = 0; search < searches; search++)
      found.push(await timed(socketPath, `/api/jobs?q=${encodeURIComponent(`${search} no such film`)}`));
    return `${jobsStored.toLocaleString('en')} jobs stored. \`GET /api/jobs\` ${asksASecond} times a second for ${listSeconds} s, after 500 to warm up: median ${of(took, 0.5)} ms, p99 ${of(took, 0.99)} ms (wanted: under 20). A search that finds nothing, ${searches} times: median ${of(found, 0.5)} ms, worst ${of(found, 1)} ms (wanted: under 50).`;
  } finally {
    await appliance.stop();
  }
}

/** Of the sorted times, the one at that share. */
function of(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1);
}

async function timed(socketPath: string, path: string): Promise<number> {
  const began = performance.now();
  const [answer]: IncomingMessage[] = await once(get({socketPath, path, agent: false}), 'response');
  if (answer?.statusCode !== 200) throw new Error(`${path} was answered with ${answer?.statusCode}`);
  answer.resume();
  await once(answer, 'end');
  return performance.now() - began;
}

async function films(folder: string): Promise<readonly string[]> {
  const data = join(folder, 'data');
  const film = await filmIn(data);
  const port = await freePort();
  const appliance = await Appliance.start(data, {...settings, PORT: String(port)});
  const nginx = await startNginx(folder, film);
  try {
    const key = await keyFor(appliance, port);
    await wait(settleMs);
    const ours = {
      url: `http://127.0.0.1:${port}/files/${annsJob.id}/film`,
      header: `Authorization: Bearer ${key}`,
    };
    const theirs = {url: `http://127.0.0.1:${nginx.port}/film.mkv`, header: 'X-None: 1'};
    const single = await inTurn(ours, theirs, {clients: 1, bytes: filmBytes});
    const many = await inTurn(ours, theirs, {clients: crowd, bytes: crowdBytes});
    return [
      `A film of 1 GiB by Range over loopback, in ${rounds} rounds in turn with nginx (sendfile) on the same file. One client: ${single}. ${crowd} clients, ${crowdBytes / MiB} MiB each: ${many} (wanted: 0.50 or more of nginx).`,
      '',
      await trickle(appliance, port, key),
    ];
  } finally {
    await nginx.stop();
    await appliance.stop();
  }
}

interface Target {
  readonly url: string;
  readonly header: string;
}

async function inTurn(
  ours: Target,
  theirs: Target,
  load: {readonly clients: number; readonly bytes: number},
): Promise<string> {
  const [mine, other]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    other.push(await rate(theirs, load));
    mine.push(await rate(ours, load));
  }
  const ratio = median(mine.map((value, i) => value / (other[i] ?? Number.NaN)));
  return `${median(mine).toFixed(0)} and ${median(other).toFixed(0)} MiB/s, ratio ${ratio.toFixed(2)}`;
}

/** In MiB a second, all clients together. */
async function rate(
  {url, header}: Target,
  {clients, bytes}: {clients: number; bytes: number},
): Promise<number> {
  const argv = ['-fsS', '-o', '/dev/null', '-H', header, '-r', `0-${bytes - 1}`, url];
  const began = performance.now();
  await Promise.all(Array.from({length: clients}, () => promisify(execFile)('curl', argv)));
  return (clients * bytes) / MiB / ((performance.now() - began) / 1000);
}

/** Clients that take a little and then nothing, and what others notice of them. */
async function trickle(appliance: Appliance, port: number, key: string): Promise<string> {
  const before = await megabytesOf(appliance.pid);
  const alone = await probes(port);
  const head = `GET /files/${annsJob.id}/film HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  const sockets: Socket[] = [];
  for (let client = 0; client < slow; client++) {
    const socket = connect({port, host: '127.0.0.1'});
    socket.on('error', () => {});
    socket.once('data', () => socket.pause());
    socket.write(head);
    sockets.push(socket);
    if (client % 20 === 19) await wait(100);
  }
  await wait(3000);
  const during = await megabytesOf(appliance.pid);
  const beside = await probes(port);
  for (const socket of sockets) socket.destroy();
  return `${slow} clients that begin a film and take nothing more: ${(during - before).toFixed(0)} MB more than before (${before.toFixed(0)} MB; wanted: under 100); somebody else's probe takes ${alone} ms without them and ${beside} ms beside them.`;
}

async function probes(port: number): Promise<string> {
  const took: number[] = [];
  for (let probe = 0; probe < 100; probe++) {
    const began = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    took.push(performance.now() - began);
  }
  return median(took).toFixed(1);
}

const ann = UserName.parse('ann');
const annsJob: Job = {...jobOf(1), id: JobId.parse('0000000001'), owner: ann};

/** A finished job with a film of random bytes; the path. */
async function filmIn(data: string): Promise<string> {
  const out = join(data, 'jobs', annsJob.id, 'out');
  await mkdir(out, {recursive: true});
  const path = join(out, 'film.mkv');
  await using file = await open(path, 'w');
  const piece = Buffer.alloc(16 * MiB, 'a film that nobody has seen ');
  for (let written = 0; written < filmBytes; written += piece.length) await file.write(piece);
  const output = {kind: 'film', path, bytes: filmBytes, digest: digestOf('film')};
  const state = {is: 'done', at: 1, seconds: 1, outputs: [output], summary: []} as const;
  await stored(data, async store => {
    await store.commit(draft =>
      draft.put('jobs', annsJob.id, {...annsJob, state: {...state, outputs: [output], summary: []}}),
    );
  });
  return path;
}

async function stored(data: string, fillIn: (store: Store<BoxTables>) => Promise<void>): Promise<void> {
  await mkdir(data, {recursive: true, mode: 0o700});
  const store = await Store.open(join(data, 'state'), {tables, version, migrations, tell: () => {}});
  await fillIn(store);
  await store.stop();
}

async function keyFor(appliance: Appliance, port: number): Promise<string> {
  await appliance.client.call('users.add', {body: {name: ann, role: 'operator', password}});
  const post = async (path: string, body: object, token?: string): Promise<Record<string, never>> => {
    const headers = {'Content-Type': 'application/json', ...(token && {Authorization: `Bearer ${token}`})};
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
    return answer.json() as Promise<Record<string, never>>;
  };
  const {tokens} = await post('/api/auth/login', {name: ann, password, as: 'client'});
  const {access} = tokens ?? {access: ''};
  const {text} = await post('/api/keys', {name: 'bench', scopes: ['read:job']}, access);
  return String(text);
}

async function startNginx(folder: string, film: string) {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  const root = film.slice(0, film.lastIndexOf('/'));
  await writeFile(
    config,
    `daemon off; pid ${folder}/nginx.pid; error_log stderr error; worker_processes auto; user root;
events { worker_connections 1024; }
http { access_log off; sendfile on; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
server { listen 127.0.0.1:${port}; root ${root}; } }
`,
  );
  const child = spawn('nginx', ['-c', config, '-p', folder], {stdio: ['ignore', 'ignore', 'inherit']});
  const ended = once(child, 'exit');
  await wait(1000);
  return {
    port,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
}
