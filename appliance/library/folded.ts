/** Owns when two names are the same to people: case, and ways to write the same letter, do not count. Never shown. */

export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
