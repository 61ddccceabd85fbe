/** Owns `dubstead dub`: its words, its options, and one job process a film. Needs no daemon. */
import {type Order, Preset} from '../../appliance/order.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {attemptDub} from '../attempt.ts';
import {absolute, readLoudness, readTongue, readWhole, shared} from '../choices.ts';
import {exitCodes} from '../exit-codes.ts';
import {choice, flag, type Given, type Surroundings, text, verb} from '../verb.ts';
import {doneText, dubView, jsonView} from '../view.ts';
import {runWorker} from '../worker.ts';
import type {World} from '../world.ts';

interface Asked {
  readonly orders: readonly Order[];
  readonly json: boolean;
}

const options = {
  to: shared.to('into which language: es, en, …'),
  from: shared.from('what the film speaks; the track’s own tag, else English'),
  subs: {...text('FILE', 'subtitles to use; the name tells their language'), names: 'file'},
  preset: choice('NAME', Preset.options, 'fast, balanced (default) or best'),
  out: {...text('DIR', 'where to (default: dub)'), names: 'folder'},
  hls: flag('also write HLS with both languages, for streaming'),
  loudness: shared.loudness('-14, -16 (default) or -23'),
  keep: choice('work', ['work'], 'keep the sound as well: an edited line takes seconds'),
  processors: text('N', 'use at most N processors (default: all)'),
  json: flag('one JSON object for each event, a line each'),
} as const;

export const dub = verb({
  name: 'dub',
  takes: 'FILE… --to LANGUAGE [options]',
  short: 'FILE… --to es',
  brief: 'dub videos here and now, without the daemon',
  about:
    'Writes, for film.mp4 dubbed into Spanish, film.es.mkv (every original track kept, the dub added), film.es.mp4 (for the phone), film.es.srt, film.es.vtt and film.es.report.html. Subtitles beside the film (film.srt, film.es.srt, .vtt, .ass) or in it are used instead of guessing. Run again: only what changed is done anew.',
  options,
  examples: ['dubstead dub film.mp4 --to es'],
  words: 'some',
  names: 'file',
  read,
  run: dubAll,
});

function read(
  values: Given<typeof options>,
  files: readonly string[],
  {folder, processors: all}: Surroundings,
): Result<Asked, string> {
  if (files.length === 0) return no('Name at least one video.');
  const to = readTongue(values.to);
  if (!to.ok) return to;
  if (to.value === null) return no('Say which language to dub into with --to.');
  const from = readTongue(values.from);
  if (!from.ok) return from;
  const loudness = readLoudness(values.loudness);
  if (!loudness.ok) return loudness;
  const processors = readWhole(values.processors, {what: '--processors', from: 1, to: 256});
  if (!processors.ok) return processors;
  if (values.subs !== undefined && files.length > 1) return no('--subs goes with one video.');
  const base = {
    ...{from: from.value, to: to.value, hls: values.hls === true},
    preset: values.preset ?? ('balanced' as const),
    loudnessLufs: loudness.value ?? (-16 as const),
    processors: processors.value ?? all,
    subtitles: values.subs === undefined ? null : absolute(values.subs, folder),
    out: absolute(values.out ?? 'dub', folder),
    keep: values.keep === 'work' ? ('work' as const) : ('lines' as const),
  };
  const orders = files.map(file => ({...base, source: absolute(file, folder)}));
  return ok({orders, json: values.json === true});
}

/** One after the other: each uses the whole machine. The worst exit code is the answer. */
async function dubAll({orders, json}: Asked, world: World): Promise<number> {
  let worst: number = exitCodes.done;
  for (const order of orders) {
    const code = await attemptDub(world, json, () => dubOne(order, json, world));
    worst = Math.max(worst, code);
    if (code === exitCodes.stopped) break;
  }
  return worst;
}

async function dubOne(order: Order, json: boolean, {screen, signal, clock}: World): Promise<void> {
  const view = json ? jsonView(screen) : dubView(screen);
  const started = clock.steady();
  try {
    const answer = await runWorker({v: 1, do: 'dub', order}, event => view.hear(event), signal);
    view.close();
    if (json || answer.is !== 'done') return;
    screen.write(doneText(order.source, answer, (clock.steady() - started) / 1000));
  } finally {
    view.close();
  }
}
