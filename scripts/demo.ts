/**
 * Owns the first minute: starts the daemon in a folder of its own, drops the sample film into its inbox, shows how far
 * it is and the push that a phone would get, and says where the dub is. Ends everything that it started.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {copyFile, mkdir, rename, rm} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join, relative} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {ApiClient} from '../appliance/api/client.ts';
import type {JobLine} from '../appliance/api/shapes.ts';
import {describeApiTrouble} from '../appliance/api/trouble.ts';

const root = join(import.meta.dirname, '..');
const data = join(root, 'var/demo');
const inbox = join(data, 'inbox');
const dubs = join(process.cwd(), 'dub');
const startLimitMs = 60_000;
const pushLimitMs = 30_000;
const screen = process.stdout;

/** Stands in for the phone: takes what the daemon pushes, as an ntfy server on this machine would. */
async function phone(): Promise<{
  readonly server: Server;
  readonly port: number;
  readonly push: Promise<string>;
}> {
  const {promise: push, resolve} = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    void Array.fromAsync(request).then(chunks => {
      const {title, message} = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({id: randomBytes(6).toString('hex'), event: 'message'}));
      resolve(`${title}\n  ${String(message).replaceAll('\n', '\n  ')}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {server, port: (server.address() as AddressInfo).port, push};
}

function startDaemon(port: number): ChildProcess {
  return spawn(join(root, 'scripts/dubstead'), ['up'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{
        DATA_DIR: data,
        OUTPUT_DIR: dubs,
        INBOX_STABLE_SECONDS: '1',
        DISK_FREE_MIN_GB: '0.5',
        JOB_NICE: '0',
      },
      ...{
        NOTIFY_ON_JOB_DONE: '1',
        NTFY_BASE_URL: `http://127.0.0.1:${port}`,
        NTFY_TOPIC: 'demo-on-this-machine',
      },
    },
  });
}

async function ready(client: ApiClient, daemon: ChildProcess): Promise<void> {
  for (const until = performance.now() + startLimitMs; performance.now() < until; await wait(50)) {
    if (daemon.exitCode !== null) throw new Error('The daemon ended; what it said stands above.');
    if ((await client.call('ready', {})).ok) return;
  }
  throw new Error(`The daemon was not ready within ${startLimitMs / 1000} s.`);
}

/** Under another name first, as a program that copies into an inbox should: it is seen when it is whole. */
async function drop(): Promise<void> {
  const part = join(inbox, 'sample.mp4.part');
  await copyFile(join(root, 'media/sample.mp4'), part);
  await rename(part, join(inbox, 'sample.mp4'));
}

function line({state}: JobLine): string {
  if (state.is === 'queued') return state.waits === null ? state.is : `${state.is}: ${state.waits.what}`;
  if (state.is !== 'running') return state.is;
  const {stage = 'starting', done = 0, secondsLeft = null} = state.progress ?? {};
  const left = secondsLeft === null ? '' : ` · about ${Math.ceil(secondsLeft)} s left`;
  return `${String(Math.floor(done * 100)).padStart(3)} %  ${stage}${left}`;
}

/** Shows the one job until it is over. */
async function follow(client: ApiClient): Promise<JobLine> {
  let shown = '';
  for (;;) {
    const page = await client.call('jobs.list', {query: {}});
    if (!page.ok) throw new Error(describeApiTrouble(page.why).what);
    const [job] = page.value.jobs;
    const now = job === undefined ? 'waiting until the file stays the same' : line(job);
    if (now !== shown) screen.write(screen.isTTY ? `\r\u001b[2K  ${now}` : `  ${now}\n`);
    shown = now;
    if (job !== undefined && !['queued', 'running'].includes(job.state.is)) {
      if (screen.isTTY) screen.write('\n');
      return job;
    }
    await wait(screen.isTTY ? 200 : 1000);
  }
}

async function show(client: ApiClient, job: JobLine, push: Promise<string>): Promise<boolean> {
  const detail = await client.call('jobs.get', {params: {id: job.id}});
  if (!detail.ok) throw new Error(describeApiTrouble(detail.why).what);
  const {outputs, summary, state} = detail.value;
  if (state.is !== 'done') {
    const why = 'failure' in state ? `: ${state.failure.what} ${state.failure.fix}` : '';
    screen.write(`The dub is ${state.is}${why}\n`);
    return false;
  }
  const width = Math.max(...outputs.map(({kind}) => kind.length));
  screen.write(`\nsample.mp4 is dubbed (${Math.ceil(state.seconds)} s):\n`);
  for (const {kind, path} of outputs)
    screen.write(`  ${kind.padEnd(width)}  ${relative(process.cwd(), path ?? '')}\n`);
  screen.write(`  ${summary[0] ?? ''}\n\n`);
  const said = await Promise.race([push, wait(pushLimitMs, 'No push came.')]);
  screen.write(`The push a phone would get:\n  ${said}\n`);
  return true;
}

async function main(): Promise<number> {
  await rm(data, {recursive: true, force: true});
  await mkdir(data, {recursive: true, mode: 0o700});
  await mkdir(dubs, {recursive: true});
  const {server, port, push} = await phone();
  const daemon = startDaemon(port);
  const ended = once(daemon, 'exit');
  daemon.stdout?.resume();
  try {
    const client = new ApiClient({socket: join(data, 'run/control.sock')});
    await ready(client, daemon);
    screen.write(`Dropping media/sample.mp4 into ${relative(process.cwd(), inbox)}\n`);
    await drop();
    return (await show(client, await follow(client), push)) ? 0 : 5;
  } finally {
    daemon.kill('SIGTERM');
    await ended;
    server.closeAllConnections();
    server.close();
  }
}

process.exitCode = await main();
