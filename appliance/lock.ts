/**
 * Owns who works in a folder: one process at a time, told by files that name it. Never waits for another to end.
 *
 * A lock whose owner died cannot be taken away by name: between the look and the removal somebody else may have done
 * so and taken the folder, and it would be his lock that goes. So whoever finds dead locks adds one of the next number,
 * which only one can, looks again, and steps back if anybody else alive has one.
 */
import {constants} from 'node:fs';
import {copyFile, link, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {Failed} from './failure.ts';
import {freshBeside, readJsonFile} from './files.ts';

const Owner = z.object({pid: z.number().int(), started: z.string().min(1)});
type Owner = z.infer<typeof Owner>;

export class FolderLock {
  readonly #folder: string;
  #mine: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws Failed with `busy` when another process works in the folder. */
  async take(): Promise<void> {
    const fresh = freshBeside(join(this.#folder, 'lock.json'));
    try {
      await writeFile(fresh, JSON.stringify({pid: process.pid, started: await startOf(process.pid)}));
      this.#mine = await this.#claim(fresh);
    } finally {
      await rm(fresh, {force: true});
    }
  }

  async leave(): Promise<void> {
    const mine = this.#mine;
    this.#mine = undefined;
    if (mine !== undefined) await rm(mine, {force: true});
  }

  async #claim(fresh: string): Promise<string> {
    for (;;) {
      const dead = await this.#othersThan(undefined);
      const mine = join(this.#folder, nameOf(1 + Math.max(0, ...dead)));
      if (!(await linked(fresh, mine))) continue;
      try {
        for (const number of await this.#othersThan(mine)) {
          await rm(join(this.#folder, nameOf(number)), {force: true});
        }
        return mine;
      } catch (cause) {
        await rm(mine, {force: true});
        throw cause;
      }
    }
  }

  /** Numbers of the locks there are, all of them dead. Throws Failed when one is alive. */
  async #othersThan(mine: string | undefined): Promise<readonly number[]> {
    const numbers = (await readdir(this.#folder)).flatMap(name => numberOf(name) ?? []);
    const others = numbers.filter(number => join(this.#folder, nameOf(number)) !== mine);
    for (const number of others) {
      const owner = await ownerIn(join(this.#folder, nameOf(number)));
      if (owner !== undefined && (await startOf(owner.pid)) === owner.started)
        throw new Failed({reason: 'busy', path: this.#folder, pid: owner.pid});
    }
    return others;
  }
}

/** `lock.json`, and `lock.2.json` where that was left by a process that died. */
function nameOf(number: number): string {
  return number === 1 ? 'lock.json' : `lock.${number}.json`;
}

function numberOf(name: string): number | undefined {
  const found = /^lock(?:\.(\d{1,9}))?\.json$/.exec(name);
  return found === null ? undefined : Number(found[1] ?? 1);
}

/** Whose lock it is; undefined when it is gone or damaged. */
function ownerIn(path: string): Promise<Owner | undefined> {
  return readJsonFile(path, Owner).catch(() => undefined);
}

/** When a process started, in ticks since boot, so that a pid used again is not taken for its old owner. */
async function startOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/**
 * Puts the whole file there in one step, so that nobody reads half of it; false when there is one already. A file
 * system without links (exFAT) gets a copy.
 */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_EXCL));
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}
