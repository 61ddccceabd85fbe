/** Owns the stage that reads the subtitles a film comes with: what is written down need not be guessed. */
import {readFile} from 'node:fs/promises';
import type {Brief} from '../../appliance/brief.ts';
import type {Digest} from '../../appliance/digest.ts';
import {Failed} from '../../appliance/failure.ts';
import type {LanguageTag} from '../../appliance/languages.ts';
import type {CueFile} from '../../appliance/subtitles/cue.ts';
import {parseSubtitles} from '../../appliance/subtitles/parse.ts';
import {oneTool} from '../costs.ts';
import type {Cue, Probe} from '../documents.ts';
import {type ExtractedText, extractText} from '../extract-text.ts';
import type {Stage} from '../stage.ts';
import {dialogueOf} from '../subtitles/dialogue.ts';
import {chooseCues} from '../subtitles/sidecars.ts';
import type {Source} from './probe.ts';

/** A subtitle file beside the film, or one that was named by hand. */
export interface SubtitleFile {
  readonly path: string;
  readonly name: string;
  readonly digest: Digest;
  /** Null when its name does not say: then it is in the language that is spoken. */
  readonly language: LanguageTag | null;
}

export interface CuesParts {
  readonly source: Source;
  /** What people gave goes before what lies beside the film or in it. */
  readonly brief: Pick<Brief, 'source' | 'target'>;
  readonly files: readonly SubtitleFile[];
  readonly from: LanguageTag | null;
  readonly to: LanguageTag;
}

export function cuesStage({source, brief, files, from, to}: CuesParts): Stage {
  return {
    name: 'cues',
    version: 1,
    scope: 'job',
    needs: ['probe'],
    looksAt: [],
    cost: oneTool,
    engines: ['ffmpeg'],
    params: () => ({
      source: source.digest,
      files: files.map(({name, digest, language}) => ({name, digest, language})),
      from,
      to,
      ...(brief.source === null && brief.target === null
        ? {}
        : {given: {source: brief.source, target: brief.target}}),
    }),
    async run({inputs, scratch, tools, write}) {
      const probe = await inputs.doc('probe');
      const chosen = chooseCues(
        {
          sidecars: files.map(asCandidate),
          embedded: probe.text.map(track => ({...track, from: `subtitle track ${track.index}`})),
        },
        {from: from ?? spokenLanguage(probe), to},
      );
      const tracks = [chosen.source, chosen.target].flatMap(one =>
        one !== null && 'codec' in one ? [one] : [],
      );
      const extracted = await extractText(source.path, tracks, scratch, tools);
      const read = async (one: typeof chosen.source) => {
        if (one === null) return null;
        const cues = 'codec' in one ? await readTrack(one.index, extracted) : await readSidecar(one);
        return cues === null || cues.length === 0 ? null : {from: one.from, cues: [...cues]};
      };
      await write('cues', {
        source: given(brief.source) ?? (await read(chosen.source)),
        target: given(brief.target) ?? (await read(chosen.target)),
      });
      return {is: 'made'};
    },
  };
}

/** What the chosen track says it speaks; a film that does not say is taken to be English. */
export function spokenLanguage({audio, spoken}: Pick<Probe, 'audio' | 'spoken'>): LanguageTag {
  return audio.find(track => track.index === spoken)?.language ?? 'en';
}

function asCandidate(file: SubtitleFile) {
  return {...file, from: file.name, forced: false};
}

function given(file: CueFile | null): CueFile | null {
  return file === null ? null : {from: file.from, cues: dialogueOf(file.cues)};
}

/** A file that somebody put there on purpose has to parse: to guess instead would hide the mistake. */
async function readSidecar({path, name}: Pick<SubtitleFile, 'path' | 'name'>): Promise<readonly Cue[]> {
  const parsed = parseSubtitles(await readFile(path), name);
  if (!parsed.ok) throw new Failed({reason: 'bad-subtitles', path, ...parsed.why});
  return dialogueOf(parsed.value);
}

/** A damaged track inside the film is as good as none. */
async function readTrack(index: number, extracted: readonly ExtractedText[]): Promise<readonly Cue[] | null> {
  const found = extracted.find(({track}) => track.index === index);
  if (found === undefined) return null;
  const parsed = parseSubtitles(await readFile(found.path), found.path);
  return parsed.ok ? dialogueOf(parsed.value) : null;
}
