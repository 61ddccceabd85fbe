/**
 * Owns the short-lived tokens of programs: signed with a key of this run's own, which is never on a disk, and good for
 * one login. After a restart a program renews its token, as it does every ten minutes.
 */
import {freshBytes, type Random} from '../../appliance/accounts/code.ts';
import {SessionId} from '../../appliance/accounts/session.ts';
import {readToken, signToken} from '../../web/jwt.ts';

export const accessSeconds = 600;

export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #now: () => number;

  constructor(random: Random, now: () => number) {
    this.#key = freshBytes(32, random);
    this.#now = now;
  }

  async sign(session: SessionId): Promise<{readonly token: string; readonly seconds: number}> {
    const token = await signToken({sid: session}, {key: this.#key, at: this.#now(), seconds: accessSeconds});
    return {token, seconds: accessSeconds};
  }

  /** The login it is good for; whether that still counts is for the caller to ask. Null for anything else. */
  async verify(token: string): Promise<SessionId | null> {
    const claims = await readToken(token, this.#key, this.#now());
    return SessionId.safeParse(claims?.['sid']).data ?? null;
  }
}
