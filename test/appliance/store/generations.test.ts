/** Which files of a folder make up its state, told by their names. */
import t from 'tap';
import {
  type Chain,
  chainIn,
  copyName,
  draftName,
  draftsIn,
  journalName,
  journalsAfter,
  snapshotName,
  staleIn,
} from '../../../appliance/store/generations.ts';

const chain = (snapshot: number, journals: readonly number[], missing?: number): Chain => ({
  ...{snapshot, journals, missing},
});

const table: readonly (readonly [names: string, expected: Chain | undefined])[] = [
  ['', undefined],
  ['lock.json .a.tmp', undefined],
  ['snapshot.1.tmp', undefined],
  ['journal.1', chain(0, [1])],
  ['journal.1 snapshot.1.tmp', chain(0, [1])],
  ['journal.1 journal.2', chain(0, [1, 2])],
  ['snapshot.1 journal.1', chain(1, [1])],
  ['snapshot.1 journal.1 journal.2 snapshot.2.tmp lock.json', chain(1, [1, 2])],
  ['journal.1 journal.2 snapshot.1 snapshot.2', chain(2, [2])],
  ['snapshot.9 snapshot.10 journal.9 journal.10 journal.11', chain(10, [10, 11])],
  ['snapshot.9 journal.9 journal.10 journal.11 before-v2', chain(9, [9, 10, 11])],
  ['snapshot.2 journal.1', chain(2, [], 2)],
  ['snapshot.2', chain(2, [], 2)],
  ['snapshot.2 journal.3', chain(2, [], 2)],
  ['snapshot.2 journal.2 journal.4', chain(2, [2], 3)],
  ['journal.2', chain(0, [], 1)],
  ['journal.1 journal.3', chain(0, [1], 2)],
  ['snapshot.3.damaged', chain(0, [], 1)],
  ['journal.3.aside lock.json', chain(0, [], 1)],
  ['before-v2', chain(0, [], 1)],
  ['snapshot.07 journal.7', chain(0, [], 1)],
  ['snapshot.0 journal.0', chain(0, [], 1)],
  ['snapshot.1e3 journal.99999999999999999999', chain(0, [], 1)],
];

t.test('the state is the last snapshot and what follows it in one row', async t => {
  for (const [names, expected] of table)
    t.strictSame(chainIn(names.split(' ')), expected, names || 'nothing');
  for (const [names, expected] of table)
    t.strictSame(chainIn(names.split(' ').toReversed()), expected, 'in whatever order');
});

t.test('journals after a gap are found', async t => {
  const names = ['journal.10', 'journal.9', 'journal.11', 'snapshot.12', 'journal.12.aside'];
  t.strictSame(journalsAfter(names, 9), [10, 11]);
  t.strictSame(journalsAfter(names, 11), []);
});

t.test('what is older than the snapshot before the last is of no use', async t => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['snapshot.1 journal.1', ''],
    ['snapshot.1 journal.1 snapshot.2 journal.2', ''],
    ['snapshot.1 journal.1 snapshot.2 journal.2 snapshot.3 journal.3', 'snapshot.1 journal.1'],
    [
      'journal.2 snapshot.2 journal.3 journal.4 snapshot.9 journal.9 snapshot.10 journal.10',
      'journal.2 snapshot.2 journal.3 journal.4',
    ],
    ['snapshot.1.damaged journal.1 before-v2 lock.json snapshot.8 snapshot.9', 'journal.1'],
    ['journal.1 journal.2 snapshot.2', ''],
  ];
  for (const [names, stale] of cases) t.strictSame(staleIn(names.split(' ')).join(' '), stale, names);
});

t.test('drafts are known by their names, and nothing else is', async t => {
  const names = [
    'snapshot.3.tmp',
    'before-v2.tmp',
    'snapshot.3',
    'before-v2',
    '.1234.tmp',
    'snapshot.tmp',
    'x.tmp',
  ];
  t.strictSame(draftsIn(names), ['snapshot.3.tmp', 'before-v2.tmp']);
  t.strictSame(
    [snapshotName(7), draftName(7), journalName(7), copyName(7)],
    ['snapshot.7', 'snapshot.7.tmp', 'journal.7', 'before-v7'],
  );
});
