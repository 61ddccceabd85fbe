/**
 * What a store does on a file system without space: `node full.ts FOLDER`, where FOLDER is a small one of its own. Says
 * what happened as JSON.
 */
import {spawnSync} from 'node:child_process';
import {rmSync, statfsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {Store} from '../../../appliance/store/store.ts';
import {StoreTrouble} from '../../../appliance/store/trouble.ts';
import {contentOf, type Notes, noteOf, openNotes, reopened} from './notes.ts';

const mount = process.argv[2] ?? '';
const folder = join(mount, 'state');
const ballast = join(mount, 'ballast');
/** A new generation needs space as well; without it, changes go on in the old one. */
const tell = () => {};

/** Takes all the space but a little. */
function fill(leftBytes: number): void {
  const {bsize, bavail} = statfsSync(mount);
  writeFileSync(ballast, Buffer.alloc(bsize * bavail - leftBytes));
}

const reasonOf = (cause: unknown): string =>
  cause instanceof StoreTrouble ? cause.trouble.reason : `not a trouble: ${cause}`;

/** Commits notes one after another until one is refused; says how many were not, and why it ended. */
async function commitUntilRefused(store: Store<Notes>, from: number) {
  for (let number = from; number < from + 1000; number++) {
    try {
      await store.commit(draft => [
        draft.put('notes', `n${number % 9}`, noteOf(number)),
        draft.nextNumber('notes'),
      ]);
    } catch (cause) {
      return {accepted: number - from, reason: reasonOf(cause)};
    }
  }
  return {accepted: 1000, reason: 'none'};
}

fill(0);
const atStart = await openNotes(folder, {tell}).then(() => 'opened', reasonOf);
rmSync(ballast);
const store = await openNotes(folder, {tell});
await store.commit(draft => draft.put('marks', 'first', 'kept'));
fill(100_000);
const refused = await commitUntilRefused(store, 0);
const before = contentOf(store);
const together = await Promise.allSettled(
  [1, 2, 3].map(n => store.commit(d => d.put('notes', 'x', noteOf(n)))),
);
const unchanged = isDeepStrictEqual(contentOf(store), before);
rmSync(ballast);
const goesOn = await commitUntilRefused(store, 1000);
const content = contentOf(store);
await store.stop();
const kept = isDeepStrictEqual(await reopened(folder, {tell}), content);
spawnSync('mount', ['-o', 'remount,ro', mount]);
const readOnly = await openNotes(folder, {tell}).then(() => 'opened', reasonOf);
spawnSync('mount', ['-o', 'remount,rw', mount]);
const keptStill = isDeepStrictEqual(await reopened(folder, {tell}), content);
const reasons = together.map(each => (each.status === 'rejected' ? reasonOf(each.reason) : 'accepted'));
const {number, marks} = before;
console.log(
  JSON.stringify({atStart, refused, number, marks, reasons, unchanged, goesOn, kept, readOnly, keptStill}),
);
