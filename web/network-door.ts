/**
 * Owns who comes in over the network: by a cookie, an access token or a key, and whether a browser's changing request is
 * its own page's. Never decides what they may.
 */
import type {IncomingMessage} from 'node:http';
import {hashOf, isSame} from '../appliance/accounts/code.ts';
import type {Caller} from '../appliance/api/permissions.ts';
import {ofAccountTrouble} from './account-problem.ts';
import type {Doorkeeper} from './accounts.ts';
import {type CookieSetting, cookieNames, readCookie} from './cookies.ts';
import type {Door} from './door.ts';
import {Jar} from './jar.ts';
import {NotAnswered, problems} from './problem.ts';
import type {Quotas} from './quotas.ts';

export interface NetworkDoorSetting {
  readonly doorkeeper: Doorkeeper;
  readonly quotas: Quotas;
  readonly cookies: CookieSetting;
  /** Where a request comes from, behind proxies that are trusted. */
  readonly addressOf: (request: IncomingMessage) => string;
}

export function networkDoor({doorkeeper, quotas, cookies, addressOf}: NetworkDoorSetting): Door {
  const names = cookieNames(cookies);
  return {
    async identify(request) {
      const {headers} = request;
      const from = {address: addressOf(request), agent: headers['user-agent']};
      const bearer = /^Bearer +([^\s]{1,2000})$/i.exec(headers.authorization ?? '')?.[1];
      if (headers.authorization !== undefined)
        return bearer === undefined ? null : doorkeeper.byBearer(bearer, from);
      const secret = readCookie(headers.cookie, names.session);
      const found = secret === null ? null : doorkeeper.byCookie(secret, from);
      if (found === null) return null;
      // A cookie comes along by itself: that the page meant it shows in what only the page can read.
      if (isChange(request) && !isMeant(request, found.csrf, names.csrf))
        throw new NotAnswered(problems.noCsrf());
      return found.caller;
    },
    waitMs: (bucket, caller, request) => quotas.take(bucket, caller?.user ?? null, addressOf(request)),
    addressOf,
    notFresh: (caller: Caller) => {
      const why = doorkeeper.notFresh(caller);
      return why === undefined ? undefined : ofAccountTrouble(why);
    },
    lifeline: caller => doorkeeper.lifeline(caller),
    jar: request => new Jar(request, cookies),
  };
}

function isChange({method}: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/** Double submit, bound to the login; and a browser always says where a changing request comes from. */
function isMeant({headers}: IncomingMessage, csrf: Parameters<typeof isSame>[0], name: string): boolean {
  const sent = headers['x-csrf-token'];
  const kept = readCookie(headers.cookie, name);
  if (typeof sent !== 'string' || kept === null || sent !== kept || headers.origin === undefined)
    return false;
  return isSame(csrf, hashOf('csrf', sent));
}
