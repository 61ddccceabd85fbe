/** Owns how the hash of a password is written. Never makes one, never checks one, and loads nothing that does. */
import {z} from 'zod';

/** As argon2 writes it: parameters, salt and hash. */
export const PasswordHash = z
  .string()
  .max(200)
  .regex(/^\$argon2id\$v=19\$m=\d{1,8},t=\d{1,4},p=\d{1,3}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,90}$/)
  .brand<'PasswordHash'>();
export type PasswordHash = z.infer<typeof PasswordHash>;
