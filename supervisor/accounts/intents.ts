/**
 * Owns letting a device in by a square code: who asked, with which number, and who said yes. Kept in memory, for two
 * minutes: what a restart loses is asked for again. An intent belongs to the browser that made it, raises no rights and
 * is used once (RFC 10027, cross-device flows).
 */
import {randomInt} from 'node:crypto';
import {freshLetters, freshToken, hashOf, isSame, type Random} from '../../appliance/accounts/code.ts';
import {deviceName} from '../../appliance/accounts/device-name.ts';
import {IntentId, type IntentShown} from '../../appliance/api/account-shapes.ts';
import type {Caller} from '../../appliance/api/permissions.ts';
import type {Digest} from '../../appliance/digest.ts';
import type {At, UserName} from '../../appliance/job.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {AccountTrouble, Answered, Entered, From, QrLogins} from '../../web/accounts.ts';
import type {HomeLogins} from './logins.ts';
import {stored} from './stored.ts';

export interface IntentParts {
  readonly isOn: boolean;
  readonly logins: HomeLogins;
  readonly has: (user: UserName) => boolean;
  readonly random: Random;
  readonly now: () => number;
  readonly url: () => string;
}

interface Intent {
  readonly id: IntentId;
  readonly secret: Digest;
  readonly number: string;
  readonly device: string;
  readonly address: string;
  readonly expires: At;
  /** Whose square code was read; null when the asker showed one. */
  readonly offer: Offer | null;
  answer: {readonly is: 'waiting' | 'denied'} | {readonly is: 'approved'; readonly as: UserName};
  readonly heard: Set<() => void>;
}

interface Offer {
  readonly text: string;
  readonly by: Caller;
  readonly user: UserName;
  readonly expires: At;
}

const livesMs = 120_000;
const pollMs = 25_000;
const intentLimit = 200;
const perAddressLimit = 10;

export class Intents implements QrLogins {
  readonly #parts: IntentParts;
  readonly #intents = new Map<IntentId, Intent>();
  readonly #offers = new Map<string, Offer>();

  constructor(parts: IntentParts) {
    this.#parts = parts;
  }

  async init(
    {offer: text}: {readonly offer: string | null},
    from: From,
  ): Answered<{readonly shown: IntentShown; readonly url: string; readonly secret: string}> {
    const {isOn, random, now, url} = this.#parts;
    if (!isOn) return no({reason: 'qr-off'});
    this.#forget();
    const address = from.address ?? 'socket';
    const theirs = [...this.#intents.values()].filter(intent => intent.address === address).length;
    if (theirs >= perAddressLimit || this.#intents.size >= intentLimit)
      return no({reason: 'too-many', what: 'devices that ask to be let in', allowed: perAddressLimit});
    const offer = text === null ? null : this.#offers.get(text);
    if (offer === undefined) return no({reason: 'no-such-offer'});
    // One square code, one device: whoever photographs it from afar comes too late.
    if (offer !== null) this.#offers.delete(offer.text);
    const id = IntentId.parse(freshLetters(16, random));
    const secret = freshToken('dq', random);
    const intent: Intent = {
      ...{id, secret: hashOf('ticket', secret), number: String(randomInt(10, 100)), offer},
      ...{device: deviceName(from.agent), address, expires: now() + livesMs},
      ...{answer: {is: 'waiting'}, heard: new Set()},
    };
    this.#intents.set(id, intent);
    return ok({shown: show(intent), url: `${url()}/approve#${id}`, secret});
  }

  async offer(
    by: Caller,
    user: UserName | null,
  ): Answered<{readonly offer: string; readonly url: string; readonly expires: At}> {
    const {isOn, random, now, url, has} = this.#parts;
    if (!isOn) return no({reason: 'qr-off'});
    const whom = this.#whom(by, user);
    if (whom === null) return no({reason: 'whose'});
    if (!has(whom)) return no({reason: 'no-such-user', name: whom});
    this.#forget();
    if (this.#offers.size >= intentLimit)
      return no({reason: 'too-many', what: 'square codes', allowed: intentLimit});
    const text = freshLetters(26, random);
    const expires = now() + livesMs;
    this.#offers.set(text, {text, by, user: whom, expires});
    return ok({offer: text, url: `${url()}/login#qr.${text}`, expires});
  }

  pending(caller: Caller): readonly IntentShown[] {
    this.#forget();
    const mine = [...this.#intents.values()].filter(({offer, answer}) => {
      if (answer.is !== 'waiting') return false;
      return caller.came.is === 'socket' || (offer !== null && offer.user === caller.user);
    });
    return mine.slice(0, 100).map(show);
  }

  get(id: IntentId): Result<IntentShown, AccountTrouble> {
    const intent = this.#living(id);
    return intent === undefined ? no({reason: 'no-such-intent'}) : ok(show(intent));
  }

  approve(
    id: IntentId,
    by: Caller,
    {number, user}: {readonly number: string; readonly user: UserName | null},
  ): Result<IntentShown, AccountTrouble> {
    const intent = this.#living(id);
    if (intent === undefined) return no({reason: 'no-such-intent'});
    const as = this.#whom(by, user ?? intent.offer?.user ?? null);
    if (as === null || (intent.offer !== null && intent.offer.user !== as)) return no({reason: 'whose'});
    if (!this.#parts.has(as)) return no({reason: 'no-such-user', name: as});
    if (intent.answer.is !== 'waiting') return no({reason: 'not-waiting'});
    if (number !== intent.number) {
      // One guess: the right number is on the other screen.
      answer(intent, {is: 'denied'});
      return no({reason: 'wrong-number'});
    }
    answer(intent, {is: 'approved', as});
    return ok(show(intent));
  }

  deny(id: IntentId): Result<IntentShown, AccountTrouble> {
    const intent = this.#living(id);
    if (intent === undefined) return no({reason: 'no-such-intent'});
    if (intent.answer.is !== 'waiting') return no({reason: 'not-waiting'});
    answer(intent, {is: 'denied'});
    return ok(show(intent));
  }

  async poll(
    id: IntentId,
    secret: string,
    signal: AbortSignal,
  ): Promise<Result<IntentShown['state'], AccountTrouble>> {
    const intent = this.#theirs(id, secret);
    if (intent === undefined) return no({reason: 'no-such-intent'});
    if (intent.answer.is === 'waiting') {
      const late = AbortSignal.any([
        signal,
        AbortSignal.timeout(Math.min(pollMs, intent.expires - this.#parts.now())),
      ]);
      const {promise, resolve} = Promise.withResolvers<void>();
      intent.heard.add(resolve);
      late.addEventListener('abort', () => resolve(), {once: true});
      await promise;
      intent.heard.delete(resolve);
    }
    return this.#theirs(id, secret) === undefined ? no({reason: 'no-such-intent'}) : ok(intent.answer.is);
  }

  redeem(id: IntentId, secret: string, from: From): Answered<Entered> {
    return stored(async () => {
      const intent = this.#theirs(id, secret);
      if (intent === undefined) return no({reason: 'no-such-intent'});
      if (intent.answer.is !== 'approved') return no({reason: 'not-approved'});
      const {as} = intent.answer;
      // Before anything is waited for: of two at once one is too late.
      this.#intents.delete(id);
      return this.#parts.logins.enter(as, from, 'qr', (_draft, user) =>
        user.disabled ? no({reason: 'wrong-login'}) : ok(user),
      );
    });
  }

  /** Somebody logged in speaks for themselves; the admin at the socket for whom they name. */
  #whom(by: Caller, user: UserName | null): UserName | null {
    if (by.came.is === 'socket') return user;
    return user === null || user === by.user ? by.user : null;
  }

  #theirs(id: IntentId, secret: string): Intent | undefined {
    const intent = this.#living(id);
    return intent !== undefined && isSame(intent.secret, hashOf('ticket', secret)) ? intent : undefined;
  }

  #living(id: IntentId): Intent | undefined {
    const intent = this.#intents.get(id);
    return intent !== undefined && this.#parts.now() < intent.expires ? intent : undefined;
  }

  #forget(): void {
    const now = this.#parts.now();
    for (const [id, {expires}] of this.#intents) if (expires <= now) this.#intents.delete(id);
    for (const [text, {expires}] of this.#offers) if (expires <= now) this.#offers.delete(text);
  }
}

function answer(intent: Intent, is: Intent['answer']): void {
  intent.answer = is;
  for (const hear of intent.heard) hear();
}

function show({id, device, address, number, expires, answer: {is}}: Intent): IntentShown {
  return {id, device, address, number, expires, state: is};
}
