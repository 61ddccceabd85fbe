/**
 * Owns the room while it is open: hears keys and the box, has the model made anew, draws what changed of it, and carries
 * out what is to happen. Never decides any of it.
 */
import type {ApiClient} from '../../appliance/api/client.ts';
import type {BoxEvent} from '../../appliance/api/events.ts';
import type {RowName} from '../../appliance/api/rows.ts';
import type {LogEvent} from '../../appliance/api/shapes.ts';
import type {TrailEvent} from '../../appliance/api/trail-rows.ts';
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import type {Diagnosis} from '../../appliance/doctor.ts';
import type {JobId} from '../../appliance/job.ts';
import {no, type Result, unreachable} from '../../appliance/result.ts';
import type {Found} from '../down.ts';
import {type Answered, type Ask, type Subject, sources, type Wanted} from './asks.ts';
import {Batch} from './batch.ts';
import type {Grid} from './grid.ts';
import type {Deed, Effect, Message, Model} from './model.ts';
import {openPane, paneSize} from './navigate.ts';
import type {Shell, ShellSetting} from './shell.ts';
import type {Terminal} from './terminal.ts';
import {update} from './update.ts';
import {view} from './view.ts';

export interface Ground {
  readonly client: ApiClient;
  /** True for a row that changes something. */
  readonly changes: (row: RowName) => boolean;
  readonly now: () => number;
  readonly around: () => Promise<Found>;
  readonly diagnosis: (signal: AbortSignal) => Promise<Result<Diagnosis, string> | null>;
  /** What was needed on the way is given back: a page of jobs leaves ten times its size behind. */
  readonly settle: () => void;
  /** Null when it is on its way; else why it is not. */
  readonly startDaemon: () => Promise<string | null>;
  readonly shell: (setting: Omit<ShellSetting, 'env'>) => Shell;
  readonly square: (text: string) => Promise<readonly string[]>;
}

/** Between two frames that no key asked for. */
const frameMs = 100;
const batchMs = 50;
/** What is typed is to be seen at once. */
const shellMs = 15;
const settleMs = 1_500;
const reloadMs = 2_000;
/** Between two questions for the same, however often the box tells of changes. */
const apartMs = 500;
const tickMs = 1_000;
const jobsHeld = 10_000;
const pageSize = 200;
const logTail = 500;
const overNames: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled', 'set-aside', 'deleted']);
const trailTail = 500;

export class Room {
  readonly #terminal: Pick<Terminal, 'paint' | 'clear'>;
  readonly #stopping = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #asked = new Map<string, NodeJS.Timeout | null>();
  readonly #pending = new Set<string>();
  readonly #events: Batch<BoxEvent>;
  readonly #shellNews: Batch<null>;
  #ground: Ground | undefined;
  #model: Model;
  #drawn: Grid | undefined;
  #frame: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #followed: {readonly of: string; readonly stop: AbortController} | undefined;
  #load: AbortController | undefined;
  #shell: Shell | undefined;
  #settle: NodeJS.Timeout | undefined;
  #reload: NodeJS.Timeout | undefined;
  /** What was wanted anew while it was asked, or a moment after. */
  readonly #again = new Set<string>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  readonly #askedAt = new Map<string, number>();

  constructor(terminal: Pick<Terminal, 'paint' | 'clear'>, model: Model) {
    this.#terminal = terminal;
    this.#model = model;
    this.#shellNews = new Batch(shellMs, () => {
      if (this.#shell !== undefined) this.send({is: 'shell', shown: this.#shell.lines()});
    });
    this.#events = new Batch(batchMs, events => this.send({is: 'heard', events, now: this.#now()}));
  }

  /** Resolves when somebody left. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The first frame needs nothing but a terminal. */
  open(): void {
    this.draw();
  }

  /** From here on there is somebody to ask. */
  begin(ground: Ground): void {
    this.#ground = ground;
    this.#tick = setInterval(() => this.send({is: 'tick', now: this.#now()}), tickMs);
    void this.#follow(ground);
    this.#sync();
  }

  /** When nobody has pressed a key for a moment: it takes a tenth of a second. */
  #settleSoon(): void {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#ground?.settle(), settleMs);
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#settle);
    this.#load?.abort();
    clearTimeout(this.#reload);
    for (const timer of this.#later.values()) clearTimeout(timer);
    this.#followed?.stop.abort();
    clearInterval(this.#tick);
    clearTimeout(this.#frame);
    this.#events.stop();
    this.#shellNews.stop();
    this.#shell?.stop();
    for (const timer of this.#asked.values()) if (timer !== null) clearInterval(timer);
    this.#asked.clear();
    this.#ended.resolve();
  }

  send(message: Message): void {
    if (this.#stopping.signal.aborted) return;
    const [model, effects] = update(this.#model, message);
    this.#model = model;
    for (const effect of effects) this.#carry(effect);
    this.#sync();
    if (message.is === 'key' && this.#settle?.hasRef() === true) this.#settle.refresh();
    if (message.is === 'resized') this.#shell?.resize(paneSize(model));
    if (message.is === 'key' || message.is === 'resized' || message.is === 'shell') this.draw();
    else this.#frame ??= setTimeout(() => this.draw(), frameMs);
  }

  draw(): void {
    clearTimeout(this.#frame);
    this.#frame = undefined;
    const grid = view(this.#model);
    this.#terminal.paint(grid.writesAfter(this.#drawn), this.#model.theme);
    this.#drawn = grid;
  }

  #now(): number {
    return this.#ground?.now() ?? this.#model.now;
  }

  #carry(effect: Effect): void {
    switch (effect.is) {
      case 'do':
        void this.#do(effect.deed);
        return;
      case 'refresh':
        this.#refresh(effect.of);
        return;
      case 'load-jobs':
        void this.#loadJobs();
        return;
      case 'square':
        void this.#square(effect);
        return;
      case 'start-daemon':
        void this.#ground
          ?.startDaemon()
          .catch(cause => `The daemon could not be started: ${messageOf(cause)}`)
          .then(trouble => this.send({is: 'started', trouble}));
        return;
      case 'redraw':
        this.#drawn = undefined;
        this.#terminal.clear();
        this.draw();
        return;
      case 'shell':
        this.#openShell();
        return;
      case 'type':
        this.#shell?.type(effect.raw);
        return;
      case 'quit':
        this.stop();
        return;
      default:
        unreachable(effect);
    }
  }

  /** Asks what the open pane wants, as often as it does, and no more what another one did. */
  #sync(): void {
    if (this.#ground === undefined || this.#stopping.signal.aborted) return;
    const wanted = new Map(this.#wanted().map(want => [keyOf(want), want]));
    for (const [key, timer] of this.#asked) {
      if (wanted.has(key)) continue;
      if (timer !== null) clearInterval(timer);
      this.#asked.delete(key);
    }
    for (const [key, want] of wanted) {
      if (this.#asked.has(key)) continue;
      const {everyMs} = want;
      this.#asked.set(key, everyMs === null ? null : setInterval(() => void this.#ask(want), everyMs));
      void this.#ask(want);
    }
    this.#followOpen();
  }

  #wanted(): readonly Wanted[] {
    const {link} = this.#model;
    const always: readonly Wanted[] = [{of: 'status', input: {}, everyMs: 5_000}];
    const own = openPane(this.#model).wants(this.#model);
    const all = [...own, ...always.filter(({of}) => !own.some(want => want.of === of))];
    return link.is === 'down' ? all.filter(({of}) => !(of in sources)) : all;
  }

  #refresh(subjects: readonly Subject[]): void {
    for (const want of this.#wanted()) if (subjects.includes(want.of)) this.#askSoon(want);
  }

  #askSoon(want: Ask): void {
    const key = keyOf(want);
    const waitMs = apartMs - (performance.now() - (this.#askedAt.get(key) ?? Number.NEGATIVE_INFINITY));
    if (waitMs <= 0) void this.#ask(want);
    else if (!this.#later.has(key))
      this.#later.set(
        key,
        setTimeout(() => {
          this.#later.delete(key);
          if (this.#asked.has(key)) void this.#ask(want);
        }, waitMs),
      );
  }

  async #ask(want: Ask): Promise<void> {
    const key = keyOf(want);
    if (this.#ground === undefined) return;
    if (this.#pending.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#pending.add(key);
    this.#askedAt.set(key, performance.now());
    try {
      const answer = await this.#answer(this.#ground, want);
      // What is not looked at any more may be of another job.
      if (answer !== undefined && this.#asked.has(key)) this.send(answer);
    } catch (cause) {
      if (!this.#stopping.signal.aborted) throw cause;
    } finally {
      this.#pending.delete(key);
      // The answer may be from before what was changed meanwhile.
      if (this.#again.delete(key) && this.#asked.has(key)) this.#askSoon(want);
    }
  }

  async #answer({client, around, diagnosis}: Ground, want: Ask): Promise<Answered | undefined> {
    const {signal} = this.#stopping;
    const at = this.#now();
    if (want.of === 'around') return {is: 'answered', of: 'around', value: await around(), trouble: null, at};
    if (want.of === 'diagnosis') {
      const found = await diagnosis(signal);
      if (found === null) return undefined;
      const trouble: ApiTrouble | null = found.ok ? null : {reason: 'no-answer', detail: found.why};
      return {is: 'answered', of: 'diagnosis', value: found.ok ? found.value : null, trouble, at};
    }
    const result = await client.call(sources[want.of], ('input' in want ? want.input : {}) as never, {
      signal,
    });
    // That an answer is of the subject it was asked for is what the types cannot follow.
    return {
      is: 'answered',
      of: want.of,
      value: result.ok ? result.value : null,
      trouble: result.ok ? null : result.why,
      at: this.#now(),
    } as Answered;
  }

  async #do(deed: Deed): Promise<void> {
    const results: Result<unknown, ApiTrouble>[] = [];
    const {signal} = this.#stopping;
    for (const {row, input} of deed.calls) {
      if (this.#ground === undefined) return;
      // The last door: whatever a key was bound to, nothing is changed by those who only look.
      const isRefused = this.#model.isReadOnly && this.#ground.changes(row);
      const result: Result<unknown, ApiTrouble> = isRefused
        ? no({reason: 'no-answer', detail: 'this screen is read only'})
        : await this.#ground.client
            .call(row, input as never, {
              signal,
              ...(deed.answerMs === undefined ? {} : {answerMs: deed.answerMs}),
            })
            .catch(() => no({reason: 'no-answer', detail: 'it was stopped'}));
      results.push(result);
      // Where nobody answers, nobody would answer the rest.
      if (!result.ok && result.why.reason === 'daemon-down') break;
    }
    this.send({is: 'did', deed, results});
  }

  async #square({title, text, about}: Extract<Effect, {is: 'square'}>): Promise<void> {
    // Without the picture there is still what is to be typed.
    const code = await this.#ground?.square(text).catch(() => []);
    this.send({is: 'squared', title, code: code ?? [], about});
  }

  /** One, which goes on while other screens are looked at. */
  #openShell(): void {
    try {
      this.#shell ??= this.#newShell();
    } catch (cause) {
      this.send({is: 'shell', shown: null, trouble: messageOf(cause)});
    }
  }

  #newShell(): Shell | undefined {
    return this.#ground?.shell({
      size: paneSize(this.#model),
      changed: () => this.#shellNews.add(null),
      ended: () => {
        this.#shell?.stop();
        this.#shell = undefined;
        this.send({is: 'shell', shown: null});
      },
    });
  }

  /** What happens on the box, for as long as the room is open. */
  async #follow({client}: Ground): Promise<void> {
    for await (const heard of client.follow('jobs.events', {}, this.#stopping.signal)) {
      if (heard.is === 'event') this.#events.add(heard.event);
      else this.send({is: 'broken', trouble: heard.trouble});
    }
  }

  /** Page after page, each shown as it comes. */
  async #loadJobs(): Promise<void> {
    this.#load?.abort();
    clearTimeout(this.#reload);
    const load = new AbortController();
    this.#load = load;
    const signal = AbortSignal.any([load.signal, this.#stopping.signal]);
    let after: string | null = null;
    let held = 0;
    try {
      do {
        const query: {limit: number; after?: string} =
          after === null ? {limit: pageSize} : {limit: pageSize, after};
        const page = await this.#ground?.client.call('jobs.list', {query: query as never}, {signal});
        if (signal.aborted) return;
        if (page?.ok !== true) {
          // Half of them is not what anybody wants to look at.
          this.#reload = setTimeout(() => this.#carry({is: 'load-jobs'}), reloadMs);
          return;
        }
        const {jobs, next} = page.value;
        held += jobs.length;
        const isLast = next === null || held >= jobsHeld;
        this.send({is: 'jobs', jobs, begins: after === null, more: isLast ? next !== null : null});
        after = isLast ? null : next;
      } while (after !== null);
      this.#settleSoon();
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
  }

  /** The log of the job that is open, or the audit: while it is looked at, and no longer. */
  #followOpen(): void {
    const {screen, job, link, jobs} = this.#model;
    const log = screen === 'job' && openPane(this.#model).name === 'log' ? job : null;
    // One that is tried again writes on where its log had ended.
    const isOver = log !== null && overNames.has(jobs.byId.get(log)?.state.is ?? '');
    const of =
      link.is !== 'up' ? null : screen === 'audit' ? 'audit' : log && `${log} ${isOver ? 'over' : 'on'}`;
    if ((this.#followed?.of ?? null) === of || this.#ground === undefined) return;
    this.#followed?.stop.abort();
    const stop = new AbortController();
    this.#followed = of === null ? undefined : {of, stop};
    const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
    if (of === 'audit') void this.#hearTrail(this.#ground, signal);
    else if (log !== null) void this.#hearLog(this.#ground, log, signal);
  }

  async #hearLog({client}: Ground, id: JobId, signal: AbortSignal): Promise<void> {
    let begins = true;
    const batch = new Batch<LogEvent>(batchMs, events => {
      this.send({is: 'log', id, events, begins});
      begins = false;
    });
    for await (const heard of client.follow('jobs.logs', {params: {id}, query: {tail: logTail}}, signal)) {
      if (heard.is === 'event') batch.add(heard.event);
    }
    if (signal.aborted) batch.stop();
  }

  async #hearTrail({client}: Ground, signal: AbortSignal): Promise<void> {
    let begins = true;
    const batch = new Batch<TrailEvent>(batchMs, events => {
      this.send({is: 'trail', events, begins});
      begins = false;
    });
    for await (const heard of client.follow('audit.recent', {query: {limit: trailTail}}, signal)) {
      if (heard.is === 'event') batch.add(heard.event);
    }
    batch.stop();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function keyOf(want: Ask): string {
  return JSON.stringify([want.of, 'input' in want ? want.input : null]);
}
