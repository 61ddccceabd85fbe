/** Owns users, random bytes and hashes for the tests of accounts. Never tests anything. */
import {createHash} from 'node:crypto';
import {noQuotas} from '../../../appliance/accounts/quotas.ts';
import {User, usualPreferences} from '../../../appliance/accounts/user.ts';
import {UserName} from '../../../appliance/job.ts';

export const now = 1_800_000_000_000;
export const anna = UserName.parse('anna');

/** The same bytes for the same seed, and others with every call. */
export function seeded(seed = 'seed'): (bytes: number) => Buffer {
  let call = 0;
  return bytes => {
    call++;
    const blocks = Array.from({length: Math.ceil(bytes / 32)}, (_, i) =>
      createHash('sha256').update(`${seed} ${call} ${i}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, bytes);
  };
}

export const someHash = `$argon2id$v=19$m=1024,t=1,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;

export function userIs(change: Readonly<Record<string, unknown>> = {}): User {
  return User.parse({
    ...{name: 'anna', role: 'operator', created: now, disabled: false, password: someHash},
    ...{totp: null, recovery: [], credentialsAt: now, preferences: usualPreferences, quotas: noQuotas},
    ...change,
  });
}
