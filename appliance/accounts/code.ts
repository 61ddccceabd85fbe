/**
 * Owns what is made of random bytes for people and programs to carry, and the hash that is all we keep of it. Never
 * draws the bytes and never says what a code is good for.
 */
import {timingSafeEqual} from 'node:crypto';
import {type Digest, digestOf} from '../digest.ts';

/** As many bytes as asked for, that nobody can guess. */
export type Random = (bytes: number) => Buffer;

/** Throws when fewer or more come than were asked for: a secret is never quietly a weak one. */
export function freshBytes(count: number, random: Random): Buffer {
  const bytes = random(count);
  if (bytes.length !== count) throw new Error(`asked for ${count} random bytes and got ${bytes.length}`);
  return bytes;
}

/** Crockford's base 32: no i, l, o or u, so that nothing is taken for something else. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const groupLength = 4;

/** Five random bits a letter: 256 is a multiple of 32, so each is as likely as the next. */
export function freshLetters(count: number, random: Random): string {
  return [...freshBytes(count, random)].map(byte => alphabet[byte % alphabet.length]).join('');
}

/** For people to read and type: `xxxx-xxxx-xxxx`, 20 random bits a group. */
export function freshCode(groups: number, random: Random): string {
  return Array.from({length: groups}, () => freshLetters(groupLength, random)).join('-');
}

/** The letters that were meant, however they were typed: capitals, gaps, O for 0, I or L for 1. */
export function readCode(typed: string): string {
  return typed
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
}

/** For programs to carry: 256 random bits after a prefix that says what it is. */
export function freshToken(prefix: string, random: Random): string {
  return `${prefix}_${freshBytes(32, random).toString('base64url')}`;
}

export type Hashed = 'session' | 'refresh' | 'csrf' | 'key' | 'recovery' | 'ticket';

/**
 * Plain SHA-256 does for a secret of 60 random bits and more. What it is goes in as well, so that a hash of one kind
 * never matches one of another.
 */
export function hashOf(what: Hashed, secret: string): Digest {
  return digestOf(`dubstead ${what}\0${secret}`);
}

/** In the same time wherever they differ. */
export function isSame(one: Digest, other: Digest): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
