/** Every trouble has a sentence that says what happened, to what, and what to do. */
import t from 'tap';
import {
  describe,
  isNoSpace,
  StoreTrouble,
  type Trouble,
  troubleWith,
} from '../../../appliance/store/trouble.ts';
import {errorOf} from './notes.ts';

const folder = '/var/lib/dubstead/state';

const table: readonly (readonly [Trouble, what: RegExp, fix: RegExp])[] = [
  [{reason: 'locked', folder, pid: 7}, /state is in use by process 7\.$/, /Stop that one first/],
  [
    {
      ...{reason: 'damaged', file: `${folder}/journal.7`, offset: 99, detail: 'no sound line begins there'},
      ...{steps: ["cd '/x'", 'mv a b'], loses: 'it loses nothing.'},
    },
    /journal\.7 is damaged at byte 99: no sound line begins there\.$/,
    /Nothing was changed\..* cd '\/x' && mv a b — it loses nothing\.$/,
  ],
  [
    {
      reason: 'misfit',
      file: `${folder}/snapshot.2`,
      table: 'jobs',
      id: 'abc',
      detail: 'state: Invalid input',
    },
    /snapshot\.2 holds jobs abc, .*: state: Invalid input\.$/,
    /Install the version that wrote it/,
  ],
  [
    {reason: 'newer-version', folder, found: 3, known: 2, steps: []},
    /newer version of Dubstead \(state 3; this one knows 2\)\.$/,
    /Install that version again, or put the folder back from a backup\.$/,
  ],
  [
    {reason: 'newer-version', folder, found: 3, known: 2, steps: ['a', 'b']},
    /newer/,
    /without what was done since: a && b$/,
  ],
  [
    {reason: 'migration-failed', folder, from: 1, detail: 'x'},
    /from state 1 to the next: x\.$/,
    /version you had before/,
  ],
  [{reason: 'disk-full', path: '/d'}, /^There is no space left for \/d\.$/, /^Free some space\./],
  [
    {reason: 'unusable', path: '/d', detail: 'EACCES'},
    /^\/d cannot be read or written: EACCES\.$/,
    /permissions/,
  ],
  [{reason: 'too-large', bytes: 9, limitBytes: 8}, /^A change of 9 bytes is more than the 8 /, /several/],
  [{reason: 'overloaded', waiting: 10_000}, /^10000 changes wait/, /Try again/],
  [{reason: 'stopped', folder}, /was stopped\.$/, /Start/],
];

t.test('every trouble is described', async t => {
  for (const [trouble, what, fix] of table) {
    t.match(describe(trouble), {what, fix}, trouble.reason);
    t.match(new StoreTrouble(trouble), {name: 'StoreTrouble', message: what, trouble});
  }
});

t.test('what a system call says becomes a trouble, and a bug stays one', async t => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    t.ok(isNoSpace(errorOf(code)));
    t.match(troubleWith('/d', errorOf(code)), {trouble: {reason: 'disk-full', path: '/d'}, cause: {code}});
  }
  for (const code of ['EIO', 'EROFS', 'EACCES', 'ENOENT'])
    t.match(troubleWith('/d', errorOf(code)), {trouble: {reason: 'unusable', path: '/d', detail: code}});
  const known = new StoreTrouble({reason: 'disk-full', path: '/d'});
  t.equal(troubleWith('/e', known), known);
  const bug = new TypeError('x is not a function');
  t.throws(() => troubleWith('/d', bug), bug);
  t.notOk(isNoSpace(bug));
  t.throws(() => troubleWith('/d', 'a word'));
});
