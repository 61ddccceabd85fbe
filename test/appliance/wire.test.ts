/** Two ends of a real socket, one of them hostile. */
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {connect, createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {z} from 'zod';
import {digestOf} from '../../appliance/digest.ts';
import type {Order} from '../../appliance/order.ts';
import {Command, Event, lineLimitBytes, receive, send} from '../../appliance/wire.ts';

const order: Order = {
  ...{source: '/films/film.mp4', from: null, to: 'es', subtitles: null, preset: 'balanced', out: '/dub'},
  ...{hls: false, loudnessLufs: -16, keep: 'lines', processors: 2},
};

async function pair(t: Test): Promise<readonly [Socket, Socket]> {
  // Not in tap's own folder: the path of a socket holds 107 bytes.
  const dir = await mkdtemp(join(tmpdir(), 'wire-'));
  const path = join(dir, 's');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const here = connect(path);
  const [there] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => {
    here.destroy();
    there.destroy();
    server.close();
    return rm(dir, {recursive: true});
  });
  return [here, there];
}

async function all<T>(messages: AsyncGenerator<T>): Promise<T[]> {
  return Array.fromAsync(messages);
}

const note = (text: string): Event => ({is: 'note', text});

t.test('what is sent is what is received, both ways', async t => {
  const [here, there] = await pair(t);
  const commands: Command[] = [
    {v: 1, do: 'dub', order},
    {v: 1, do: 'edit', out: '/dub', title: null, line: 3, text: 'Sí.\n"No."'},
    {v: 1, do: 'engines'},
    {v: 1, do: 'stop'},
  ];
  const events: Event[] = [
    {is: 'skipped', stage: 'transcribe', why: 'given by film.srt'},
    {is: 'started', node: 'mix@3', stage: 'mix'},
    {
      ...{is: 'finished', node: 'mix@3', stage: 'mix', how: 'ran', why: 'new'},
      ...{seconds: 1.5, cpuSeconds: 2, peakBytes: 1},
    },
    {is: 'progress', stage: 'mixing', scenesDone: 1, scenes: 2, done: 0.5, secondsLeft: null},
    {is: 'alive'},
    note('映画 😀 \u2028'),
    {
      is: 'engines',
      engines: [{name: 'a', kind: 'b', about: 'c', ready: true, detail: '1'}],
      pairs: ['en-es'],
    },
    {
      is: 'done',
      outputs: [{kind: 'mkv', path: '/dub/film.es.mkv', bytes: 5, digest: digestOf('5')}],
      summary: ['Good.'],
    },
    {is: 'edited', line: 1, was: 'a', now: 'b', source: 'c'},
    {is: 'recast', speaker: 'S1', name: 'Anna', voice: null},
    {is: 'failed', failure: {reason: 'stopped'}},
  ];
  for (const command of commands) t.equal(send(here, command), true);
  for (const event of events) send(there, event);
  here.end();
  there.end();
  const [heardThere, heardHere] = await Promise.all([
    all(receive(there, Command)),
    all(receive(here, Event)),
  ]);
  t.strictSame(heardThere, commands);
  t.strictSame(heardHere, events);
});

t.test('lines arrive in pieces, many at once, and inside of characters', async t => {
  const messages = Array.from({length: 50}, (_, i) => note(`${i} 日本語 😀`));
  const bytes = Buffer.from(messages.map(message => `${JSON.stringify(message)}\n`).join(''));
  for (const size of [1, 2, 3, 7, 61, bytes.length]) {
    const [here, there] = await pair(t);
    here.setNoDelay();
    const heard = all(receive(there, Event));
    for (let at = 0; at < bytes.length; at += size) here.write(bytes.subarray(at, at + size));
    here.end();
    t.strictSame(await heard, messages, `pieces of ${size}`);
  }
});

t.test('half a line at the end is no message', async t => {
  const [here, there] = await pair(t);
  here.end(`${JSON.stringify(note('whole'))}\n{"is":"note","text":"ha`);
  t.strictSame(await all(receive(there, Event)), [note('whole')]);
});

t.test('nonsense ends the conversation, after what came before it', async t => {
  const table = {
    'no JSON': 'hello',
    'an empty line': '',
    'JSON of another kind': '{"is":"bomb"}',
    'a list': '[]',
    null: 'null',
    'a command': '{"v":1,"do":"stop"}',
    'a share over 1': '{"is":"progress","stage":"x","scenesDone":0,"scenes":0,"done":1.5,"secondsLeft":null}',
    'words over the bound': JSON.stringify(note('x'.repeat(4097))),
    'a list over the bound': JSON.stringify({is: 'done', outputs: [], summary: Array(41).fill('x')}),
    'bytes that are no text': '\u0000\u0001',
  };
  for (const [what, line] of Object.entries(table)) {
    const [here, there] = await pair(t);
    here.write(`${JSON.stringify(note('before'))}\n${line}\n${JSON.stringify(note('after'))}\n`);
    const heard: Event[] = [];
    await t.rejects(
      async () => {
        for await (const event of receive(there, Event)) heard.push(event);
      },
      {name: /SyntaxError|ZodError/},
      what,
    );
    t.strictSame(heard, [note('before')], what);
    t.ok(there.destroyed, `${what}: nothing more is read`);
  }
});

t.test('commands of another version, or with too much in them, are none', async t => {
  const wrong = [
    {v: 2, do: 'stop'},
    {do: 'stop'},
    {v: 1, do: 'format'},
    {v: 1, do: 'dub', order: {...order, source: 'film.mp4'}},
    {v: 1, do: 'edit', out: '/dub', title: null, line: 0, text: 'x'},
    {v: 1, do: 'edit', out: '/dub', title: null, line: 1, text: ''},
    {v: 1, do: 'edit', out: '/dub', title: null, line: 1, text: 'x'.repeat(4097)},
  ];
  for (const command of wrong) {
    t.notOk(Command.safeParse(command).success, JSON.stringify(command).slice(0, 80));
  }
});

t.test('a line that is too long ends the conversation, whether or not it ends itself', async t => {
  const Anything = z.object({text: z.string()});
  const line = (bytes: number) => `{"text":"${'x'.repeat(bytes - 11)}"}`;
  const [atLimit, there] = await pair(t);
  atLimit.end(`${line(lineLimitBytes - 1)}\n`);
  t.equal((await all(receive(there, Anything)))[0]?.text.length, lineLimitBytes - 12, 'the longest there is');
  for (const ending of ['\n', '']) {
    const [here, there] = await pair(t);
    here.write(line(lineLimitBytes + 10) + ending);
    here.on('error', () => {});
    await t.rejects(all(receive(there, Anything)), {message: /1048576 bytes/}, JSON.stringify(ending));
    t.ok(there.destroyed);
  }
});

t.test('a message that the other side would refuse is not sent', async t => {
  const [here, there] = await pair(t);
  const engines = Array(100).fill({
    name: 'x',
    kind: 'x',
    about: '\u0001'.repeat(4096),
    ready: true,
    detail: '',
  });
  const event: Event = {is: 'engines', engines, pairs: []};
  t.ok(Event.safeParse(event).success, 'each of its parts is within bounds');
  t.throws(() => send(here, event), {message: /1048576 bytes/});
  send(here, note('still here'));
  here.end();
  t.strictSame(await all(receive(there, Event)), [note('still here')]);
});

t.test('a peer that is gone ends the reading, and takes messages without a word', async t => {
  const [here, there] = await pair(t);
  const heard = all(receive(there, Event));
  here.destroy();
  t.strictSame(await heard, []);
  t.equal(send(there, note('anybody?')), true);
  t.equal(send(here, note('anybody?')), true, 'as does our own end once it is closed');
  const [open] = await pair(t);
  open.end();
  t.equal(send(open, note('too late')), true);
});

t.test('a peer that is gone with words unread is an error of the reading, caught there', async t => {
  const [here, there] = await pair(t);
  const heard = all(receive(there, Event)).then(
    () => 'ended',
    () => 'broke',
  );
  send(there, note('unread'));
  await once(here, 'readable');
  here.destroy();
  t.match(await heard, /ended|broke/);
  t.ok(there.destroyed);
});

t.test('a full pipe says so', async t => {
  const [here] = await pair(t);
  let waits = 0;
  for (let i = 0; i < 200; i++) if (!send(here, note('x'.repeat(4000)))) waits++;
  t.ok(waits > 0);
});
