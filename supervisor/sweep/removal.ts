/**
 * Owns taking away one file or one empty folder, if it is still the one that was looked at. Never follows a link,
 * never removes what changed since, and never asks whether it should.
 */
import {type FileFact, factOf} from './facts.ts';
import {Folder, isCode} from './folder.ts';
import type {Step} from './plan.ts';
import type {Outcome, ReceiptItem} from './receipt.ts';

export type Remove = (step: Pick<Step, 'path' | 'fact'>) => Promise<Outcome>;

export class Removal implements AsyncDisposable {
  readonly #dataDir: string;
  /** The folder of the step before is held: steps of one folder come one after another. */
  #held: {readonly path: string; readonly folder: Folder} | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async remove({path, fact}: Pick<Step, 'path' | 'fact'>): Promise<Outcome> {
    try {
      const folder = await this.#folderOf(path);
      const name = lastOf(path);
      const found = await folder.look(name);
      if (found === undefined) return {is: 'absent'};
      if (found.ino !== fact.inode) return {is: 'kept', why: 'changed'};
      // A folder changes with every file that goes from it; that it is empty is all it takes.
      if (fact.is === 'folder') await folder.removeEmpty(name);
      else if (Math.floor(found.ctimeMs) !== fact.changed) return {is: 'kept', why: 'changed'};
      else await folder.unlink(name);
      return {is: 'removed'};
    } catch (cause) {
      return failed(cause);
    }
  }

  /** What lies there now; undefined where nothing does. */
  async look(path: string): Promise<FileFact | undefined> {
    try {
      const folder = await this.#folderOf(path);
      const found = await folder.look(lastOf(path));
      return found === undefined ? undefined : factOf(path, found);
    } catch (cause) {
      if (isCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      throw cause;
    }
  }

  /** Whether what an item of a receipt names is still there. */
  async isThere({path, inode}: Pick<ReceiptItem, 'path' | 'inode'>): Promise<boolean> {
    try {
      const folder = await this.#folderOf(path);
      return (await folder.look(lastOf(path)))?.ino === inode;
    } catch (cause) {
      if (isCode(cause, 'ENOENT', 'ENOTDIR')) return false;
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.folder[Symbol.asyncDispose]();
  }

  async #folderOf(path: string): Promise<Folder> {
    const above = path.slice(0, path.lastIndexOf('/'));
    if (this.#held?.path === above) return this.#held.folder;
    await this[Symbol.asyncDispose]();
    await using root = await Folder.open(this.#dataDir);
    const folder = await root.descend(above.split('/'));
    this.#held = {path: above, folder};
    return folder;
  }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** On the way down a link or a file where a folder was is a change; an error of the disk is told by its code. */
function failed(cause: unknown): Outcome {
  if (isCode(cause, 'ENOENT')) return {is: 'absent'};
  if (isCode(cause, 'ENOTDIR', 'ELOOP', 'ENOTEMPTY')) return {is: 'kept', why: 'changed'};
  if (cause instanceof Error && 'code' in cause) return {is: 'failed', code: String(cause.code)};
  throw cause;
}
