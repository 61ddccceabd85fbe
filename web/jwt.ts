/** Owns signed tokens: our own short-lived ones, and those of Cloudflare Access. The only importer of jose. */
import {createRemoteJWKSet, errors, type JWTPayload, jwtVerify, SignJWT} from 'jose';

const ours = {algorithm: 'HS256', issuer: 'dubstead'} as const;

export function signToken(
  claims: Readonly<Record<string, string>>,
  {key, at, seconds}: {readonly key: Uint8Array; readonly at: number; readonly seconds: number},
): Promise<string> {
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
  return payloadOf(jwtVerify(token, key, {...wanted, currentDate: new Date(at)}));
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
  const keys = createRemoteJWKSet(keysUrl ?? new URL('/cdn-cgi/access/certs', issuer), {
    ...{cooldownDuration: cooldownMs, cacheMaxAge: keysMs, timeoutDuration: answerMs},
  });
  const wanted = {algorithms: ['RS256', 'ES256'], issuer, audience, requiredClaims: ['exp', 'iat']};
  return async token =>
    (await payloadOf(jwtVerify(token, keys, {...wanted, currentDate: new Date(now())}))) !== null;
}

async function payloadOf(verified: Promise<{readonly payload: JWTPayload}>): Promise<JWTPayload | null> {
  try {
    return (await verified).payload;
  } catch (cause) {
    // Keys that cannot be had are no reason to let anybody in.
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) return null;
    throw cause;
  }
}
