/** Pages of the audit from the newest on: by person and action, within bounds, and none left out between two of them. */
import {appendFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {Audit} from '../../../appliance/audit/audit.ts';
import {readRecent} from '../../../appliance/audit/recent.ts';

const dayMs = 86_400_000;
const everything = {limit: 100, user: null, action: null, before: null};

/** Three days, a third of the entries each; every fifth is Bob's. */
async function auditOf(t: Test, count: number): Promise<string> {
  const folder = t.testdir();
  let at = Date.UTC(2026, 10, 3, 12);
  const audit = await Audit.open(folder, () => at);
  for (let i = 1; i <= count; i += 1) {
    const user = i % 5 === 0 ? 'bob' : 'ann';
    audit.record({action: i % 2 === 0 ? 'job.submitted' : 'job.cancelled', result: 'ok', user});
    if (i % 500 === 0) await audit.flush();
    if (i % Math.ceil(count / 3) === 0) {
      await audit.flush();
      at += dayMs;
    }
  }
  await audit.stop();
  return folder;
}

async function pages(folder: string, ask: object, limitBytes?: number): Promise<readonly number[][]> {
  const found: number[][] = [];
  for (let before: number | null = null; ; ) {
    const page = await readRecent(folder, {...everything, ...ask, before}, limitBytes);
    found.push(page.entries.map(({seq}) => seq));
    if (page.next === null) return found;
    if (found.length > 5000) throw new Error('it never ends');
    before = page.next;
  }
}

const down = (from: number, keep: (seq: number) => boolean): readonly number[] =>
  Array.from({length: from}, (_, i) => from - i).filter(keep);

t.test('newest first, page after page, over days', async t => {
  const folder = await auditOf(t, 3000);
  const all = await pages(folder, {limit: 500});
  t.strictSame(
    all.flat(),
    down(3000, () => true),
  );
  t.ok(all.every(page => page.length <= 500));
  t.strictSame(
    (await pages(folder, {user: 'bob'})).flat(),
    down(3000, seq => seq % 5 === 0),
  );
  t.strictSame(
    (await pages(folder, {user: 'bob', action: 'job.submitted', limit: 7})).flat(),
    down(3000, seq => seq % 10 === 0),
  );
  t.strictSame((await pages(folder, {user: 'nobody'})).flat(), []);
});

t.test('reading ends after so many bytes, and goes on where it ended', async t => {
  const folder = await auditOf(t, 900);
  const found = await pages(folder, {user: 'bob'}, 20_000);
  t.ok(found.length > 5, `${found.length} pages`);
  t.strictSame(
    found.flat(),
    down(900, seq => seq % 5 === 0),
  );
  t.strictSame(
    (await pages(folder, {}, 1)).flat(),
    down(900, () => true),
    'one at a time',
  );
});

t.test('what is no line of the audit is left out, and an empty folder has no page', async t => {
  const folder = await auditOf(t, 30);
  await appendFile(join(folder, '2026-11-05.jsonl'), 'no line\n{"seq":31,');
  t.strictSame(
    (await pages(folder, {limit: 4})).flat(),
    down(30, () => true),
  );
  t.strictSame(await readRecent(join(folder, 'nowhere'), everything), {entries: [], next: null});
});
