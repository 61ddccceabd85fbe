/**
 * Owns what is being uploaded from this tab, whatever page somebody looks at: one film after another, through lost networks, a box
 * that is away and a reload, until each is a job. Never draws anything, never reads a film.
 */
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {Problem} from '../../appliance/api/shapes.ts';
import type {UploadId} from '../../appliance/upload.ts';
import type {Call} from './call.ts';
import {Awake} from './uploads/awake.ts';
import {
  amountOf,
  type Bring,
  type BringState,
  filmOf,
  isActive,
  isPassing,
  isSoonOver,
  type Part,
  type Wishes,
} from './uploads/bring.ts';
import {deleteKept, type Keeper, type Kept, openKeeper} from './uploads/keep.ts';
import {isCalled} from './uploads/pairs.ts';
import {drop, send} from './uploads/send.ts';

export interface Begun {
  readonly film: File;
  readonly sidecars: readonly File[];
  readonly wishes: Wishes;
  /** What the box has of some of the files already. */
  readonly known: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly url: string;
    readonly sent: number;
  }[];
}

export interface Look {
  readonly brings: readonly Bring[];
  /** Of the last seconds; null while too little went out to say. */
  readonly bytesPerSecond: number | null;
}

interface Owner {
  readonly call: Call;
  readonly me: Me;
}

/** A tab that has not said for so long that it still sends is gone. */
const leaseMs = 6_000;
const beatMs = 2_000;
const tellMs = 250;
const rateMs = 10_000;
const pausesMs = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

export class Uploads {
  #brings: readonly Bring[] = [];
  #owner: Owner | null = null;
  #keeper: Promise<Keeper | null> = Promise.resolve(null);
  #isRunning = false;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #samples: readonly {readonly at: number; readonly sent: number}[] = [];
  readonly #tab = random();
  readonly #listeners = new Set<() => void>();
  readonly #files = new Map<string, File>();
  readonly #stops = new Map<string, AbortController>();
  readonly #awake = new Awake();

  look(): Look {
    return {brings: this.#brings, bytesPerSecond: this.#rate()};
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Goes on with what this person left here, now and whenever another tab ends. */
  wake(call: Call, me: Me): void {
    if (this.#owner !== null) return;
    this.#owner = {call, me};
    this.#keeper = openKeeper();
    addEventListener('pagehide', () => this.#letGo());
    void this.#beat();
    setInterval(() => void this.#beat(), beatMs);
  }

  async add(begun: readonly Begun[]): Promise<void> {
    for (const {film, sidecars, wishes, known} of begun) {
      const key = random();
      const files = [...sidecars, film];
      const parts = files.map(({name, size}): Part => {
        const there = known.find(each => each.bytes === size && isCalled(name, each.name));
        const [url, sent] = [there?.url ?? null, there?.sent ?? 0];
        return {name, bytes: size, url, sent, isWhole: there !== undefined && sent === size};
      });
      for (const file of files) this.#files.set(fileKey(key, file.name), file);
      this.#brings = [...this.#brings, {key, parts, wishes, state: {is: 'waiting'}}];
      void this.#keepWith(key, files);
    }
    this.#tell();
    await this.#run();
  }

  /** Gives files to those that lack them, by name and size; those that nobody lacked are given back. */
  choose(files: readonly File[]): readonly File[] {
    const taken = new Set<File>();
    for (const {key, parts, state} of this.#brings) {
      if (state.is !== 'needs-file') continue;
      for (const part of parts) {
        const file = files.find(({name, size}) => size === part.bytes && isCalled(name, part.name));
        if (file === undefined) continue;
        taken.add(file);
        this.#files.set(fileKey(key, part.name), file);
      }
      const isComplete = parts.every(part => part.isWhole || this.#files.has(fileKey(key, part.name)));
      if (isComplete) this.#set(key, {is: 'waiting'});
    }
    void this.#run();
    return files.filter(file => !taken.has(file));
  }

  pause(key: string): void {
    this.#set(key, {is: 'paused'});
    this.#stop(key);
    void this.#keep(key);
  }

  /** Goes on, or tries once more. */
  resume(key: string): void {
    this.#set(key, {is: 'waiting'});
    void this.#keep(key);
    void this.#run();
  }

  /** From the list; and where it is no job yet, from the box. */
  async remove(key: string): Promise<void> {
    const bring = this.#find(key);
    this.#brings = this.#brings.filter(each => each.key !== key);
    this.#stop(key);
    this.#forgetFiles(key);
    this.#tell();
    await (await this.#keeper)?.remove(key);
    if (bring === undefined || bring.state.is === 'done') return;
    for (const {url} of bring.parts) if (url !== null) await drop(url);
  }

  /** All that this browser keeps of anybody's uploads. */
  async forget(): Promise<void> {
    const {brings} = this.look();
    this.#brings = [];
    for (const {key} of brings) this.#stop(key);
    this.#files.clear();
    this.#tell();
    (await this.#keeper)?.close();
    this.#keeper = Promise.resolve(null);
    await deleteKept();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (;;) {
        const next = this.#brings.find(({state}) => state.is === 'waiting');
        if (next === undefined) break;
        this.#awake.want(true);
        await this.#bring(next.key);
      }
    } finally {
      this.#isRunning = false;
      this.#awake.want(false);
    }
  }

  /** Until it is a job, or somebody has to do something. */
  async #bring(key: string): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(key, stop);
    let reached = -1;
    for (let tries = 0; !stop.signal.aborted; tries++) {
      const end = await this.#try(key, stop.signal);
      const bring = this.#find(key);
      if (end === 'over' || bring === undefined || stop.signal.aborted) break;
      this.#set(key, {is: 'broken'});
      const {sent} = amountOf([bring]);
      if (sent > reached) tries = 0;
      reached = sent;
      await online(pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 0, stop.signal);
    }
    if (this.#stops.get(key) === stop) this.#stops.delete(key);
  }

  async #try(key: string, signal: AbortSignal): Promise<'over' | 'again'> {
    for (const [i, part] of (this.#find(key)?.parts ?? []).entries()) {
      if (part.isWhole) continue;
      const file = await this.#fileOf(key, part.name);
      if (signal.aborted) return 'over';
      if (file === null) {
        this.#set(key, {is: 'needs-file'});
        return 'over';
      }
      this.#set(key, {is: 'sending'});
      const sent = await send({
        ...{part, file, signal},
        placed: url => {
          this.#part(key, i, {url});
          void this.#keep(key);
        },
        progressed: bytes => this.#part(key, i, {sent: bytes}),
      });
      if (sent.is === 'stopped') return 'over';
      if (sent.is === 'broken') return 'again';
      if (sent.is === 'refused') return this.#refused(key, sent.why);
      this.#part(key, i, {sent: part.bytes, isWhole: true});
      await this.#keep(key);
    }
    return signal.aborted ? 'over' : this.#complete(key);
  }

  async #complete(key: string): Promise<'over' | 'again'> {
    const bring = this.#find(key);
    if (bring === undefined || this.#owner === null) return 'over';
    const {call} = this.#owner;
    this.#set(key, {is: 'checking'});
    const {options, like, visibility} = bring.wishes;
    const answer = await call('uploads.complete', {
      params: {upload: idOf(filmOf(bring).url)},
      body: {
        ...{options, idempotencyKey: key, ...(like !== null && {like})},
        sidecars: bring.parts.slice(0, -1).map(({url}) => idOf(url)),
      },
    });
    if (!answer.ok) {
      const {code} = answer.why;
      if (code === 'no-such-upload' || code === 'not-whole') {
        // It was given up meanwhile: from where it is, or all over.
        for (const i of bring.parts.keys()) this.#part(key, i, {isWhole: false, sent: 0});
        return 'again';
      }
      return isSoonOver(answer.why) ? 'again' : this.#refused(key, answer.why);
    }
    const {job, film, made} = answer.value;
    // Also where it was a job already: an answer that was lost on the way must not leave it open to others.
    if (visibility !== null) {
      const card = await call('jobs.card', {params: {id: job.id}, body: {visibility}});
      if (!card.ok) return isSoonOver(card.why) ? 'again' : this.#refused(key, card.why);
    }
    this.#forgetFiles(key);
    this.#set(key, {is: 'done', job: job.id, film, made});
    await (await this.#keeper)?.remove(key);
    return 'over';
  }

  #refused(key: string, why: Problem): 'over' {
    this.#set(key, {is: 'stopped', why, mayTryAgain: isPassing(why)});
    return 'over';
  }

  #find(key: string): Bring | undefined {
    return this.#brings.find(each => each.key === key);
  }

  #set(key: string, state: BringState): void {
    this.#brings = this.#brings.map(each => (each.key === key ? {...each, state} : each));
    this.#tell();
  }

  #part(key: string, at: number, change: Partial<Part>): void {
    this.#brings = this.#brings.map(each =>
      each.key === key
        ? {...each, parts: each.parts.map((part, i) => (i === at ? {...part, ...change} : part))}
        : each,
    );
    this.#telling ??= setTimeout(() => this.#tell(), tellMs);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const at = performance.now();
    const {sent} = amountOf(this.#brings);
    this.#samples = [...this.#samples.filter(each => at - each.at < rateMs), {at, sent}];
    for (const listener of this.#listeners) listener();
  }

  #rate(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 1000) return null;
    const rate = ((last.sent - first.sent) / (last.at - first.at)) * 1000;
    return rate > 0 ? rate : null;
  }

  #stop(key: string): void {
    this.#stops.get(key)?.abort();
    this.#stops.delete(key);
  }

  #forgetFiles(key: string): void {
    for (const name of this.#files.keys()) if (name.startsWith(`${key}/`)) this.#files.delete(name);
  }

  async #fileOf(key: string, name: string): Promise<File | null> {
    const here = this.#files.get(fileKey(key, name));
    return here ?? (await (await this.#keeper)?.file(key, name)) ?? null;
  }

  async #keepWith(key: string, files: readonly File[]): Promise<void> {
    await this.#keep(key);
    for (const file of files) await (await this.#keeper)?.putFile(key, file);
    // It may have become a job meanwhile.
    const bring = this.#find(key);
    if (bring === undefined || bring.state.is === 'done') await (await this.#keeper)?.remove(key);
  }

  async #keep(key: string, until = Date.now() + leaseMs): Promise<void> {
    const keeper = await this.#keeper;
    const bring = this.#find(key);
    if (bring === undefined || bring.state.is === 'done' || this.#owner === null) return;
    const {parts, wishes, state} = bring;
    const kept: Kept = {
      ...{key, parts, wishes, until, tab: this.#tab, user: this.#owner.me.name},
      isPaused: state.is === 'paused',
    };
    await keeper?.put(kept).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const keeper = await this.#keeper;
    if (keeper === null || this.#owner === null) return;
    // A page that nobody sees takes over nothing.
    if (document.hidden && this.#brings.length === 0) return;
    const now = Date.now();
    const beat = await keeper.beat(this.#owner.me.name, this.#tab, now, now + leaseMs).catch(() => null);
    if (beat === null) return;
    for (const key of beat.lost.filter(lost => this.#find(lost) !== undefined)) {
      this.#brings = this.#brings.filter(each => each.key !== key);
      this.#stop(key);
      this.#tell();
    }
    const fresh = beat.adopted.filter(({key}) => this.#find(key) === undefined);
    if (fresh.length === 0) return;
    const taken = fresh.map(({key, parts, wishes, isPaused}): Bring => {
      const state: BringState = {is: isPaused ? 'paused' : 'waiting'};
      return {key, parts, wishes, state};
    });
    this.#brings = [...this.#brings, ...taken];
    this.#tell();
    await this.#run();
  }

  /** So that the page that comes next need not wait until this one counts as gone. */
  #letGo(): void {
    for (const bring of this.#brings) if (bring.state.is !== 'done') void this.#keep(bring.key, 0);
  }
}

const fileKey = (key: string, name: string): string => `${key}/${name}`;

/** The box reads it again, and says no to what is none. */
const idOf = (url: string | null): UploadId => (url ?? '').split('/').at(-1) as UploadId;

/** Also where a page came over plain HTTP and has no `randomUUID`. */
function random(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** Until the time is over, or the browser says that there is a network again. */
function online(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}

/** The one of this tab. */
export const uploads = new Uploads();

/** At logout. */
export const forgetUploads = (): Promise<void> => uploads.forget();

/** Those that a person may wait for. */
export const activeOf = ({brings}: Look): readonly Bring[] => brings.filter(isActive);
