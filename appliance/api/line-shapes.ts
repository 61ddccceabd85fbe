/** Owns what the API says of the lines of a dub. Of a finished dub it is what its report says. */
import {z} from 'zod';
import {Anchor, EditChange, editsLimit, Rewritten, SavedEdit, Sound} from '../brief.ts';
import {LanguageTag} from '../languages.ts';
import {Passage, passagesLimit} from '../passages.ts';
import {Say, VoiceId} from '../say.ts';
import {Region} from '../subtitles/cue.ts';
import {shapes} from './shapes.ts';

const text = z.string().max(8000);

export const LineShown = z.object({
  /** From 1, in film order, as the report has it. */
  number: z.number().int().positive(),
  anchor: Anchor,
  source: Region,
  /** Where the dub speaks it; null where it does not. */
  dub: Region.nullable(),
  speaker: z.string().max(60),
  text,
  translation: text,
  edited: z.boolean(),
  sound: Sound,
  state: z.enum(['fits', 'tight', 'over', 'kept']),
  why: text.optional(),
  /** Times its natural pace. */
  speed: z.number().nullable(),
  /** Seconds that it runs past its slot. */
  overflow: z.number(),
  /** 0 to 1; null where words were given. */
  confidence: z.number().nullable(),
});
export type LineShown = z.infer<typeof LineShown>;

export const FindingShown = z.object({
  line: z.number().int().positive().optional(),
  what: text,
  severity: z.enum(['problem', 'look', 'note']),
});
export type FindingShown = z.infer<typeof FindingShown>;

export const LinesShown = z.object({
  /** To be sent along with changes. */
  revision: z.number().int().nonnegative(),
  from: LanguageTag,
  to: LanguageTag,
  /** Seconds. */
  duration: z.number().nonnegative(),
  /** As they were last dubbed; none before that. */
  lines: z.array(LineShown).max(100_000),
  findings: z.array(FindingShown).max(100_000),
  /** What people made of them, whether it has been dubbed since or not. */
  edits: z.array(SavedEdit.extend({becomes: z.array(Rewritten).max(20)})).max(editsLimit),
  /** What is left as it is, and how many lines are not dubbed accordingly yet. */
  passages: z.array(Passage).max(passagesLimit),
  passagesPending: z.number().int().nonnegative(),
  /** Loudness of the dub, a byte each in base64: 0 is silence. */
  wave: z.object({stepSeconds: z.number().positive(), levels: z.string().max(2_000_000)}),
});
export type LinesShown = z.infer<typeof LinesShown>;

export const LinesChange = z
  .strictObject({
    /** The revision that the changes were made on. */
    since: z.number().int().nonnegative(),
    edits: z.array(EditChange).max(500),
    /** All that there are to be; left out, they stay as they were. */
    passages: z.array(Passage).max(passagesLimit).optional(),
  })
  .refine(({edits, passages}) => edits.length > 0 || passages !== undefined, 'changes nothing');
export type LinesChange = z.infer<typeof LinesChange>;

export const LinesSaved = LinesShown.pick({
  revision: true,
  edits: true,
  passages: true,
  passagesPending: true,
});
export type LinesSaved = z.infer<typeof LinesSaved>;

export const LinePreview = z.strictObject({
  text: Say.shape.text,
  speaker: z.string().min(1).max(60),
  /** Another than they have. */
  voice: VoiceId.optional(),
});

/** A WAV in base64. */
export const LineSaid = z.object({wav: z.string().max(5_000_000)});

for (const [id, shape] of Object.entries({LineShown, LinesShown})) shapes.add(shape, {id});
