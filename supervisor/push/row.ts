/**
 * Owns one push that waits, as the store keeps it, and which ends of a job are worth one. A row is written in the same
 * commit as the change that it tells of. Never says when or how it is sent.
 */
import {randomBytes} from 'node:crypto';
import {z} from 'zod';
import {exitCodes} from '../../appliance/exit-codes.ts';
import {describe, type Failure} from '../../appliance/failure.ts';
import {At, type Job, JobId, UserName} from '../../appliance/job.ts';
import {LanguageTag} from '../../appliance/languages.ts';
import {redactText} from '../../appliance/redact.ts';

/** Also what ntfy calls a sequence: the same one again replaces what is on the phone. */
export const PushId = z
  .string()
  .regex(/^[-_A-Za-z0-9]{1,64}$/)
  .brand<'PushId'>();
export type PushId = z.infer<typeof PushId>;

const titleLimit = 255;
const wordsLimit = 600;

/** A film's title or a file's name, as it came: cleaned where it is shown. */
const title = z.string().max(titleLimit);
const words = z.string().max(wordsLimit);
const wrong = {title, what: words, fix: words};

export const PushAbout = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    job: JobId,
    title,
    to: LanguageTag,
    seconds: z.number().nonnegative(),
    /** The first sentence of the quality report; empty when there is none. */
    grade: words,
  }),
  z.object({kind: z.literal('failed'), job: JobId, ...wrong}),
  /** Not something to dub. A file that was refused in the inbox has no job. */
  z.object({kind: z.literal('refused'), job: JobId.nullable(), ...wrong}),
  z.object({kind: z.literal('set-aside'), job: JobId, ...wrong}),
]);
export type PushAbout = z.infer<typeof PushAbout>;
export type PushKind = PushAbout['kind'];

export const PushRow = z.object({
  id: PushId,
  owner: UserName.nullable(),
  made: At,
  attempts: z.number().int().nonnegative(),
  notBefore: At.nullable(),
  about: PushAbout,
});
export type PushRow = z.infer<typeof PushRow>;

export type PushRowOf<Kind extends PushKind> = PushRow & {readonly about: Extract<PushAbout, {kind: Kind}>};

/** 72 random bits: a row keeps it for life, whatever it is sent with. */
export function freshPushId(): PushId {
  return PushId.parse(randomBytes(9).toString('base64url'));
}

/** What to push of a job in its new state; undefined when that is nobody's news. */
export function pushOfJob(job: Job, id: PushId): PushRow | undefined {
  const {state} = job;
  if (state.is !== 'done' && state.is !== 'failed' && state.is !== 'set-aside') return undefined;
  const row = {id, owner: job.owner, made: state.at, attempts: 0, notBefore: null};
  if (state.is === 'done') {
    const {to} = job.options;
    const grade = firstSentence(state.summary[0] ?? '');
    const about = {job: job.id, title: titleOf(job.source.name), to, seconds: state.seconds, grade};
    return {...row, about: {kind: 'done', ...about}};
  }
  const {what, fix, exit} = describe(tailOnly(state.failure));
  const name = exit === exitCodes.refused ? job.source.name : titleOf(job.source.name);
  const wrong = {job: job.id, title: cut(name, titleLimit), what: safe(what), fix: safe(fix)};
  if (state.is === 'set-aside') return {...row, about: {kind: 'set-aside', ...wrong}};
  return {...row, about: {kind: exit === exitCodes.refused ? 'refused' : 'failed', ...wrong}};
}

/** What to push of a file that never became a job. */
export function pushOfRefusal(refused: {
  readonly id: PushId;
  readonly owner: UserName | null;
  readonly at: At;
  readonly name: string;
  readonly what: string;
  readonly fix: string;
}): PushRow {
  const {id, owner, at, name, what, fix} = refused;
  const wrong = {title: cut(name, titleLimit), what: safe(what), fix: safe(fix)};
  const about = {kind: 'refused', job: null, ...wrong} as const;
  return {id, owner, made: at, attempts: 0, notBefore: null, about};
}

function titleOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return cut(dot > 0 ? name.slice(0, dot) : name, titleLimit);
}

/** What a tool said may be long; its last line is what is told. */
function tailOnly(failure: Failure): Failure {
  return 'stderr' in failure ? {...failure, stderr: failure.stderr.slice(-wordsLimit)} : failure;
}

function firstSentence(paragraph: string): string {
  return cut(/^.*?[.!?](?=\s|$)/su.exec(paragraph)?.[0] ?? paragraph);
}

/** What a tool said may hold a key or the password of an address. */
function safe(sentence: string): string {
  return cut(redactText(sentence));
}

/** A pair of surrogates that the cut parts leaves no half behind. */
function cut(text: string, limit = wordsLimit): string {
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}
