/** Owns changing the words of one line of a finished dub. The next dub of the same film speaks them. */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {ArtifactStore} from '../appliance/artifacts.ts';
import {type Anchor, Brief, noBrief, type Rewritten, withEdits} from '../appliance/brief.ts';
import {Failed} from '../appliance/failure.ts';
import {readJsonFile, replaceFile} from '../appliance/files.ts';
import type {Line} from './documents.ts';
import {briefName, Manifest} from './dub.ts';
import {documentOf} from './inputs.ts';
import type {DocumentName, Documents} from './stage.ts';

export interface LineEdit {
  readonly out: string;
  /** Which dub, where a folder holds more than one: `film.es`; null takes the only one. */
  readonly title: string | null;
  /** From 1, as the report numbers them. */
  readonly line: number;
  readonly text: string;
}

export async function editLine({out, title, line, text}: LineEdit) {
  const folder = await jobFolder(out, title);
  const lines = await linesOf(folder);
  const edited = lines[line - 1];
  if (edited === undefined) throw new Failed({reason: 'no-such-line', line, lines: lines.length});
  const path = join(folder, briefName);
  const brief = (await readJsonFile(path, Brief)) ?? noBrief;
  const {start, end, speaker} = edited;
  const anchor = edited.anchor ?? {start, source: edited.text};
  // Of a line that was split, the other parts stay as they are.
  const siblings = lines.filter(other => isOf(other, anchor));
  const becomes = siblings.map(other =>
    other === edited
      ? {start, end, speaker, text: other.text, translation: text, sound: 'dub' as const}
      : rewrittenOf(other),
  );
  await replaceFile(path, JSON.stringify(withEdits(brief, [{anchor, becomes}], '')));
  return {line, was: edited.translation, now: text, source: edited.text};
}

function isOf(line: Line, {start, source}: Anchor): boolean {
  const anchor = line.anchor ?? {start: line.start, source: line.text};
  return anchor.start === start && anchor.source === source;
}

function rewrittenOf({start, end, speaker, text, translation, keepOriginal, muted}: Line): Rewritten {
  const sound = muted === true ? 'mute' : keepOriginal === undefined ? 'dub' : 'original';
  return {start, end, speaker, text, translation, sound};
}

export async function jobFolder(out: string, title: string | null): Promise<string> {
  const root = join(out, '.dubstead');
  const names = await readdir(root).catch(() => []);
  const [name, ...more] = names.filter(candidate => title === null || candidate === title);
  if (name === undefined) throw new Failed({reason: 'nothing-to-edit', path: out});
  if (more.length > 0) throw new Failed({reason: 'which-to-edit', path: out, titles: names.slice(0, 20)});
  return join(root, name);
}

/** The lines of the last finished run, in film order. */
async function linesOf(folder: string): Promise<readonly Line[]> {
  return (await lastOf(folder, 'revise')).flatMap(({lines}) => lines);
}

/** What a stage wrote in the last finished run, scene by scene. */
export async function lastOf<K extends DocumentName>(
  folder: string,
  stage: K,
): Promise<readonly Documents[K][]> {
  const manifest = await readJsonFile(join(folder, 'manifest.json'), Manifest).catch(() => undefined);
  const store = new ArtifactStore(folder);
  const found: Documents[K][] = [];
  for (const [node, fingerprint] of Object.entries(manifest?.nodes ?? {})) {
    const [name, scene = '0'] = node.split('@');
    const record = name === stage ? await store.find(fingerprint) : undefined;
    if (record !== undefined) found[Number(scene)] = documentOf(stage, record);
  }
  // Scenes come in any order.
  return found.filter(() => true);
}
