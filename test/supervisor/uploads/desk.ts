/** Owns a desk of uploads for tests, in a small appliance with a real store and real files; and pieces to give it. */
import {createHash} from 'node:crypto';
import {mkdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Test} from 'tap';
import type {AuditRecord} from '../../../appliance/audit/entry.ts';
import {Digest} from '../../../appliance/digest.ts';
import type {UserName} from '../../../appliance/job.ts';
import type {UploadId} from '../../../appliance/upload.ts';
import {Admissions} from '../../../supervisor/admissions.ts';
import {HomePresets} from '../../../supervisor/library/presets.ts';
import type {Looking} from '../../../supervisor/uploads/look.ts';
import type {UploadLimits} from '../../../supervisor/uploads/room.ts';
import {Uploads} from '../../../supervisor/uploads/uploads.ts';
import type {AppendAsk, BeginAsk, CompleteAsk} from '../../../web/upload-desk.ts';
import {anna, Home, type HomeWishes, openCaps, usual} from '../home.ts';

export interface Desk {
  readonly home: Home;
  readonly uploads: Uploads;
  readonly audited: AuditRecord[];
  /** As another daemon would find it, on the same store and files. */
  again(): Promise<Uploads>;
  /** Of the file of an upload. */
  bytesOf(id: UploadId): Promise<number | undefined>;
  isDraining: boolean;
}

export const roomy: UploadLimits = {
  ...{bytes: 100e6, bytesPerUser: 200e6, perUser: 5, expireMs: 3_600_000, keepFreeBytes: 0},
};

export async function deskFor(
  t: Test,
  limits: Partial<UploadLimits> = {},
  wishes: HomeWishes = {},
  lookFor?: (home: Home) => Promise<Looking>,
): Promise<Desk> {
  const home = await Home.at(t, {mode: 'paused', ...wishes});
  await mkdir(home.folders.uploads, {recursive: true});
  const look = await lookFor?.(home);
  const audited: AuditRecord[] = [];
  const admissions = new Admissions({
    ...{folders: home.folders, desk: home.desk, ledger: home.ledger},
    capsOf: () => ({...openCaps, keptPerUser: null, ...wishes.caps}),
    presets: new HomePresets(home.store, usual, home.now),
    ...{isShared: () => false, isDraining: () => desk.isDraining, now: home.now},
  });
  const open = (): Uploads =>
    new Uploads({
      ...{folders: home.folders, store: home.store, admissions, limits: {...roomy, ...limits}, now: home.now},
      ...{audit: record => audited.push(record), look},
      log: {info: () => {}, error: fields => home.faults.push(fields)},
    });
  const uploads = open();
  await uploads.start();
  t.teardown(() => uploads.stop());
  const desk: Desk = {
    ...{home, uploads, audited, isDraining: false},
    again: async () => {
      const next = open();
      await next.start();
      t.teardown(() => next.stop());
      return next;
    },
    bytesOf: async id => (await stat(join(home.folders.uploads, id)).catch(() => undefined))?.size,
  };
  return desk;
}

/** A file that begins as Matroska does; the rest says which one it is. */
export function filmOf(bytes: number, seed = 1): Buffer {
  const film = Buffer.alloc(bytes, `film ${seed} `);
  Buffer.from([0x1a, 0x45, 0xdf, 0xa3]).copy(film);
  return film;
}

export const sha256 = (data: Uint8Array): Digest =>
  Digest.parse(createHash('sha256').update(data).digest('hex'));

export const beginAsk = (length: number, changes: Partial<BeginAsk> = {}): BeginAsk => ({
  ...{owner: anna, name: 'film.mkv', length, digest: null, metadata: ''},
  ...changes,
});

export async function begun(uploads: Uploads, ask: BeginAsk): Promise<UploadId> {
  const answer = await uploads.begin(ask);
  if (!answer.ok) throw new Error(JSON.stringify(answer.why));
  return answer.value.id;
}

/** All of it at once, as one request brings it. */
export function appendAsk(
  id: UploadId,
  data: Buffer,
  changes: Partial<AppendAsk> & {readonly owner?: UserName} = {},
): AppendAsk {
  const pieces = async function* () {
    for (let at = 0; at < data.length; at += 65_536) yield data.subarray(at, at + 65_536);
  };
  return {
    ...{owner: anna, id, offset: 0, bytes: data.length, checksum: null, pieces: pieces()},
    breakOff: () => {},
    ...changes,
  };
}

/** A request that is under way: what it brings is said by the test, and so is its end. */
export class Line {
  readonly #queue: (Buffer | Error | null)[] = [];
  #news = Promise.withResolvers<void>();
  /** Whether the desk had enough of it. */
  isBroken = false;

  say(next: Buffer | null): void {
    this.#push(next);
  }

  breakOff = (): void => {
    this.isBroken = true;
    this.#push(new Error('the connection is gone'));
  };

  #push(next: Buffer | Error | null): void {
    this.#queue.push(next);
    this.#news.resolve();
  }

  async *pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = this.#queue.shift();
      if (next === null) return;
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else {
        await this.#news.promise;
        this.#news = Promise.withResolvers();
      }
    }
  }
}

export const completeAsk = (id: UploadId, changes: Partial<CompleteAsk> = {}): CompleteAsk => ({
  ...{owner: anna, id, options: {}, like: null, priority: 0, sidecars: [], key: null},
  ...{signal: new AbortController().signal},
  ...changes,
});
