/** Owns naming a speaker of a finished dub and choosing a voice for them. The next dub of the same film has both. */
import {join} from 'node:path';
import {Brief, noBrief} from '../appliance/brief.ts';
import {Failed} from '../appliance/failure.ts';
import {readJsonFile, replaceFile} from '../appliance/files.ts';
import {LanguageTag} from '../appliance/languages.ts';
import {withSpeakers} from '../appliance/speakers.ts';
import {askEngines} from './bench.ts';
import {briefName} from './dub.ts';
import {jobFolder, lastOf} from './edit.ts';

export interface Recast {
  readonly out: string;
  /** Which dub, where a folder holds more than one: `film.es`; null takes the only one. */
  readonly title: string | null;
  readonly speaker: string;
  /** Undefined stays as it is; null is none, and a voice that is found. */
  readonly name?: string | null | undefined;
  readonly voice?: string | null | undefined;
}

export async function recastSpeaker({out, title, speaker, name, voice}: Recast) {
  const folder = await jobFolder(out, title);
  const speakers = (await lastOf(folder, 'cast')).flatMap(cast => cast.speakers.map(({id}) => id));
  if (!speakers.includes(speaker)) throw new Failed({reason: 'no-such-speaker', speaker, speakers});
  const path = join(folder, briefName);
  const brief = (await readJsonFile(path, Brief)) ?? noBrief;
  const before = brief.speakers.find(saved => saved.speaker === speaker);
  const after = {
    speaker,
    name: name === undefined ? (before?.name ?? null) : name,
    voice: voice === undefined ? (before?.voice ?? null) : voice,
  };
  if (typeof voice === 'string') await mustBeHere(voice, folder);
  await replaceFile(path, JSON.stringify(withSpeakers(brief, [after], '')));
  return after;
}

/** A folder ends in the language of its dub: `film.es`. */
async function mustBeHere(voice: string, folder: string): Promise<void> {
  const language = LanguageTag.parse(folder.slice(folder.lastIndexOf('.') + 1));
  const {voices} = await askEngines('balanced');
  const lists = await Promise.all(voices.map(({engine}) => engine.voices(language)));
  const here = lists.flat().map(({id}) => id);
  if (!here.includes(voice)) throw new Failed({reason: 'no-such-voice', voice, voices: here});
}
