/** Owns what a handler may leave in a browser: a login, the end of one, a request to be let in. Never reads whose it is. */
import type {IncomingMessage} from 'node:http';
import type {SessionSecrets} from '../appliance/accounts/session.ts';
import {
  type CookieSetting,
  cookieNames,
  intentCookie,
  loginCookies,
  noCookies,
  readCookie,
} from './cookies.ts';

export class Jar {
  readonly #request: Pick<IncomingMessage, 'headers'>;
  readonly #setting: CookieSetting;
  #cookies: readonly string[] = [];

  constructor(request: Pick<IncomingMessage, 'headers'>, setting: CookieSetting) {
    this.#request = request;
    this.#setting = setting;
  }

  /** What the answer sets. */
  get cookies(): readonly string[] {
    return this.#cookies;
  }

  login(secrets: SessionSecrets): void {
    this.#cookies = loginCookies(secrets, this.#setting);
  }

  clear(): void {
    this.#cookies = noCookies(this.#setting);
  }

  keepIntent(secret: string): void {
    this.#cookies = [intentCookie(secret, this.#setting)];
  }

  /** What binds a request to be let in to who made it: a browser's cookie, or a program's header. */
  intent(): string | null {
    const {headers} = this.#request;
    const sent = headers['x-intent-secret'];
    return typeof sent === 'string' ? sent : readCookie(headers.cookie, cookieNames(this.#setting).intent);
  }
}
