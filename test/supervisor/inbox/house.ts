/** Owns a scratch inbox for tests: real folders, a clock turned by hand, and a queue that keeps its jobs in memory. */
import {randomInt} from 'node:crypto';
import {access, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Test} from 'tap';
import {JobId, JobOptions, UserName} from '../../../appliance/job.ts';
import type {InboxEvent} from '../../../supervisor/inbox/events.ts';
import {Inbox, type InboxPorts, type InboxSettings} from '../../../supervisor/inbox/inbox.ts';
import type {Claimed, Submitted} from '../../../supervisor/inbox/settle.ts';

export const anna = UserName.parse('anna');
export const ben = UserName.parse('ben');

export const usual: JobOptions = JobOptions.parse({
  ...{from: null, to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
});

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

export function newId(): JobId {
  return JobId.parse(Array.from({length: 10}, () => letters[randomInt(letters.length)]).join(''));
}

export const stableMs = 5_000;

/** What is in a file does not matter here; that it is no two files' does. `TS` states no length, so it counts as whole. */
export const filmText = (name: string): string => `Gfilm ${name}`;

export class House {
  readonly inbox: string;
  readonly jobs: string;
  readonly events: InboxEvent[] = [];
  readonly claimed: Claimed[] = [];
  readonly known = new Set<string>(['anna', 'ben']);
  steady = 1_000;
  /** Overrides the queue's answer. */
  answer: ((claimed: Claimed) => Submitted | undefined) | undefined;
  room: InboxPorts['room'] = () => null;

  constructor(folder: string, inbox = join(folder, 'inbox')) {
    this.inbox = inbox;
    this.jobs = join(folder, 'jobs');
  }

  static async at(t: Test): Promise<House> {
    const house = new House(t.testdir());
    await house.build();
    return house;
  }

  async build(): Promise<void> {
    await mkdir(this.inbox, {recursive: true});
    await mkdir(this.jobs, {recursive: true});
  }

  open(t: Test, settings: Partial<InboxSettings> = {}, ports: Partial<InboxPorts> = {}): Inbox {
    const inbox = new Inbox(
      {
        ...{inbox: this.inbox, jobs: this.jobs, owner: anna, options: usual, polling: 'never'},
        ...{stableMs, rescanMs: 300_000, beatMs: 0, ...settings},
      },
      {
        ...{now: () => 1_700_000_000_000 + this.steady, steady: () => this.steady, newId},
        knows: owner => this.known.has(owner),
        room: (owner, bytes) => this.room(owner, bytes),
        has: id => this.claimed.some(claimed => claimed.id === id),
        submit: async claimed => this.submit(claimed),
        tell: event => this.events.push(event),
        ...ports,
      },
    );
    t.teardown(() => inbox.stop());
    return inbox;
  }

  submit(claimed: Claimed): Submitted {
    const answer = this.answer?.(claimed);
    if (answer !== undefined) return answer;
    if (!this.claimed.some(({id}) => id === claimed.id)) this.claimed.push(claimed);
    return {is: 'queued', job: claimed.id};
  }

  /** Lets time pass and does what is due then. */
  async pass(inbox: Inbox, ms: number): Promise<void> {
    this.steady += ms;
    await inbox.rescan();
    await inbox.quiet();
  }

  /** Long enough for what lies there to be taken. */
  async settle(inbox: Inbox): Promise<void> {
    await this.pass(inbox, 0);
    await this.pass(inbox, stableMs);
  }

  async put(path: string, content: string | Uint8Array = filmText(path)): Promise<string> {
    const whole = join(this.inbox, path);
    await mkdir(dirname(whole), {recursive: true});
    await writeFile(whole, content);
    return whole;
  }

  source(index = 0): string {
    const claimed = this.claimed[index];
    if (claimed === undefined) throw new Error(`no claim ${index}`);
    return join(this.jobs, claimed.id, 'source', claimed.source.name);
  }

  told<Is extends InboxEvent['is']>(is: Is): readonly Extract<InboxEvent, {is: Is}>[] {
    return this.events.filter((event): event is Extract<InboxEvent, {is: Is}> => event.is === is);
  }
}

/** Every file below a folder, with its path from there. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => []);
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const textOf = (path: string): Promise<string> => readFile(path, 'utf8');
