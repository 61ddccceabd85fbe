/** Owns reading `film.dub.json`: what is asked for one film, by the schema of a job's options. Never reads a file. */
import {z} from 'zod';
import {JobOptions} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Why} from './names.ts';

/** Any part of a job's options; a key that is none of them is a slip of the pen and is said. */
const Wishes = z.strictObject(JobOptions.partial().shape);

export type Wishes = z.infer<typeof Wishes>;

export const wishesLimitBytes = 64 * 1024;

export function readWishes(bytes: Uint8Array, name: string): Result<Wishes, Why> {
  let given: unknown;
  try {
    given = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
  } catch (cause) {
    const detail = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\p{Cc}/gu, ' ');
    return no({
      what: `${name} is no JSON: ${detail}.`,
      fix: `Mend it, for example: {"to": "es", "preset": "best"}.`,
    });
  }
  const parsed = Wishes.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.');
  return no({
    what: `${name} has a field that cannot be used: ${field || 'all of it'}: ${issue?.message ?? 'it does not fit'}.`,
    fix: `Fields are ${Object.keys(JobOptions.shape).join(', ')}, each as in {"to": "es", "preset": "best", "keep": "work"}. Mend it and put both files into the inbox again.`,
  });
}

/** The film's own wishes over its folder's over those of the box. */
export function optionsOf(defaults: JobOptions, ...wishes: readonly Wishes[]): JobOptions {
  return JobOptions.parse(Object.assign({}, defaults, ...wishes));
}
