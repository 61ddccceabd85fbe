/** What is shown of the receipts that sweeps write: how much went, and nothing of whose it was. */
import t from 'tap';
import {ReceiptShown} from '../../appliance/api/room-rows.ts';
import {removalsIn} from '../../supervisor/removals.ts';
import {type Receipt, type ReceiptItem, Receipts} from '../../supervisor/sweep/receipt.ts';
import {idOf} from './home.ts';

const item = (path: string, more: Partial<ReceiptItem> = {}): ReceiptItem => ({
  ...{job: idOf(1), kind: 'uploads', path, folder: false, bytes: 10, inode: 1, sha256: null},
  ...{outcome: {is: 'removed'}, ...more},
});

t.test('the newest first, by kind, with what was left', async t => {
  const dir = t.testdir();
  const receipts = new Receipts(dir);
  await receipts.start();
  const write = async (id: string, at: number, items: ReceiptItem[]): Promise<void> => {
    const totals = {files: items.length, bytes: 10 * items.length};
    const receipt: Receipt = {v: 1, id, at, trigger: 'command', state: 'closed', items, totals, tookMs: 1};
    await receipts.open(receipt);
    await receipts.close(receipt);
  };
  t.same(await removalsIn(dir).list(10), []);
  await write('0123456789ab-0', 1000, [item('a secret name.mp4')]);
  await write('0123456789ac-0', 2000, [
    item('b'),
    item('c', {kind: 'logs'}),
    item('d', {folder: true}),
    item('e', {outcome: {is: 'kept', why: 'in-use'}}),
    item('f', {outcome: {is: 'failed', code: 'EIO'}}),
  ]);
  const found = await removalsIn(dir).list(10);
  t.match(found, [
    {
      id: '0123456789ac-0',
      at: 2000,
      trigger: 'command',
      state: 'closed',
      left: 2,
      kinds: {uploads: 1, logs: 1},
    },
    {id: '0123456789ab-0', files: 1, bytes: 10, left: 0},
  ]);
  t.ok(found.every(each => ReceiptShown.safeParse(each).success));
  t.notMatch(JSON.stringify(found), 'secret');
  t.equal((await removalsIn(dir).list(1)).length, 1);
});
