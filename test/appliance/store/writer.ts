/**
 * A process that writes until it is killed, for the test of what that leaves: `node writer.ts FOLDER`. Says the number
 * of each note that is on disk, one a line; or in one line of JSON why it could not open.
 */
import {StoreTrouble} from '../../../appliance/store/trouble.ts';
import {noteOf, openNotes} from './notes.ts';

const store = await openNotes(process.argv[2] ?? '').catch((cause: unknown) => {
  if (!(cause instanceof StoreTrouble)) throw cause;
  process.stdout.write(`${JSON.stringify(cause.trouble)}\n`);
  process.exit(3);
});

/** Rows of a size that makes a new generation of about every thirtieth, so that many kills come in the middle of one. */
async function write(): Promise<never> {
  for (;;) {
    const number = await store.commit(draft => {
      const number = draft.nextNumber('notes');
      draft.put('notes', `n${number}`, noteOf(number));
      draft.delete('notes', `n${number - 20}`);
      return number;
    });
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all([write(), write(), write()]);
