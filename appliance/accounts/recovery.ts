/** Owns the codes for who lost the authenticator: made ten at a time, each good once. Never keeps one readable. */
import type {Digest} from '../digest.ts';
import {freshCode, hashOf, isSame, type Random, readCode} from './code.ts';

export const recoveryCount = 10;
/** Three groups of 20 bits: 60 bits, tried against a rate limit. */
const groups = 3;

export interface FreshRecovery {
  /** Shown once. */
  readonly codes: readonly string[];
  /** Kept. */
  readonly hashes: readonly Digest[];
}

export function freshRecovery(random: Random): FreshRecovery {
  const codes = Array.from({length: recoveryCount}, () => freshCode(groups, random));
  return {codes, hashes: codes.map(code => hashOf('recovery', readCode(code)))};
}

/** The codes that are left without this one, for the caller to store before it lets anybody in; null when it is none. */
export function useRecoveryCode(hashes: readonly Digest[], typed: string): readonly Digest[] | null {
  const presented = hashOf('recovery', readCode(typed));
  const left = hashes.filter(hash => !isSame(hash, presented));
  return left.length === hashes.length ? null : left;
}
