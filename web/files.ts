/**
 * Owns a job's finished files as people ask for them: each one's name in an address, the kind it is sent as, and what a
 * list says of it. A name from outside is looked up among them, and never becomes a path.
 */
import {basename, extname} from 'node:path';
import type {FileShown} from '../appliance/api/shapes.ts';
import type {Job} from '../appliance/job.ts';
import type {Output} from '../appliance/wire.ts';
import type {Manner} from './disposition.ts';
import {cleanName} from './show.ts';

interface Sort {
  readonly type: string;
  readonly manner: Manner;
}

/** What a browser may show by itself. A page may not: it would be one of ours. */
const sorts: Readonly<Record<string, Sort>> = {
  '.mkv': {type: 'video/x-matroska', manner: 'inline'},
  '.mp4': {type: 'video/mp4', manner: 'inline'},
  '.m4s': {type: 'video/iso.segment', manner: 'inline'},
  '.srt': {type: 'application/x-subrip; charset=utf-8', manner: 'inline'},
  '.vtt': {type: 'text/vtt; charset=utf-8', manner: 'inline'},
  '.m3u8': {type: 'application/vnd.apple.mpegurl', manner: 'inline'},
  '.json': {type: 'application/json', manner: 'inline'},
  '.html': {type: 'text/html; charset=utf-8', manner: 'attachment'},
};
const unknownSort: Sort = {type: 'application/octet-stream', manner: 'attachment'};

export function sortOf({path}: Pick<Output, 'path'>): Sort {
  const ending = extname(path).toLowerCase();
  return Object.hasOwn(sorts, ending) ? (sorts[ending] ?? unknownSort) : unknownSort;
}

export function outputsOf({state}: Job): readonly Output[] {
  return state.is === 'done' ? state.outputs : [];
}

export function showFiles(job: Job): FileShown[] {
  const outputs = outputsOf(job);
  return outputs.map((output, i) => {
    const {kind, bytes, digest} = output;
    const file = addressName(outputs, i);
    const url = addressOf(job, output);
    return {file, kind, name: nameOf(output), bytes, type: sortOf(output).type, digest, url};
  });
}

/** Where one of a job's files can be had. */
export function addressOf(job: Job, output: Output): string {
  const outputs = outputsOf(job);
  return `/files/${job.id}/${addressName(outputs, outputs.indexOf(output))}`;
}

/** By its kind, or by its number counted from 0. */
export function outputNamed(job: Job, file: string): Output | undefined {
  const outputs = outputsOf(job);
  if (/^(?:0|[1-9]\d{0,2})$/.test(file)) return outputs[Number(file)];
  return outputs.find((_, i) => addressName(outputs, i) === file);
}

/** The name that people gave it, for their eyes and their folders. */
export function nameOf({path}: Output): string {
  return cleanName(basename(path));
}

/** `film with every track` is `film-with-every-track`; a kind that is no word, or there twice, is its number. */
function addressName(outputs: readonly Output[], at: number): string {
  const words = outputs.map(({kind}) => kind.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'));
  const word = words[at] ?? '';
  const isPlain = /^[a-z][a-z0-9-]{0,59}$/.test(word) && words.indexOf(word) === words.lastIndexOf(word);
  return isPlain ? word : String(at);
}
