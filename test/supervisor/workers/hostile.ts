/**
 * A job process that behaves as its first argument says: well, badly, or as the worst. It speaks the wire by hand, so
 * that it can say what the wire forbids.
 */
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, symlinkSync, truncateSync, writeFileSync, writeSync} from 'node:fs';
import {Socket} from 'node:net';
import {join} from 'node:path';

const [, , what = '', argument = ''] = process.argv;
const wire = new Socket({fd: 3});
wire.on('error', () => {});
const say = (event: object): boolean => wire.write(`${JSON.stringify(event)}\n`);
/** At once, past Node: it is out when the next line runs. */
const sayNow = (event: object): number => writeSync(3, `${JSON.stringify(event)}\n`);
const stayAlive = (): NodeJS.Timeout => setInterval(() => say({is: 'alive'}), 50);

interface Command {
  readonly do: string;
  readonly order: {readonly out: string};
}

async function heard(): Promise<Command> {
  let text = '';
  for await (const chunk of wire.iterator({destroyOnReturn: false})) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return JSON.parse(text.slice(0, text.indexOf('\n')));
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const claimed = (path: string, text: string): object => ({
  kind: 'film',
  path,
  bytes: Buffer.byteLength(text),
  digest: digestOf(text),
});

function made(out: string, text = 'a dub'): object {
  const path = join(out, 'film.es.mkv');
  writeFileSync(path, text);
  return claimed(path, text);
}

const done = (...outputs: readonly object[]): object => ({is: 'done', outputs, summary: ['Good.']});
const end = (event: object): unknown => wire.end(`${JSON.stringify(event)}\n`);
const sleepFor = (seconds: string, detached: boolean): void =>
  spawn('sleep', [seconds], {detached, stdio: 'ignore'}).unref();
const block = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

const answers: Readonly<Record<string, (out: string) => object>> = {
  honest: out => done(made(out)),
  'lying about content': out => done({...made(out), digest: digestOf('another')}),
  'lying about length': out => done({...made(out), bytes: 6}),
  'claiming what is not there': out => done(claimed(join(out, 'gone'), '')),
  'claiming twice': out => done(made(out), made(out)),
  'claiming a file outside': () => done(claimed(argument, 'of another user')),
  'claiming a way outside': out =>
    done(claimed(join(out, `${'../'.repeat(20)}${argument}`), 'of another user')),
  'claiming its source': out => done(claimed(join(out, '../source/film.mp4'), 'a film')),
  'claiming a link': out => {
    symlinkSync(argument, join(out, 'link'));
    return done(claimed(join(out, 'link'), 'of another user'));
  },
  'claiming through a linked folder': out => {
    symlinkSync(join(argument, '..'), join(out, 'folder'));
    return done(claimed(join(out, 'folder/secret'), 'of another user'));
  },
  'claiming a folder': out => {
    mkdirSync(join(out, 'folder'));
    return done(claimed(join(out, 'folder'), ''));
  },
  'claiming a relative path': () => done(claimed('film.es.mkv', '')),
  'claiming a file without end': out => {
    writeFileSync(join(out, 'large'), '');
    truncateSync(join(out, 'large'), 1e12);
    return done({...claimed(join(out, 'large'), ''), bytes: 1e12});
  },
  'claiming nothing': () => done(),
  refusing: () => ({is: 'failed', failure: {reason: 'no-audio', path: '/film.mp4'}}),
  'stopping unasked': () => ({is: 'failed', failure: {reason: 'stopped'}}),
  'answering what was not asked': () => ({is: 'engines', engines: [], pairs: []}),
  'answering at length': () => ({
    is: 'failed',
    failure: {reason: 'unsupported-pair', from: 'a', to: 'b', pairs: Array(20).fill('x'.repeat(4000))},
  }),
  'answering nonsense': () => ({is: 'bomb'}),
};

const deeds: Readonly<Record<string, (command: Command) => unknown>> = {
  chatty: ({order}) => {
    for (let i = 0; i < 30; i++) {
      say({is: 'started', node: `mix@${i}`, stage: 'mix'});
      say({
        ...{is: 'finished', node: `mix@${i}`, stage: 'mix', how: 'ran', why: 'new'},
        ...{seconds: 1, cpuSeconds: 1, peakBytes: 1},
      });
    }
    say({is: 'alive'});
    end(done(made(order.out)));
  },
  'flooding with messages': () => {
    const line = `${JSON.stringify({is: 'note', text: 'x'.repeat(100)})}\n`.repeat(500);
    const flood = (): unknown => wire.write(line, flood);
    flood();
  },
  'flooding with bytes': () => {
    const piece = Buffer.alloc(1 << 16, 'x');
    const flood = (): unknown => wire.write(piece, flood);
    flood();
  },
  'flooding stderr': ({order}) => {
    for (let i = 0; i < 64; i++) writeSync(2, Buffer.alloc(1 << 16, 'y'));
    writeSync(2, '\nthe last word\n');
    end(done(made(order.out)));
  },
  'sending no JSON': () => wire.write('hello\n'),
  'sending deep JSON': () => wire.write(`${'['.repeat(500_000)}\n`),
  'sending half a line': () => wire.end('{"is":"do'),
  'answering twice': ({order}) => {
    const event = done(made(order.out));
    say(event);
    end(event);
  },
  'going on after its answer': ({order}) => {
    say(done(made(order.out)));
    end({is: 'note', text: 'by the way'});
  },
  'sending signs of life after its answer': ({order}) => {
    say(done(made(order.out)));
    end({is: 'alive'});
  },
  'beginning without end': () => {
    stayAlive();
    for (let i = 0; i < 2000; i++) say({is: 'started', node: `mix@${i}`, stage: 'mix'});
  },
  'ending without a word': () => process.exit(0),
  'answering and failing': ({order}) => {
    sayNow(done(made(order.out)));
    process.exit(1);
  },
  'answering and crashing': ({order}) => {
    sayNow(done(made(order.out)));
    process.abort();
  },
  crashing: () => process.abort(),
  failing: () => {
    writeSync(2, 'why it failed\n');
    process.exit(7);
  },
  'breaking its wire': () => {
    say({is: 'note', text: 'x'});
    process.kill(process.pid, 'SIGKILL');
  },
  'answering and staying': ({order}) => {
    say(done(made(order.out)));
    setInterval(() => {}, 1000);
  },
  'closing its wire and staying': () => {
    wire.destroy();
    setInterval(() => {}, 1000);
  },
  'not moving': () => block(),
  'stuck in a step': () => {
    stayAlive();
    say({is: 'started', node: 'mix@3', stage: 'mix'});
  },
  'working for ever': () => stayAlive(),
  deaf: () => {
    process.on('SIGTERM', () => {});
    say({is: 'note', text: 'deaf'});
    stayAlive();
  },
  'deaf to the wire': () => {
    process.on('SIGTERM', () => process.exit(0));
    say({is: 'note', text: 'deaf'});
    stayAlive();
  },
  polite: async () => {
    const alive = stayAlive();
    say({is: 'note', text: 'at work'});
    writeFileSync('ready', '');
    const command = await heard();
    clearInterval(alive);
    if (command.do === 'stop') end({is: 'failed', failure: {reason: 'stopped'}});
  },
  'finishing when asked to stop': async ({order}) => {
    say({is: 'note', text: 'at work'});
    await heard();
    end(done(made(order.out)));
  },
  'leaving others behind': ({order}) => {
    for (const detached of [false, true]) sleepFor(argument, detached);
    end(done(made(order.out)));
  },
  'leaving others behind, stuck': () => {
    for (const detached of [false, true]) sleepFor(argument, detached);
    stayAlive();
    say({is: 'note', text: 'they sleep'});
  },
  'eating memory': () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(16 << 20, 1));
  },
  'showing its environment': ({order}) => end(done(made(order.out, JSON.stringify(process.env)))),
};

writeFileSync('ready', '');
const command = await heard();
const answer = answers[what];
if (answer !== undefined) end(answer(command.order.out));
else await deeds[what]?.(command);
