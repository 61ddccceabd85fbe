/**
 * Owns stretches of a film that are to be left as they are: songs, the opening, the ending. People name them; a line that somebody
 * edited is theirs, wherever it lies. Never says what is in a film.
 */
import {z} from 'zod';
import type {Region} from './subtitles/cue.ts';

export const passageKinds = ['music', 'opening', 'ending'] as const;

export const Passage = z
  .strictObject({
    kind: z.enum(passageKinds),
    /** Seconds of the film. */
    start: z.number().nonnegative().max(1_000_000),
    end: z.number().nonnegative().max(1_000_000),
  })
  .refine(({start, end}) => end > start, 'ends before it begins');
export type Passage = z.infer<typeof Passage>;

export const passagesLimit = 100;

/** All of them at once, as they were saved last. */
export const SavedPassages = z.object({
  list: z.array(Passage).max(passagesLimit),
  by: z.string().max(60),
  revision: z.number().int().nonnegative(),
});
export type SavedPassages = z.infer<typeof SavedPassages>;

export const noPassages: SavedPassages = {list: [], by: '', revision: 0};

/** The passage that the middle of a line lies in: what reaches into one by a word does not belong to it. */
export function passageAt(passages: readonly Passage[], {start, end}: Region): Passage | undefined {
  const middle = (start + end) / 2;
  return passages.find(passage => middle >= passage.start && middle < passage.end);
}

const whys: Readonly<Record<Passage['kind'], string>> = {
  music: 'it is sung',
  opening: 'it lies in the opening',
  ending: 'it lies in the ending',
};

/** Why a line there keeps its sound, for the report. */
export const whyKept = ({kind}: Passage): string => whys[kind];

/** Whether a line keeps its sound because of a passage, by what its report says. */
export const isKeptSo = (why: string | undefined): boolean =>
  why !== undefined && Object.values(whys).includes(why);
