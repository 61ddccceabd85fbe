/**
 * Owns one line of the audit: what it holds, how it is written, and how it is tied to the line before it. Never opens a
 * file.
 *
 * `hash` is the SHA-256 of all the rest as canonical JSON, and `prev` is the hash of the line before. A line therefore
 * vouches for every line before it.
 */
import {z} from 'zod';
import {Digest, digestOfJson, Json} from '../digest.ts';
import {oneLine, redactFields, redactText} from '../redact.ts';
import {no, ok, type Result} from '../result.ts';
import {type AuditAction, auditActions} from './actions.ts';

const AuditResult = z.enum(['ok', 'refused', 'failed']);

/** What somebody has to say; the rest of a line is added here. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly result: z.infer<typeof AuditResult>;
  /** What it was done to, as `kind:id`. */
  readonly object?: string | null;
  readonly user?: string | null;
  readonly address?: string | null;
  /** The id of the request it came with. */
  readonly request?: string | null;
  /** Small: what is long is cut, what is secret is taken out. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const words = z.string().max(500).nullable();

export const AuditEntry = z.strictObject({
  seq: z.number().int().positive(),
  time: z.iso.datetime({precision: 3}),
  /** By its form alone: old files hold names that are no longer given. */
  action: z.string().regex(/^[a-z_]+(?:\.[a-z_]+){1,3}$/),
  result: AuditResult,
  user: words,
  address: words,
  object: words,
  request: words,
  details: z.record(z.string(), Json),
  prev: Digest,
  hash: Digest,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** A line without its place in the chain. */
export type AuditDraft = Omit<AuditEntry, 'seq' | 'prev' | 'hash'>;

/** Where the chain has come to. */
export const AuditHead = z.object({seq: z.number().int().nonnegative(), hash: Digest});
export type AuditHead = z.infer<typeof AuditHead>;

/** What the first line of all follows. */
export const origin: AuditHead = {seq: 0, hash: Digest.parse('0'.repeat(64))};

/** No line is longer: the limits on its parts see to that, and a reader need not hold more. */
export const auditLineLimitBytes = 32_768;
const wordsLimit = 300;
const detailsLimits = {transcripts: false, textLimit: 500, sizeLimit: 2000};

/** Throws on a time that no calendar of four-digit years has. */
export function draftOf(record: AuditRecord, at: number): AuditDraft {
  const time = new Date(at).toISOString();
  if (time.length !== 24) throw new Error(`the clock says ${time}`);
  if (!auditActions.has(record.action)) throw new Error(`"${record.action}" is no action of the audit`);
  const details = z.record(z.string(), Json).parse(redactFields(record.details, detailsLimits));
  return {
    time,
    action: record.action,
    result: AuditResult.parse(record.result),
    ...{user: short(record.user), address: short(record.address)},
    ...{object: short(record.object), request: short(record.request)},
    details,
  };
}

function short(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : redactText(String(text), wordsLimit);
}

export function chained(draft: AuditDraft, {seq, hash: prev}: AuditHead): AuditEntry {
  const rest = {seq: seq + 1, ...draft, prev};
  return {...rest, hash: digestOfJson(rest)};
}

/** Without the line's end. */
export function encode({
  seq,
  time,
  action,
  result,
  user,
  address,
  object,
  request,
  ...rest
}: AuditEntry): string {
  const {details, prev, hash} = rest;
  const ordered = {seq, time, action, result, user, address, object, request, details, prev, hash};
  return oneLine(JSON.stringify(ordered));
}

/**
 * The entry, when the line is exactly what was written and its hash is its own. Whether it follows the line before is
 * for whoever reads both.
 */
export function decode(line: Buffer): Result<AuditEntry, string> {
  try {
    const entry = AuditEntry.parse(JSON.parse(line.toString('utf8')));
    const {hash, ...rest} = entry;
    if (digestOfJson(rest) !== hash) return no('its hash is not that of what it says');
    return line.equals(Buffer.from(encode(entry))) ? ok(entry) : no('it is not written as it would be here');
  } catch {
    return no('it does not parse');
  }
}
