/**
 * Owns the child process of the speaker engine: the WAV's path and the most speakers as arguments, one region a line
 * (`start end`, in seconds) on stdin, `Speakers` as JSON on stdout. With `known` for a number, who speaks is known: each line
 * ends in whose it is, counted from 0, and the answer is one pitch for each of them. Never writes a file.
 *
 * Plain numbers, because loading a schema library would take as long as a minute of film does.
 */
import {text} from 'node:stream/consumers';
import type {Speakers} from '../../documents.ts';
import {openWav} from '../../wav.ts';
import {attribute} from './attribution.ts';
import {type Known, type Pitch, pitchesOf, takeTurns} from './turns.ts';
import {findVoiced, sampleRate} from './voiced.ts';

function regionOf(line: string): Known {
  const [start = Number.NaN, end = Number.NaN, owner = 0, ...more] = line.split(' ').map(Number);
  const isRegion = start >= 0 && Number.isFinite(end) && Number.isInteger(owner) && more.length === 0;
  if (!isRegion) throw new Error(`no region: ${line}`);
  return {start, end, owner};
}

async function answer(path: string, regions: readonly Known[], most: string): Promise<Speakers | Pitch[]> {
  await using wav = await openWav(path);
  if (wav.sampleRate !== sampleRate) throw new Error(`${path} has ${wav.sampleRate} Hz, not ${sampleRate}`);
  const spoken = regions.filter(({start, end}) => end > start).sort((a, b) => a.start - b.start);
  const voiced = await findVoiced(wav, spoken);
  if (most === 'known') return pitchesOf(voiced, spoken);
  return takeTurns(voiced, attribute(voiced, spoken, Number(most)), spoken);
}

const [path = '', most = ''] = process.argv.slice(2);
const lines = (await text(process.stdin)).split('\n').filter(line => line !== '');
process.stdout.write(`${JSON.stringify(await answer(path, lines.map(regionOf), most))}\n`);
