/** Owns which passwords are taken, and why one is not. Never hashes one, and never keeps one. */
import type {UserName} from '../job.ts';
import {no, ok, type Result, unreachable} from '../result.ts';
import type {Words} from '../store/trouble.ts';
import {commonPasswords, commonWords} from './common-passwords.ts';

export const passwordLength = {atLeast: 12, atMost: 128} as const;
/** Nothing of 128 characters is longer before it is normalised; beyond this nothing is looked at. */
const typedLimit = 4096;

export type PasswordRefusal =
  | {readonly reason: 'too-short'; readonly length: number}
  | {readonly reason: 'too-long'}
  /** Half a character: it would be stored as something else. */
  | {readonly reason: 'not-text'}
  | {readonly reason: 'common' | 'repeated' | 'keyboard' | 'own-name'};

export function describePasswordRefusal(refusal: PasswordRefusal): Words {
  const fix = 'Choose another: a few words that have nothing to do with each other are easy to remember.';
  const {atLeast, atMost} = passwordLength;
  switch (refusal.reason) {
    case 'too-short':
      return {what: `The password has ${refusal.length} characters; it needs at least ${atLeast}.`, fix};
    case 'too-long':
      return {what: `The password has more than ${atMost} characters.`, fix: 'Choose a shorter one.'};
    case 'not-text':
      return {what: 'The password holds something that is not a character.', fix: 'Type it again.'};
    case 'common':
      return {what: 'The password is one of those that are tried first.', fix};
    case 'repeated':
      return {what: 'The password is one short piece, repeated.', fix};
    case 'keyboard':
      return {what: 'The password follows the keyboard, the alphabet or the digits.', fix};
    case 'own-name':
      return {what: 'The password is little more than the name of its user.', fix};
    default:
      return unreachable(refusal);
  }
}

/** One way to write what can be typed in several: an é of one character or of two is the same password. */
export function normalised(password: string): string {
  return password.normalize('NFC');
}

export function isTooLong(password: string): boolean {
  return password.length > typedLimit || lengthOf(normalised(password)) > passwordLength.atMost;
}

/** The password as it will be hashed. Which kinds of character it has is nobody's business. */
export function judgePassword(password: string, user: UserName): Result<string, PasswordRefusal> {
  if (!password.isWellFormed()) return no({reason: 'not-text'});
  if (isTooLong(password)) return no({reason: 'too-long'});
  const text = normalised(password);
  const length = lengthOf(text);
  if (length < passwordLength.atLeast) return no({reason: 'too-short', length});
  const folded = text.normalize('NFKC').toLowerCase();
  if (isRepeated([...folded])) return no({reason: 'repeated'});
  if (isName(folded, user)) return no({reason: 'own-name'});
  if (isKeyboard([...folded])) return no({reason: 'keyboard'});
  if (isCommon(folded)) return no({reason: 'common'});
  return ok(text);
}

/** In characters as Unicode counts them, not in the units JavaScript stores. */
function lengthOf(text: string): number {
  return [...text].length;
}

const pieceLimit = 8;

/** A piece of up to eight characters, over and over; the last one may be cut. */
function isRepeated(characters: readonly string[]): boolean {
  const longest = Math.min(pieceLimit, Math.floor(characters.length / 2));
  for (let period = 1; period <= longest; period++) {
    if (characters.every((character, i) => i < period || character === characters[i - period])) return true;
  }
  return false;
}

/** Beyond the name, once or repeated, so little that it hides nothing. */
const besidesNameLimit = 4;

function isName(folded: string, user: UserName): boolean {
  const compact = compacted(folded);
  const rest = compact.replaceAll(compacted(user), '');
  return rest.length < compact.length && lengthOf(rest) <= besidesNameLimit;
}

const rows = [
  ...['1234567890', 'abcdefghijklmnopqrstuvwxyz'],
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ...['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm', '8ik', '9ol', '!@#$%^&*()'],
];
const neighbours: ReadonlySet<string> = new Set(
  rows.flatMap(row => [...row].slice(1).flatMap((key, i) => [`${row[i]}${key}`, `${key}${row[i]}`])),
);

/** Three of four steps from one character to the next lead to the same key or one beside it. */
function isKeyboard(characters: readonly string[]): boolean {
  const jumps = characters.filter((character, i) => {
    const before = characters[i - 1];
    return before !== undefined && before !== character && !neighbours.has(before + character);
  });
  return jumps.length <= (characters.length - 1) / 4;
}

const digitsAndSigns = '[\\d\\p{P}\\p{S}\\s]{1,8}';
const before = new RegExp(`^${digitsAndSigns}`, 'u');
const after = new RegExp(`${digitsAndSigns}$`, 'u');

/** On the list as it is, or with the digits, signs and gaps people hide such a word behind. */
function isCommon(folded: string): boolean {
  const cores = [folded, folded.replace(before, ''), folded.replace(after, '')];
  cores.push(folded.replace(before, '').replace(after, ''));
  const readings = cores.flatMap(core => [core, spelled(core, 'i'), spelled(core, 'l')]).map(compacted);
  return readings.some(reading => commonPasswords.has(reading) || isCommonWord(reading));
}

/** One word of the list, once or more often. */
function isCommonWord(reading: string): boolean {
  return commonWords.some(word => reading !== '' && reading.replaceAll(word, '') === '');
}

const letterFor: Readonly<Record<string, string>> = {
  ...{'@': 'a', '4': 'a', '3': 'e', '0': 'o', '5': 's', $: 's', '7': 't', '!': 'i'},
};

/** Signs read as the letters they look like; a 1 is an i to some and an l to others. */
function spelled(text: string, one: 'i' | 'l'): string {
  return text.replaceAll(/[@4305$7!1]/g, sign => letterFor[sign] ?? one);
}

function compacted(text: string): string {
  return text.replaceAll(/[\s_.,'’-]/gu, '');
}
