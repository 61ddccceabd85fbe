/** Owns what people write on a job: its title, notes, tags, who may look at it, and of which series it is. Never a file. */
import {z} from 'zod';
import {type Episode, episodeIn, nameIn} from './episode.ts';
import {folded} from './folded.ts';
import {line} from './line.ts';

export const tagsLimit = 20;
const tagLimit = 40;
const titleLimit = 200;
const notesLimit = 4000;

export const SeriesName = line(titleLimit);

export const CardEpisode = z.object({
  series: SeriesName,
  season: z.number().int().min(0).max(9999).nullable(),
  episode: z.number().int().min(0).max(99_999).nullable(),
});

/** One of two that only differ in case or accents written another way stays: the first. */
const Tags = z
  .array(line(tagLimit))
  .max(tagsLimit)
  .transform(tags => tags.filter((tag, i) => tags.findIndex(other => folded(other) === folded(tag)) === i));

export const Visibility = z.enum(['private', 'shared']);
export type Visibility = z.infer<typeof Visibility>;

export const Card = z.object({
  /** Null is what the file's name says; so is an episode of null. */
  title: line(titleLimit).nullable(),
  notes: z.string().max(notesLimit),
  tags: Tags,
  visibility: Visibility,
  /** Since when it is out of the way; milliseconds since 1970. */
  archived: z.number().int().nonnegative().nullable(),
  episode: CardEpisode.nullable(),
});
export type Card = z.infer<typeof Card>;

export const blankCard: Card = {
  ...{title: null, notes: '', tags: [], visibility: 'private', archived: null, episode: null},
};

/** What a person may change; what is left out stays. */
export const CardChange = z.strictObject({
  title: Card.shape.title.optional(),
  notes: Card.shape.notes.optional(),
  tags: Tags.optional(),
  visibility: Visibility.optional(),
  episode: Card.shape.episode.optional(),
});
export type CardChange = z.infer<typeof CardChange>;

/** The card after the change; null for one that says nothing, so that thousands of untouched jobs stay small. */
export function written(
  card: Card | null,
  change: CardChange & {readonly archived?: number | null},
): Card | null {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const after: Card = {...(card ?? blankCard), ...Object.fromEntries(given)};
  return isBlank(after) ? null : after;
}

function isBlank({title, notes, tags, visibility, archived, episode}: Card): boolean {
  const isUnnamed = title === null && episode === null && notes === '' && tags.length === 0;
  return isUnnamed && visibility === 'private' && archived === null;
}

/** As much of a job as its card needs. */
export interface Carded {
  readonly card: Card | null;
  readonly source: {readonly name: string};
}

/** What its owner wrote counts before what the file's name says. */
export function episodeOf({card, source}: Carded): Episode | null {
  return card?.episode ?? episodeIn(source.name);
}

/** What people call it. */
export function nameOf({card, source}: Carded): string {
  return card?.title ?? nameIn(source.name);
}

export function isArchived({card}: Pick<Carded, 'card'>): boolean {
  return (card?.archived ?? null) !== null;
}
