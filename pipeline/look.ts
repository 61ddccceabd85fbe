/**
 * The look at an upload, a program of its own: the path of a file as its argument, one line of JSON on file descriptor 3,
 * then the end. It reads hostile bytes, so it is started confined, as a job is. Never decodes, never writes.
 */
import {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {Film, type Looked} from '../appliance/film.ts';
import type {Probe} from './documents.ts';
import {lookAt} from './stages/probe.ts';
import {Tools} from './tool.ts';

const mostTracks = 100;

/** What is worth showing before anybody decides. */
function filmOf({duration, video, audio, spoken, text}: Probe): Film {
  return Film.parse({
    ...{seconds: duration, width: video.width, height: video.height},
    audio: audio.slice(0, mostTracks).map(({language, title, channels, index}) => {
      return {language, title, channels, isSpoken: index === spoken};
    }),
    subtitles: text.slice(0, mostTracks).map(({language, title, forced}) => ({language, title, forced})),
  });
}

async function look(path: string): Promise<Looked> {
  const {signal} = new AbortController();
  const tools = new Tools({stage: 'look', dir: tmpdir(), signal, niceness: 0});
  const probe = await lookAt(path, {title: '', from: null}, tools);
  return probe.ok ? {is: 'film', film: filmOf(probe.value)} : {is: 'refused', why: probe.why};
}

const socket = new Socket({fd: 3});
socket.end(`${JSON.stringify(await look(process.argv[2] ?? ''))}\n`);
