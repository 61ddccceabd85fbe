/** Owns the cookies of the box: their names, how they are read and how they are written. Never knows whose they are. */
import type {SessionSecrets} from '../appliance/accounts/session.ts';

export interface CookieSetting {
  /** Over https only, and bound to the very host. */
  readonly secure: boolean;
}

export interface CookieNames {
  readonly session: string;
  /** Readable by the page, which sends it back in a header. */
  readonly csrf: string;
  /** What binds a request to be let in to the browser that made it. */
  readonly intent: string;
}

export function cookieNames({secure}: CookieSetting): CookieNames {
  const prefix = secure ? '__Host-' : '';
  return {session: `${prefix}session`, csrf: `${prefix}csrf`, intent: `${prefix}intent`};
}

/** The first of that name; null when there is none. A header that is no list of cookies has none. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** As long as a login can last at the most; how long it lasts is the box's to say. */
const loginSeconds = 180 * 86_400;
const intentSeconds = 150;

export function loginCookies({secret, csrf}: SessionSecrets, setting: CookieSetting): readonly string[] {
  const names = cookieNames(setting);
  return [
    written({name: names.session, value: secret, seconds: loginSeconds, readable: false}, setting),
    written({name: names.csrf, value: csrf, seconds: loginSeconds, readable: true}, setting),
    written({name: names.intent, value: '', seconds: 0, readable: false}, setting),
  ];
}

export function noCookies(setting: CookieSetting): readonly string[] {
  const names = cookieNames(setting);
  return [names.session, names.csrf, names.intent].map(name =>
    written({name, value: '', seconds: 0, readable: name === names.csrf}, setting),
  );
}

export function intentCookie(secret: string, setting: CookieSetting): string {
  const {intent: name} = cookieNames(setting);
  return written({name, value: secret, seconds: intentSeconds, readable: false}, setting);
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly seconds: number;
  readonly readable: boolean;
}

function written({name, value, seconds, readable}: Cookie, {secure}: CookieSetting): string {
  const hidden = readable ? '' : '; HttpOnly';
  return `${name}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax${hidden}${secure ? '; Secure' : ''}`;
}
