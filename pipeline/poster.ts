/**
 * The picture of a film, a program of its own: the path of a file as its argument, a JPEG on file descriptor 3, then the end; nothing
 * where there is no picture to be had. It decodes hostile bytes, so it is started confined, as a job is.
 */
import {readFile} from 'node:fs/promises';
import {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileUrl, filmInput, quietly} from './ffmpeg.ts';
import {lookAt} from './stages/probe.ts';
import {Tools} from './tool.ts';

/** Past titles and fades, and of what follows the most typical frame: it is hardly ever a black one. */
const startShare = 0.15;
const choice = 40;
const width = 480;

async function poster(path: string): Promise<Buffer | null> {
  const {signal} = new AbortController();
  const tools = new Tools({stage: 'poster', dir: tmpdir(), signal, niceness: 10});
  const probe = await lookAt(path, {title: '', from: null}, tools);
  if (!probe.ok) return null;
  const {duration, video} = probe.value;
  const to = join(tmpdir(), 'poster.jpg');
  await tools.run({
    tool: 'ffmpeg',
    argv: [
      ...[...quietly, '-ss', (duration * startShare).toFixed(3), ...filmInput(path)],
      ...['-map', `0:${video.index}`, '-vf', `thumbnail=${choice},scale=${width}:-2,setsar=1`],
      ...['-frames:v', '1', '-q:v', '4', '-map_metadata', '-1', '-f', 'mjpeg', fileUrl(to)],
    ],
  });
  return readFile(to);
}

const made = await poster(process.argv[2] ?? '').catch(() => null);
const socket = new Socket({fd: 3});
if (made === null) socket.end();
else socket.end(made);
