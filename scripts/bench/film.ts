/** Owns the benchmark of long films, made by looping the sample: is time linear, is memory flat. */
import {execFileSync} from 'node:child_process';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {writeSrt} from '../../pipeline/subtitles/write.ts';
import {orderFor, processorSeconds, timed} from './job.ts';

const sample = new URL('../../media/sample.mp4', import.meta.url).pathname;
const transcript = new URL('../../media/sample.transcript.json', import.meta.url).pathname;
const sampleSeconds = 60;
const Said = z.array(z.object({start: z.number(), end: z.number(), text: z.string()}));

/** The words are given: recognition works scene by scene, and would only make the wait longer. */
export async function benchFilm(folder: string, lengths: readonly number[]): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const minutes of lengths) rows.push(await row(minutes, folder));
  return [
    'The sample in a loop, its words given as subtitles. Own memory: the largest resident set of the job process and of the scripts it starts.',
    '',
    '| film | real time | processor s a minute of film | nodes | own memory MB |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

/** A film of so many minutes, out of the sample. */
export function loop(film: string, minutes: number): void {
  const again = ['-stream_loop', String(minutes - 1), '-i', sample];
  const length = ['-c', 'copy', '-t', String(minutes * sampleSeconds)];
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...again, ...length, film]);
}

async function row(minutes: number, folder: string): Promise<string> {
  const film = join(folder, 'film.mp4');
  loop(film, minutes);
  const cues = join(folder, 'film.srt');
  await writeFile(cues, await subtitles(minutes));
  const out = join(folder, 'out');
  const run = await timed(orderFor(film, out));
  await Promise.all([film, cues, out].map(path => rm(path, {recursive: true, force: true})));
  const cells = [
    `${minutes} min`,
    (run.seconds / (minutes * sampleSeconds)).toFixed(3),
    (processorSeconds(run) / minutes).toFixed(1),
    String(run.ran.length),
    (run.ownPeakBytes / 1e6).toFixed(0),
  ];
  process.stderr.write(`${cells.join(' · ')}\n`);
  return `| ${cells.join(' | ')} |`;
}

async function subtitles(minutes: number): Promise<string> {
  const said = Said.parse(JSON.parse(await readFile(transcript, 'utf8')));
  const loops = Array.from({length: minutes}, (_, loop) => loop * sampleSeconds);
  return writeSrt(
    loops.flatMap(at => said.map(({start, end, text}) => ({start: start + at, end: end + at, text}))),
  );
}
