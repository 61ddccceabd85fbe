/**
 * Owns the first minute: starts the daemon in a folder of its own, drops the sample film into its inbox, shows how far
 * it is and the push that a phone would get, and says where the dub is. Ends everything that it started.
 */
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, rm} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join, relative} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {JobDetail, JobLine} from '../appliance/api/shapes.ts';
import {Appliance} from './appliance.ts';

const root = join(import.meta.dirname, '..');
const data = join(root, 'var/demo');
const dubs = join(process.cwd(), 'dub');
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

/** A minute's film shall not wait for the patience that a slow copy needs. */
const settings = (port: number) => ({
  ...{OUTPUT_DIR: dubs, INBOX_STABLE_SECONDS: '1', DISK_FREE_MIN_GB: '0.5', JOB_NICE: '0'},
  ...{NOTIFY_ON_JOB_DONE: '1', NTFY_BASE_URL: `http://127.0.0.1:${port}`},
  NTFY_TOPIC: 'demo-on-this-machine',
});

function line({state}: JobLine): string {
  if (state.is === 'queued') return state.waits === null ? state.is : `${state.is}: ${state.waits.what}`;
  if (state.is !== 'running') return state.is;
  const {stage = 'starting', done = 0, secondsLeft = null} = state.progress ?? {};
  const left = secondsLeft === null ? '' : ` · about ${Math.ceil(secondsLeft)} s left`;
  return `${String(Math.floor(done * 100)).padStart(3)} %  ${stage}${left}`;
}

/** Shows the one job until it is over. */
async function follow(appliance: Appliance): Promise<JobLine> {
  let shown = '';
  for (;;) {
    const [job] = await appliance.jobs();
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

function show({outputs, summary, state}: JobDetail): boolean {
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
  return true;
}

async function main(): Promise<number> {
  await rm(data, {recursive: true, force: true});
  await mkdir(dubs, {recursive: true});
  const {server, port, push} = await phone();
  const appliance = await Appliance.start(data, settings(port));
  try {
    screen.write(`Dropping media/sample.mp4 into ${relative(process.cwd(), appliance.inbox)}\n`);
    await appliance.drop(join(root, 'media/sample.mp4'));
    const {id} = await follow(appliance);
    if (!show(await appliance.job(id))) return 5;
    const said = await Promise.race([push, wait(pushLimitMs, 'No push came.')]);
    screen.write(`The push a phone would get:\n  ${said}\n`);
    return 0;
  } finally {
    await appliance.stop();
    server.closeAllConnections();
    server.close();
  }
}

process.exitCode = await main();
