/** Owns loading what hashes passwords when the first one comes: to load it takes memory, and to open it a whole hash. */
import {randomBytes} from 'node:crypto';
import type {PasswordHasher} from '../../appliance/accounts/passwords.ts';

/** Who is known and who is not wait for it alike. */
export function lateHasher(): () => Promise<PasswordHasher> {
  let opened: Promise<PasswordHasher> | undefined;
  const open = async (): Promise<PasswordHasher> => {
    const {PasswordHasher} = await import('../../appliance/accounts/passwords.ts');
    return PasswordHasher.open(randomBytes);
  };
  return () => {
    opened ??= open();
    return opened;
  };
}
