/**
 * Owns what people give to a dub besides the film: their wording of lines, subtitles and a translation of their own, who speaks
 * when, by which name and in which voice. Never says who gave it, and never finds it: whoever orders a dub says where it lies.
 */
import {z} from 'zod';
import {noPassages, type Passage, SavedPassages} from './passages.ts';
import {SavedSpeaker, speakersLimit} from './speakers.ts';
import {CueFile, Turn} from './subtitles/cue.ts';

/** A line of the film as it was found: it is known by when it begins and what is said, so that it outlives a renumbering. */
export const Anchor = z.object({
  start: z.number().nonnegative(),
  source: z.string().max(4000),
});
export type Anchor = z.infer<typeof Anchor>;

/** Spoken by the dub; the original left as it is; neither of the two. */
export const Sound = z.enum(['dub', 'original', 'mute']);
export type Sound = z.infer<typeof Sound>;

/** A line as a person wants it. Times are seconds of the film. */
export const Rewritten = z
  .object({
    start: z.number().nonnegative().max(1_000_000),
    end: z.number().nonnegative().max(1_000_000),
    /** What is said in the film. */
    text: z.string().max(4000),
    /** What the dub says. */
    translation: z.string().max(4000),
    speaker: z.string().min(1).max(60),
    sound: Sound,
  })
  .refine(({start, end}) => end > start, 'ends before it begins')
  .refine(({translation, sound}) => sound !== 'dub' || translation.trim() !== '', 'has no words to speak');
export type Rewritten = z.infer<typeof Rewritten>;

/** What became of one line: itself in other words, several where it was split, none where it went into its neighbour. */
export const Edit = z.object({
  anchor: Anchor,
  becomes: z.array(Rewritten).max(20),
});
export type Edit = z.infer<typeof Edit>;

/** An edit as it is kept: who made it, and the how-manieth change of the brief that was. */
export const SavedEdit = z.object({
  anchor: Anchor,
  /** Null where it was taken back: that somebody did so is news to who still sees it. */
  becomes: Edit.shape.becomes.nullable(),
  by: z.string().max(60),
  revision: z.number().int().nonnegative(),
});
export type SavedEdit = z.infer<typeof SavedEdit>;

/** `null` in place of what it becomes takes the edit back. */
export const EditChange = z.strictObject({anchor: Anchor, becomes: Edit.shape.becomes.nullable()});
export type EditChange = z.infer<typeof EditChange>;

/** Edits of the same line are one: the last. */
export function withEdits(brief: Brief, changes: readonly EditChange[], by: string): Brief {
  const revision = brief.revision + 1;
  const after = new Map(brief.edits.map(edit => [nameOf(edit.anchor), edit]));
  for (const {anchor, becomes} of changes) {
    after.set(nameOf(anchor), {anchor, becomes, by, revision});
  }
  return {...brief, revision, edits: [...after.values()].toSorted((a, b) => a.anchor.start - b.anchor.start)};
}

/** What was there before goes: they are saved all at once. */
export function withPassages(brief: Brief, list: readonly Passage[], by: string): Brief {
  const revision = brief.revision + 1;
  const inOrder = list.toSorted((a, b) => a.start - b.start);
  return {...brief, revision, passages: {list: inOrder, by, revision}};
}

/** What others have made of these lines after that revision: to save over it would lose it. */
export function editedSince(
  brief: Brief,
  changes: readonly EditChange[],
  since: number,
): readonly SavedEdit[] {
  const asked = new Set(changes.map(({anchor}) => nameOf(anchor)));
  return brief.edits.filter(({anchor, revision}) => revision > since && asked.has(nameOf(anchor)));
}

/** To the millisecond, as times go through JSON and people's hands. */
export function nameOf({start, source}: Anchor): string {
  return `${Math.round(start * 1000)} ${source}`;
}

/** Twice as many as a film of three hours has lines. */
export const editsLimit = 20_000;

export const Brief = z.object({
  /** Goes up with every change of the edits and of the speakers. */
  revision: z.number().int().nonnegative(),
  edits: z.array(SavedEdit).max(editsLimit),
  /** What is said in the film, and the same in the language of the dub: neither is guessed where it is given. */
  source: CueFile.nullable(),
  target: CueFile.nullable(),
  turns: z.array(Turn).max(100_000).nullable(),
  /** What was decided of those who speak; a brief from before that has nothing of them. */
  speakers: z.array(SavedSpeaker).max(speakersLimit).default([]),
  /** What is left as it is; a brief from before that leaves nothing. */
  passages: SavedPassages.default(noPassages),
});
export type Brief = z.infer<typeof Brief>;

export const noBrief: Brief = {
  ...{revision: 0, edits: [], source: null, target: null, turns: null, speakers: []},
  passages: noPassages,
};

/** Those that count: what was taken back is as it was found. */
export function standingEdits({edits}: Pick<Brief, 'edits'>): Edit[] {
  return edits.flatMap(({anchor, becomes}) => (becomes === null ? [] : [{anchor, becomes}]));
}
