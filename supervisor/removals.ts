/** Owns what is shown of the receipts: how much went, and what was left. Never the paths: whoever has to know them has the files. */
import type {ReceiptShown} from '../appliance/api/room-rows.ts';
import type {Removals} from '../web/room.ts';
import {type Receipt, Receipts} from './sweep/receipt.ts';

export function removalsIn(dataDir: string): Removals {
  const receipts = new Receipts(dataDir);
  return {list: async limit => (await receipts.list(limit)).map(shown)};
}

function shown({id, at, trigger, state, items, totals: {files, bytes}}: Receipt): ReceiptShown {
  const kinds: Record<string, number> = {};
  for (const {kind, folder, outcome} of items)
    if (!folder && outcome.is === 'removed') kinds[kind] = (kinds[kind] ?? 0) + 1;
  const left = items.filter(({outcome}) => outcome.is === 'kept' || outcome.is === 'failed').length;
  return {id, at, trigger, state, files, bytes, left, kinds};
}
