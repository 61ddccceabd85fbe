/** Owns codes from an authenticator app: their secret, and that each is taken once. Never stores what was taken. */
import {timingSafeEqual} from 'node:crypto';
import {HOTP, Secret, TOTP} from 'otpauth';
import {z} from 'zod';
import {At, type UserName} from '../job.ts';
import {freshBytes, type Random} from './code.ts';

/** 160 random bits in base 32, as RFC 4226 asks for. */
export const TotpSecret = z
  .string()
  .regex(/^[A-Z2-7]{32}$/)
  .brand<'TotpSecret'>();
export type TotpSecret = z.infer<typeof TotpSecret>;

export const Totp = z.object({
  secret: TotpSecret,
  since: At,
  /** The step of the last code that was taken, in half minutes since 1970: only a later one is taken after it. */
  lastStep: z.number().int().nonnegative(),
});
export type Totp = z.infer<typeof Totp>;

const issuer = 'Dubstead';
/** What every authenticator app can do; some ignore anything else that the address asks for. */
const shape = {algorithm: 'SHA1', digits: 6} as const;
const periodSeconds = 30;
/** Clocks of phones are off, and people are slow: one step either way. */
const windowSteps = [1, 0, -1] as const;

export function freshTotpSecret(random: Random): TotpSecret {
  const bytes = Uint8Array.from(freshBytes(20, random));
  return TotpSecret.parse(new Secret({buffer: bytes.buffer}).base32);
}

/** What an app reads from a square code. It holds the secret: for the screen of its owner only. */
export function totpAddress(user: UserName, secret: TotpSecret): string {
  return new TOTP({...shape, period: periodSeconds, issuer, label: user, secret}).toString();
}

/**
 * The step whose code this is, for the caller to store before it lets anybody in; null when the code is wrong or was
 * taken already. A secret that nobody has used yet has a `lastStep` of 0.
 */
export function verifyTotp(
  {secret, lastStep}: Pick<Totp, 'secret' | 'lastStep'>,
  typed: string,
  at: At,
): number | null {
  const code = typed.slice(0, 20).replaceAll(/[ -]/g, '');
  if (!/^[0-9]{6}$/.test(code)) return null;
  const key = Secret.fromBase32(secret);
  const now = Math.floor(at / (periodSeconds * 1000));
  let taken: number | null = null;
  for (const offset of windowSteps) {
    const counter = now + offset;
    const matches = isSameCode(HOTP.generate({...shape, secret: key, counter}), code);
    if (matches && counter > lastStep) taken ??= counter;
  }
  return taken;
}

function isSameCode(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
