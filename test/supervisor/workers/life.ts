/**
 * A whole life of the parts that run jobs, in a process that has to end by itself afterwards: `life.ts DIR HOW`. Says
 * `stopped` when everything was told to stop.
 */
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {errorOf, strikingDisk} from '../../appliance/store/notes.ts';
import {Home, idOf, openStore, quick, restful} from '../home.ts';

const [dir = '', how = ''] = process.argv.slice(2);
for (const name of ['jobs', 'dubs']) await mkdir(join(dir, name), {recursive: true});
const full = {isFull: false};
const disk = strikingDisk(call => {
  if (full.isFull && call === 'write') throw errorOf('ENOSPC');
});
const home = new Home(dir, await openStore(join(dir, 'state'), disk), {});

if (how === 'in peace') {
  await home.add(1, quick);
  await home.until(idOf(1), 'done');
}
if (how === 'at work') {
  await home.add(1, restful);
  await home.hears(idOf(1), 'ready');
}
if (how === 'while one rests') {
  await home.add(1, 'hear; exit 1');
  await home.until(idOf(1), 'running');
  await home.until(idOf(1), 'queued');
}
if (how === 'on a full disk') {
  await home.add(1, `${restful}`);
  await home.hears(idOf(1), 'ready');
  full.isFull = true;
}
if (how === 'while one follows') {
  await home.add(1, restful);
  await home.hears(idOf(1), 'ready');
  void home.dispatcher.next(idOf(1), new AbortController().signal);
}
await home.stop();
process.stdout.write(`stopped, ${home.state(idOf(1))}\n`);
