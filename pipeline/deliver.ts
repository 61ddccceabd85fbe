/** Owns handing the finished files over, and freeing what the order does not keep. */
import {mkdir, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {ArtifactStore, NodeRecord} from '../appliance/artifacts.ts';
import {digestOf, digestOfFile} from '../appliance/digest.ts';
import {replaceFile} from '../appliance/files.ts';
import {type Order, stemOf} from '../appliance/order.ts';
import type {Output} from '../appliance/wire.ts';
import type {StageName} from './catalog.ts';
import {renderReport} from './report/page.ts';
import type {Report} from './report/report.ts';
import type {Ran} from './tally.ts';

/** What people get, by the name its stage gave it: `film.es` and this. */
const endings: Readonly<Record<string, {readonly kind: string; readonly ending: string}>> = {
  'dub.mkv': {kind: 'film with every track', ending: '.mkv'},
  'dub.mp4': {kind: 'for the phone', ending: '.mp4'},
  'target.srt': {kind: 'subtitles', ending: '.srt'},
  'target.vtt': {kind: 'subtitles for browsers', ending: '.vtt'},
};

/** Files that are worth their space only while an edit may come. */
const bulky: ReadonlySet<StageName> = new Set(['demux', 'separate', 'picture', 'conform', 'mix']);

/** Moves the finished files to where people look for them; playlists last, so that they never name what is not there. */
export async function deliver(
  order: Order,
  store: ArtifactStore,
  made: readonly NodeRecord[],
): Promise<Output[]> {
  const outputs: Output[] = [];
  const files = Object.assign({}, ...made.map(record => record.files)) as NodeRecord['files'];
  for (const [name, file] of Object.entries(files).toSorted(([a], [b]) => lateness(a) - lateness(b))) {
    const path = pathFor(order, name);
    if (path === undefined) continue;
    await mkdir(dirname(path.to), {recursive: true});
    await store.publish(file, path.to);
    if (path.kind !== undefined)
      outputs.push({kind: path.kind, path: path.to, bytes: file.bytes, digest: file.digest});
  }
  return outputs;
}

/** Writes the report in both forms, next to the film; that of an unchanged dub stays as it is. */
export async function deliverReport(
  order: Order,
  report: Report,
  {keepThatOfBefore}: {readonly keepThatOfBefore: boolean},
): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const [ending, kind, text] of [
    ['.report.html', 'report', renderReport(report)],
    ['.report.json', 'report for programs', `${JSON.stringify(report, null, 2)}\n`],
  ] as const) {
    const path = join(order.out, stemOf(order) + ending);
    const there = keepThatOfBefore ? await stat(path).catch(() => undefined) : undefined;
    if (there === undefined) await replaceFile(path, text);
    const digest = there === undefined ? digestOf(text) : await digestOfFile(path);
    outputs.push({kind, path, bytes: there?.size ?? Buffer.byteLength(text), digest});
  }
  return outputs;
}

/** Frees what this run does not need any more: older versions always, bulky sound and picture unless it is kept. */
export async function tidy(order: Order, store: ArtifactStore, nodes: readonly Ran[]): Promise<void> {
  const keepsAll = order.keep === 'work';
  const kept = new Map<string, NodeRecord>();
  for (const {record, stage} of nodes) {
    if (keepsAll || !bulky.has(stage))
      for (const file of Object.values(record.files)) kept.set(file.digest, record);
  }
  const current = new Set(nodes.map(({record}) => record.fingerprint));
  for await (const record of store.records()) {
    for (const file of Object.values(record.files)) if (!kept.has(file.digest)) await store.drop(file);
    if (!current.has(record.fingerprint)) await store.forget(record);
  }
}

function lateness(name: string): number {
  if (!name.endsWith('.m3u8')) return 0;
  return name.endsWith('/master.m3u8') ? 2 : 1;
}

function pathFor(order: Order, name: string): {readonly to: string; readonly kind?: string} | undefined {
  const stem = join(order.out, stemOf(order));
  const known = endings[name];
  if (known !== undefined) return {to: stem + known.ending, kind: known.kind};
  if (!name.startsWith('hls/')) return undefined;
  const to = `${stem}.hls/${name.slice('hls/'.length)}`;
  return name.endsWith('master.m3u8') ? {to, kind: 'for streaming'} : {to};
}
