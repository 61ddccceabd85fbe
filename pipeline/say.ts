/**
 * A few words in a voice, or which voices there are, a program of its own: a file with what is asked as its argument, a WAV or a
 * list in JSON on file descriptor 3, then the end; nothing where no voice can say it. It is started confined, as a job is.
 */
import {readFile} from 'node:fs/promises';
import {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {LanguageTag} from '../appliance/languages.ts';
import {AskedOfVoices, type Say, type VoiceChoice} from '../appliance/say.ts';
import {espeak} from './engines/espeak.ts';
import type {VoiceEngine} from './engines/kinds.ts';
import {Tools} from './tool.ts';

/** In the order in which jobs choose among them. */
const voices: readonly VoiceEngine[] = [espeak];

async function answered(path: string): Promise<Buffer | null> {
  const asked = AskedOfVoices.parse(JSON.parse(await readFile(path, 'utf8')));
  return 'voicesOf' in asked ? listed(asked.voicesOf) : said(asked);
}

async function listed(language: LanguageTag): Promise<Buffer> {
  const all = await Promise.all(voices.map(engine => engine.voices(language)));
  return Buffer.from(JSON.stringify(all.flat()));
}

async function said({text, language, voice}: Say): Promise<Buffer | null> {
  const choice = await choiceOf(voice, language);
  const engine = voices.find(({name}) => name === choice?.engine);
  if (engine === undefined || choice === undefined) return null;
  const {signal} = new AbortController();
  const tools = new Tools({stage: 'say', dir: tmpdir(), signal, niceness: 0});
  const to = join(tmpdir(), 'said.wav');
  await engine.speak({text, language, voice: choice, rate: 1, to}, {tools, dir: tmpdir(), signal});
  return readFile(to);
}

/** As a dub would cast them. */
async function choiceOf(voice: Say['voice'], language: LanguageTag): Promise<VoiceChoice | undefined> {
  if (!('as' in voice)) return voice;
  for (const engine of voices) {
    const found = (await engine.voices(language)).find(({id}) => id === voice.as);
    const {person} = voice;
    if (found !== undefined) return engine.cast([person], language, new Map([[person.id, found]]))[0];
  }
  return undefined;
}

const answer = await answered(process.argv[2] ?? '').catch(() => null);
const socket = new Socket({fd: 3});
if (answer === null) socket.end();
else socket.end(answer);
