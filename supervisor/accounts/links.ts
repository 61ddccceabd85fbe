/**
 * Owns signed links to one file, for a player that knows no logins: short-lived, and good while the login or key that
 * asked for one is. Signed with a key of this run's own, so that a restart ends them all.
 */

import {z} from 'zod';
import {freshBytes, type Random} from '../../appliance/accounts/code.ts';
import type {Caller} from '../../appliance/api/permissions.ts';
import {type At, JobId} from '../../appliance/job.ts';
import type {Linked, Links} from '../../web/accounts.ts';
import {readToken, signToken} from '../../web/jwt.ts';

export interface LinkParts {
  readonly random: Random;
  readonly now: () => number;
  /** Who came with that, if it still counts. */
  readonly callerOf: (is: 'session' | 'key', id: string) => Caller | null;
}

/** A long film, with a pause. */
const linkSeconds = 6 * 3600;

const Claims = z.object({
  is: z.enum(['session', 'key']),
  by: z.string().max(20),
  job: JobId,
  file: z.string().max(100),
});

export class HomeLinks implements Links {
  readonly #parts: LinkParts;
  readonly #key: Uint8Array;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#key = freshBytes(32, parts.random);
  }

  async sign(
    {came}: Caller,
    job: JobId,
    file: string,
  ): Promise<{readonly token: string; readonly expires: At} | null> {
    if (came.is === 'socket') return null;
    const at = this.#parts.now();
    const claims = {is: came.is, by: came.id, job, file};
    const token = await signToken(claims, {key: this.#key, at, seconds: linkSeconds});
    return {token, expires: at + linkSeconds * 1000};
  }

  async read(token: string): Promise<Linked | null> {
    const claims = Claims.safeParse(await readToken(token, this.#key, this.#parts.now()));
    if (!claims.success) return null;
    const {is, by, job, file} = claims.data;
    const caller = this.#parts.callerOf(is, by);
    return caller === null ? null : {caller, job, file};
  }
}
