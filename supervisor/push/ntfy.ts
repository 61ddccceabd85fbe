/**
 * Owns one exchange with an ntfy server: the protocol's JSON publish, and what the answer means. Never tries twice.
 * The token is in one header and nowhere else: not in an address, not in a word that is told.
 */
import {z} from 'zod';
import type {Secret} from '../../appliance/config/secret.ts';
import type {At} from '../../appliance/job.ts';
import type {PushMessage} from './message.ts';
import {readRetryAfterMs} from './rest.ts';

export interface NtfyTarget {
  readonly url: URL;
  /** Whoever knows it can read what is sent: it is never told either. */
  readonly topic: Secret;
  readonly token: Secret | null;
}

export type Answer =
  | {readonly is: 'accepted'}
  /** Not this message, ever: what is wrong is told, and who can put it right. */
  | {readonly is: 'refused'; readonly why: string}
  /** Not now. It may have been taken all the same: an answer can get lost. */
  | {readonly is: 'unavailable'; readonly why: string; readonly retryAfterMs: number | null};

/** Runs something later, and returns what calls it off. */
export type After = (ms: number, run: () => void) => () => void;

export interface Exchange {
  readonly signal: AbortSignal;
  readonly now: () => At;
  readonly after: After;
}

/** From the first byte sent to the last one read. */
export const exchangeLimitMs = 20_000;
const bodyLimitBytes = 64 << 10;

/** What every ntfy answers; a web page that says 200 to all does not. */
const Published = z.object({id: z.string().min(1).max(200)});
const Refused = z.object({code: z.number().int()});

export async function publish(
  target: NtfyTarget,
  message: PushMessage,
  {signal, now, after}: Exchange,
): Promise<Answer> {
  const late = new AbortController();
  const callOff = after(exchangeLimitMs, () => late.abort());
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'dubstead',
        ...(target.token === null ? {} : {authorization: `Bearer ${target.token.reveal()}`}),
      },
      body: JSON.stringify({topic: target.topic.reveal(), ...message}),
      // Another address would get the message, and perhaps the token.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    });
    return answerOf(target, response, await jsonOf(response), now());
  } catch (cause) {
    const why = late.signal.aborted
      ? `${target.url.host} gave no answer within ${exchangeLimitMs / 1000} s.`
      : troubleOf(target, cause);
    return {is: 'unavailable', why, retryAfterMs: null};
  } finally {
    callOff();
  }
}

function answerOf(target: NtfyTarget, response: Response, body: unknown, now: At): Answer {
  const {status, headers} = response;
  const {host} = target.url;
  const unavailable = (why: string): Answer => {
    const retryAfterMs = readRetryAfterMs(headers.get('retry-after'), now);
    return {is: 'unavailable', why, retryAfterMs};
  };
  if (response.ok) {
    if (Published.safeParse(body).success) return {is: 'accepted'};
    return unavailable(`${host} answers, but not as ntfy does. Check NTFY_BASE_URL.`);
  }
  // Not followed, and not final: a router without internet sends everybody to a page of its own.
  if (status >= 300 && status < 400) {
    const towards = URL.parse(headers.get('location') ?? '', target.url.href)?.origin ?? 'nowhere';
    return unavailable(
      `${host} sends pushes on to ${towards}, and they do not go there. Check NTFY_BASE_URL.`,
    );
  }
  if (status === 429) return unavailable(`${host} asks for fewer pushes (429).`);
  if (status === 408) return unavailable(`${host} gave up waiting for a push (408).`);
  if (status >= 500) return unavailable(`${host} is in trouble (${status}).`);
  return {is: 'refused', why: refusalOf(target, status, Refused.safeParse(body).data?.code)};
}

/** ntfy's own number is told; its words are not: they come from outside. */
function refusalOf({url, token}: NtfyTarget, status: number, code: number | undefined): string {
  const said = `${url.host} refuses pushes (${code === undefined ? status : `${status}, ntfy ${code}`})`;
  if (status === 401 || status === 403) {
    return token === null
      ? `${said}: the topic wants an access token. Set NTFY_TOKEN.`
      : `${said}: NTFY_TOKEN may not write to the topic. Check it and NTFY_TOPIC.`;
  }
  if (status === 404 || status === 405) return `${said}: there is no ntfy there. Check NTFY_BASE_URL.`;
  return `${said}. Check NTFY_TOPIC and NTFY_BASE_URL.`;
}

/** Undefined when it is too long or no JSON. */
async function jsonOf(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early hangs up.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

const troubles: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens there'],
  ['ENOTFOUND', 'the name is not known'],
  ['EAI_AGAIN', 'the name cannot be looked up now'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to it'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is signed by itself alone'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by nobody known here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by nobody known here'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
]);

/** By the error's code alone: a message may repeat what was sent. */
function troubleOf({url}: NtfyTarget, cause: unknown): string {
  const code = codeOf(cause) ?? (cause instanceof Error ? codeOf(cause.cause) : undefined);
  const trouble = code === undefined ? 'the exchange broke off' : (troubles.get(code) ?? code);
  return `${url.host} cannot be reached: ${trouble}.`;
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
