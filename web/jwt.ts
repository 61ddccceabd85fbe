/**
 * Owns signed tokens: our own short-lived ones, and those of Cloudflare Access. The only importer of jose, which is loaded
 * when the first token is made or shown: a box that nobody logs in to does without its memory.
 */
import type {JWTPayload} from 'jose';

const ours = {algorithm: 'HS256', issuer: 'dubstead'} as const;

export async function signToken(
  claims: Readonly<Record<string, string>>,
  {key, at, seconds}: {readonly key: Uint8Array; readonly at: number; readonly seconds: number},
): Promise<string> {
  const {SignJWT} = await import('jose');
  const issued = Math.floor(at / 1000);
  return new SignJWT({...claims})
    .setProtectedHeader({alg: ours.algorithm})
    .setIssuer(ours.issuer)
    .setIssuedAt(issued)
    .setExpirationTime(issued + seconds)
    .sign(key);
}

/** What a token of ours says; null for one that is not, or not any more. */
export function readToken(token: string, key: Uint8Array, at: number): Promise<JWTPayload | null> {
  const {algorithm, issuer} = ours;
  const wanted = {algorithms: [algorithm], issuer, requiredClaims: ['exp', 'iat']};
  return payloadOf(({jwtVerify}) => jwtVerify(token, key, {...wanted, currentDate: new Date(at)}));
}

export interface AssertionSetting {
  /** `https://TEAM.cloudflareaccess.com`. */
  readonly issuer: string;
  /** Of the application, as Cloudflare calls it. */
  readonly audience: string;
  readonly now: () => number;
  readonly keysUrl?: URL;
}

const cooldownMs = 60_000;
const keysMs = 6 * 3_600_000;
const answerMs = 5_000;

/**
 * Whether a request came through Cloudflare Access. Keys are kept for hours; one that is not among them makes us ask
 * again, once a minute at the most.
 */
export function assertionReader({
  issuer,
  audience,
  now,
  keysUrl,
}: AssertionSetting): (token: string) => Promise<boolean> {
  const url = keysUrl ?? new URL('/cdn-cgi/access/certs', issuer);
  const limits = {cooldownDuration: cooldownMs, cacheMaxAge: keysMs, timeoutDuration: answerMs};
  const wanted = {algorithms: ['RS256', 'ES256'], issuer, audience, requiredClaims: ['exp', 'iat']};
  let keys: ReturnType<Jose['createRemoteJWKSet']> | undefined;
  return async token => {
    const payload = await payloadOf(jose => {
      keys ??= jose.createRemoteJWKSet(url, limits);
      return jose.jwtVerify(token, keys, {...wanted, currentDate: new Date(now())});
    });
    return payload !== null;
  };
}

type Jose = typeof import('jose');

async function payloadOf(
  verify: (jose: Jose) => Promise<{readonly payload: JWTPayload}>,
): Promise<JWTPayload | null> {
  const jose = await import('jose');
  try {
    return (await verify(jose)).payload;
  } catch (cause) {
    // Keys that cannot be had are no reason to let anybody in.
    if (cause instanceof jose.errors.JOSEError || cause instanceof TypeError) return null;
    throw cause;
  }
}
