/**
 * A few words in a voice, a program of its own: a file with a Say as its argument, a WAV on file descriptor 3, then the end; nothing
 * where no voice can say it. It is started confined, as a job is.
 */
import {readFile} from 'node:fs/promises';
import {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Say} from '../appliance/say.ts';
import {espeak} from './engines/espeak.ts';
import {Tools} from './tool.ts';

/** In the order in which jobs choose among them. */
const voices = [espeak];

async function said(path: string): Promise<Buffer | null> {
  const {text, language, voice} = Say.parse(JSON.parse(await readFile(path, 'utf8')));
  const engine = voices.find(({name}) => name === voice.engine);
  if (engine === undefined) return null;
  const {signal} = new AbortController();
  const tools = new Tools({stage: 'say', dir: tmpdir(), signal, niceness: 0});
  const to = join(tmpdir(), 'said.wav');
  await engine.speak({text, language, voice, rate: 1, to}, {tools, dir: tmpdir(), signal});
  return readFile(to);
}

const wav = await said(process.argv[2] ?? '').catch(() => null);
const socket = new Socket({fd: 3});
if (wav === null) socket.end();
else socket.end(wav);
