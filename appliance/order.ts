/** Owns what is asked of a job process: which video, into which language, how. Never says who asked. */
import {z} from 'zod';
import {digestOf} from './digest.ts';
import {LanguageTag} from './languages.ts';

const AbsolutePath = z
  .string()
  .startsWith('/')
  .max(4096)
  .refine(path => !path.includes('\0'), 'holds a NUL');

export const Preset = z.enum(['fast', 'balanced', 'best']);
export type Preset = z.infer<typeof Preset>;

export const Order = z.object({
  source: AbsolutePath,
  /** What the video speaks; null leaves it to the track's own tag, then English. */
  from: LanguageTag.nullable(),
  to: LanguageTag,
  /** Subtitles named by hand; their language is told by their file name. */
  subtitles: AbsolutePath.nullable(),
  preset: Preset,
  /** Where the finished files go; the job's own folder lives in it, under `.dubstead`. */
  out: AbsolutePath,
  hls: z.boolean(),
  loudnessLufs: z.union([z.literal(-14), z.literal(-16), z.literal(-23)]),
  /** `lines` keeps text and voices (a few MB), `work` keeps the sound as well, so that an edit is quick. */
  keep: z.enum(['lines', 'work']),
  processors: z.number().int().min(1).max(256),
  /** Where what people give to the dub lies, a Brief; left out, it is looked for in the job's own folder. */
  brief: AbsolutePath.optional(),
  /** A film that is longer is refused; left out, none is. */
  longestSeconds: z.number().positive().optional(),
});
export type Order = z.infer<typeof Order>;

const nameLimitBytes = 200;

/** The stem that finished files and the job's folder share: `film.mp4` in Spanish is `film.es`. */
export function stemOf(order: Pick<Order, 'source' | 'to'>): string {
  const file = order.source.slice(order.source.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  const title = dot > 0 ? file.slice(0, dot) : file;
  return `${shortened(title)}.${order.to}`;
}

/** Where one job keeps what it has made so far. */
export function jobFolderOf(order: Pick<Order, 'source' | 'to' | 'out'>): string {
  return `${order.out}/.dubstead/${stemOf(order)}`;
}

/** Where the film can be watched while it is being dubbed: what lies there goes when the dub is done. */
export function previewFolderOf({out}: Pick<Order, 'out'>): string {
  return `${out}/.dubstead/preview`;
}

/** A title that has to be cut keeps a mark of its own: two parts of a series differ at the end of their names. */
function shortened(title: string): string {
  if (Buffer.byteLength(title) <= nameLimitBytes) return title;
  const mark = `~${digestOf(title).slice(0, 8)}`;
  return cutToBytes(title, nameLimitBytes - mark.length) + mark;
}

/** The longest start of `text` that fits, cut between characters as people count them. */
function cutToBytes(text: string, limit: number): string {
  let kept = '';
  let bytes = 0;
  for (const {segment} of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > limit) break;
    kept += segment;
  }
  return kept;
}
