/**
 * Owns hashing and checking passwords: with argon2id, two at once, the rest in a short queue. Never judges how good one
 * is, and never says whether a user exists.
 */
import {argon2id, hash, needsRehash, verify} from 'argon2';
import {no, ok, type Result} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {freshBytes, type Random} from './code.ts';
import {PasswordHash} from './password-hash.ts';
import {isTooLong, normalised} from './password-policy.ts';

export interface HashCost {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** About a quarter of a second here, and 64 MiB. More than OWASP's least (19 MiB, twice). */
export const defaultCost: HashCost = {memoryCost: 65_536, timeCost: 4, parallelism: 2};

/** Eight at once would hold 512 MiB. */
const atOnceLimit = 2;
/** About four seconds of work: who comes later is better told than kept. */
const waitingLimit = 32;
const saltBytes = 16;

/** All the work there is in checking a password: whoever counts these knows what an answer costs. */
export type Check = (known: PasswordHash, text: string) => Promise<boolean>;
export const checkByArgon2: Check = (known, text) => verify(known, text);

export interface HasherBusy {
  readonly reason: 'busy';
  readonly waiting: number;
}

export function describeHasherBusy({waiting}: HasherBusy): Words {
  return {what: `${waiting} others are logging in right now.`, fix: 'Try again in a few seconds.'};
}

interface Means {
  readonly cost: HashCost;
  readonly random: Random;
  readonly check: Check;
  readonly nobody: PasswordHash;
}

export class PasswordHasher {
  readonly #cost: HashCost;
  readonly #random: Random;
  readonly #check: Check;
  /** Of a password that nobody knows: checked when there is no user, so that the answer takes as long. */
  readonly #nobody: PasswordHash;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  private constructor({cost, random, check, nobody}: Means) {
    this.#cost = cost;
    this.#random = random;
    this.#check = check;
    this.#nobody = nobody;
  }

  /** Takes as long as one hash. */
  static async open(
    random: Random,
    cost: HashCost = defaultCost,
    check: Check = checkByArgon2,
  ): Promise<PasswordHasher> {
    const nobody = await hashed(freshBytes(32, random).toString('base64url'), cost, random);
    return new PasswordHasher({cost, random, check, nobody});
  }

  get load(): {readonly running: number; readonly waiting: number} {
    return {running: this.#running, waiting: this.#waiting.length};
  }

  /** Of a password that the policy accepted. */
  async hash(password: string): Promise<Result<PasswordHash, HasherBusy>> {
    if (isTooLong(password)) throw new Error('a password is hashed that the policy never saw');
    return this.#inTurn(() => hashed(normalised(password), this.#cost, this.#random));
  }

  /** Null is for a user who is not there or has no password: the same work, and the answer is no. */
  verify(known: PasswordHash | null, password: string): Promise<Result<boolean, HasherBusy>> {
    const possible = !isTooLong(password);
    const against = known !== null && possible ? known : this.#nobody;
    const text = possible ? normalised(password) : '';
    return this.#inTurn(async () => (await this.#check(against, text)) && against === known);
  }

  /** True for a hash made with other parameters than today's: made anew when its owner next logs in. */
  needsRehash(known: PasswordHash): boolean {
    return needsRehash(known, this.#cost);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<Result<T, HasherBusy>> {
    if (this.#running < atOnceLimit) this.#running++;
    else if (this.#waiting.length >= waitingLimit) return no({reason: 'busy', waiting: this.#waiting.length});
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    try {
      return ok(await work());
    } finally {
      // Whoever waits takes over the place, so that nobody slips in between.
      const following = this.#waiting.shift();
      if (following === undefined) this.#running--;
      else following();
    }
  }
}

async function hashed(text: string, cost: HashCost, random: Random): Promise<PasswordHash> {
  const {memoryCost, timeCost, parallelism} = cost;
  const options = {type: argon2id, memoryCost, timeCost, parallelism, salt: freshBytes(saltBytes, random)};
  return PasswordHash.parse(await hash(text, options));
}
