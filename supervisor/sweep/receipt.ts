/**
 * Owns the receipts: what a sweep is about to remove, on disk before anything goes, and what it did remove. Never
 * removes anything else. A receipt that a crash left open is closed by looking at what is still there.
 */
import {mkdir, open, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {Digest} from '../../appliance/digest.ts';
import {readJsonFile, replaceFile} from '../../appliance/files.ts';
import {At, JobId} from '../../appliance/job.ts';
import {isCode} from './folder.ts';
import {kinds} from './plan.ts';

/** Files one receipt can list: a sweep that removes more writes several. */
export const itemLimit = 500;

export const Outcome = z.discriminatedUnion('is', [
  /** Not known yet, or never known because the machine went down. */
  z.object({is: z.literal('meant')}),
  z.object({is: z.literal('removed')}),
  /** It was not there any more. */
  z.object({is: z.literal('absent')}),
  /** It is there, and was left on purpose. */
  z.object({is: z.literal('kept'), why: z.enum(['changed', 'in-use', 'stopped', 'interrupted'])}),
  z.object({is: z.literal('failed'), code: z.string().max(40)}),
]);
export type Outcome = z.infer<typeof Outcome>;

export const ReceiptItem = z.object({
  job: JobId.nullable(),
  kind: z.enum(kinds),
  /** From the data folder. */
  path: z.string().max(40_000),
  folder: z.boolean(),
  bytes: z.number().int().nonnegative(),
  inode: z.number(),
  sha256: Digest.nullable(),
  outcome: Outcome,
});
export type ReceiptItem = z.infer<typeof ReceiptItem>;

export const Trigger = z.enum(['schedule', 'command', 'low-disk']);
export type Trigger = z.infer<typeof Trigger>;

/** The sweep it belongs to, and which of its receipts it is. */
export const ReceiptId = z.string().regex(/^[0-9a-f]{12}-\d{1,6}$/);

export const Receipt = z.object({
  v: z.literal(1),
  id: ReceiptId,
  at: At,
  trigger: Trigger,
  /** `open` while the sweep is at it; `interrupted` was closed at a later start. */
  state: z.enum(['open', 'closed', 'interrupted']),
  items: z.array(ReceiptItem).max(itemLimit),
  /** Of what was removed. */
  totals: z.object({files: z.number().int().nonnegative(), bytes: z.number().nonnegative()}),
  tookMs: z.number().nonnegative(),
});
export type Receipt = z.infer<typeof Receipt>;

/** Room for one receipt on a full disk: given up to write it, taken again when files are gone. */
const reserveBytes = 512 << 10;
const openEnding = '.open.json';
const ending = '.json';

export class Receipts {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'receipts');
  }

  async start(): Promise<void> {
    await mkdir(this.#folder, {recursive: true, mode: 0o700});
    await this.#reserve();
  }

  /** On disk when it returns; only then may the first of its items go. */
  async open(receipt: Receipt): Promise<void> {
    const path = this.#path(receipt, openEnding);
    const text = JSON.stringify(Receipt.parse(receipt));
    try {
      await replaceFile(path, text);
    } catch (cause) {
      if (!isFull(cause)) throw cause;
      await rm(this.#reservePath, {force: true});
      await replaceFile(path, text);
    }
  }

  /** On a disk that is still full it stays open, and is closed by the next sweep. */
  async close(receipt: Receipt): Promise<void> {
    try {
      await replaceFile(this.#path(receipt, ending), JSON.stringify(Receipt.parse(receipt)));
      await rm(this.#path(receipt, openEnding), {force: true});
    } catch (cause) {
      if (!isFull(cause)) throw cause;
    }
    await this.#reserve();
  }

  /** Closes what a crash left open. `isThere` says whether an item's file is still the one that was meant to go. */
  async settle(isThere: (item: ReceiptItem) => Promise<boolean>): Promise<Receipt[]> {
    const settled: Receipt[] = [];
    for (const name of await this.#names(openEnding)) {
      const receipt = await this.#read(name);
      if (receipt === undefined) continue;
      const closed = await this.#read(name.slice(0, -openEnding.length) + ending);
      const last = closed ?? (await interrupted(receipt, isThere));
      await this.close(last);
      settled.push(last);
    }
    return settled;
  }

  /** The newest first. */
  async list(limit: number): Promise<Receipt[]> {
    const names = (await this.#names(ending)).toReversed().slice(0, limit);
    const found = await Promise.all(names.map(name => this.#read(name)));
    return found.filter(receipt => receipt !== undefined);
  }

  async #read(name: string): Promise<Receipt | undefined> {
    const path = join(this.#folder, name);
    return readJsonFile(path, Receipt).catch(cause => {
      throw new Error(`The receipt ${path} cannot be read: move it out of that folder.`, {cause});
    });
  }

  async #names(wanted: string): Promise<string[]> {
    const names = await readdir(this.#folder).catch(cause => {
      if (isCode(cause, 'ENOENT')) return [];
      throw cause;
    });
    const shape = new RegExp(`^\\d{8}T\\d{9}Z-[0-9a-f]{12}-\\d+${wanted.replaceAll('.', '\\.')}$`);
    return names.filter(name => shape.test(name)).sort();
  }

  /** Named so that names sort by time. */
  #path({at, id}: Receipt, end: string): string {
    return join(this.#folder, `${new Date(at).toISOString().replace(/[-:.]/g, '')}-${id}${end}`);
  }

  get #reservePath(): string {
    return join(this.#folder, '.reserve');
  }

  /** A disk that is full has room for it when the sweep is done. */
  async #reserve(): Promise<void> {
    try {
      await using file = await open(this.#reservePath, 'wx', 0o600);
      await file.writeFile(Buffer.alloc(reserveBytes, 1));
    } catch (cause) {
      if (isCode(cause, 'EEXIST')) return;
      await rm(this.#reservePath, {force: true});
      if (!isFull(cause)) throw cause;
    }
  }
}

async function interrupted(
  receipt: Receipt,
  isThere: (item: ReceiptItem) => Promise<boolean>,
): Promise<Receipt> {
  const items: ReceiptItem[] = [];
  for (const item of receipt.items) {
    const there = await isThere(item);
    items.push({...item, outcome: there ? {is: 'kept', why: 'interrupted'} : {is: 'removed'}});
  }
  return {...receipt, state: 'interrupted', items, totals: removedOf(items)};
}

/** What was removed; folders are no files. */
export function removedOf(items: readonly ReceiptItem[]): {readonly files: number; readonly bytes: number} {
  const gone = items.filter(({folder, outcome}) => !folder && outcome.is === 'removed');
  return {files: gone.length, bytes: gone.reduce((sum, {bytes}) => sum + bytes, 0)};
}

function isFull(cause: unknown): boolean {
  return isCode(cause, 'ENOSPC', 'EDQUOT');
}
