/** A whole appliance in memory: real jobs that really move, and no files. What it is asked is kept for the tests to see. */

import {randomBytes} from 'node:crypto';
import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {noQuotas} from '../../appliance/accounts/quotas.ts';
import {SessionId} from '../../appliance/accounts/session.ts';
import type {Purged} from '../../appliance/api/library-shapes.ts';
import {sees} from '../../appliance/api/permissions.ts';
import type {Growing, LogLine, LogTail, Progress, Timeline, Waits} from '../../appliance/api/shapes.ts';
import type {Inbox, Queue, QueueMode, Status} from '../../appliance/api/status.ts';
import {Usage} from '../../appliance/api/usage-shapes.ts';
import {origin} from '../../appliance/audit/entry.ts';
import {type Brief, noBrief} from '../../appliance/brief.ts';
import {digestOf} from '../../appliance/digest.ts';
import {
  isShared,
  Job,
  JobId,
  type JobState,
  next,
  UserName,
  type Wish,
  wishesFor,
} from '../../appliance/job.ts';
import {written} from '../../appliance/library/card.ts';
import {SavedPreset, SavedSeries} from '../../appliance/library/preset.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import type {Output} from '../../appliance/wire.ts';
import type {Answers} from '../../web/answers.ts';
import type {Box, JobNow, JobsAsk, Readiness, SubmitAsk, Trouble} from '../../web/box.ts';
import type {Briefs} from '../../web/imports.ts';
import type {Library} from '../../web/library.ts';
import type {Sayings} from '../../web/lines.ts';
import type {Media} from '../../web/media.ts';
import {isBehind, pickPage} from '../../web/page.ts';
import type {Posters} from '../../web/posters.ts';
import type {Presets, Saved, SeriesVoices} from '../../web/presets.ts';
import type {Purging} from '../../web/purging.ts';
import type {Retention} from '../../web/retention.ts';
import {EventRing, type RingLimits} from '../../web/ring.ts';
import type {Engines, Removals} from '../../web/room.ts';
import {showLine} from '../../web/show.ts';
import type {Stores} from '../../web/storage.ts';
import type {Trail} from '../../web/trail.ts';
import type {UploadDesk} from '../../web/upload-desk.ts';
import type {UsageBook} from '../../web/usage.ts';
import {MemoryUploads} from './memory-uploads.ts';

export const ann = UserName.parse('ann');
export const bob = UserName.parse('bob');
export const aSession = SessionId.parse('0123456789');
export const digest = digestOf('film');

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** The n-th id: `0000000001` and so on. */
export function idOf(number: number): JobId {
  let text = '';
  for (let rest = number; text.length < 10; rest = Math.floor(rest / 32)) text = letters[rest % 32] + text;
  return JobId.parse(text);
}

export function jobOf(number: number, changes: Partial<Job> = {}): Job {
  return Job.parse({
    id: idOf(number),
    owner: ann,
    via: 'inbox',
    submitted: 1_000_000 + number,
    source: {name: `film ${number}.mkv`, bytes: 1000, digest},
    sidecars: [],
    options: {from: null, to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'lines'},
    priority: 0,
    lost: 0,
    confinement: null,
    card: null,
    state: {is: 'queued', since: 1_000_000, notBefore: null},
    ...changes,
  });
}

/** As a page wants them. */
export function inOrder(jobs: Iterable<Job>, sort: JobsAsk['sort']): readonly Job[] {
  return [...jobs].toSorted((a, b) => (isBehind(a, b, sort) ? 1 : -1));
}

/** One of each state there is. */
export const states: readonly JobState[] = [
  {is: 'queued', since: 1, notBefore: 9},
  {is: 'running', since: 1, pid: 7},
  {is: 'pausing', since: 1, pid: 7},
  {is: 'paused', since: 1},
  {is: 'stopping', since: 1, pid: 7, towards: 'cancelled'},
  {
    is: 'done',
    at: 2,
    seconds: 1,
    outputs: [{kind: 'video', path: '/box/jobs/1/out/film.es.mkv', bytes: 5, digest}],
    summary: ['12 lines'],
  },
  {is: 'failed', at: 2, failure: {reason: 'no-speech', path: '/box/jobs/1/source/film.mkv'}},
  {is: 'cancelled', at: 2},
  {is: 'set-aside', at: 2, failure: {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: 'out of memory'}},
  {is: 'deleted', at: 2, was: null},
];

const seriesRest = {options: {}, glossary: {}, names: [], style: '', subtitles: null};
const stubOwn = {id: idOf(7), owner: ann, at: 5};

function savedStub<Row, Body>(
  make: (body: Body) => Row,
  asked: (question: unknown) => Promise<void>,
): Saved<Row, Body> {
  const put = async (body: Body): Promise<Result<Row, Trouble>> => {
    await asked(body);
    return ok(make(body));
  };
  return {
    list: () => [],
    save: (_owner, body) => put(body),
    change: (_id, body) => put(body),
    remove: async id => {
      await asked({remove: id});
      return ok({id});
    },
  };
}

/** One folder of films, and one film in it. */
function mediaStub(box: () => MemoryBox): Media {
  return {
    folders: [{folder: 1, label: 'films'}],
    list: async ask => {
      box().asked.push(ask);
      return ok({entries: [{name: 'a.mkv', kind: 'film', bytes: 5, modified: 1}], more: false});
    },
    submit: ({folder: _, file, ...ask}, signal) => box().submit({...ask, path: `/films/${file}`}, signal),
  };
}

const usageStub = (user: UserName): Usage => ({
  ...{user, sourceBytes: 5, outputBytes: 6, jobsToday: 1, quotas: noQuotas, tempo: 0.5},
  jobs: Usage.shape.jobs.parse(Object.fromEntries(states.map(({is}) => [is, 0]))),
});

function answersStub(): Answers {
  const kept = new Map<string, {readonly request: string; readonly answer: string | null}>();
  return {
    begin: ({user, key, request}) => {
      const known = kept.get(user + key);
      if (known === undefined) {
        kept.set(user + key, {request, answer: null});
        return {
          is: 'first',
          end: async answer => {
            if (answer === null) kept.delete(user + key);
            else kept.set(user + key, {request, answer});
          },
        };
      }
      if (known.answer === null) return {is: 'in-use'};
      return known.request === request ? {is: 'again', answer: known.answer} : {is: 'reused'};
    },
  };
}

export class MemoryBox implements Box {
  readonly media: Media = mediaStub(() => this);
  answers: Answers = answersStub();
  trail: Trail = {
    recent: async ask => {
      this.asked.push(ask);
      return {entries: [], next: null};
    },
    async *follow(): AsyncGenerator<never> {},
    verify: async () => ({
      ...{is: 'whole', days: 0, entries: 0, first: null, last: null, hash: origin.hash},
    }),
  };
  /** What a test push ends with. */
  pushTrouble: string | null = null;

  async testPush(user: UserName): Promise<string | null> {
    this.asked.push({push: user});
    return this.pushTrouble;
  }

  poster: Uint8Array | null = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
  readonly posters: Posters = {of: async () => this.poster};
  readonly engines: Engines = {
    list: async () => ({
      engines: [
        {
          name: 'espeak-ng',
          kind: 'voice',
          about: 'Speaks every language, plainly.',
          ready: true,
          detail: '1.51',
        },
        {name: 'piper', kind: 'voice', about: 'Speaks well.', ready: false, detail: 'It is not installed.'},
      ],
      pairs: ['en-es', 'es-en'],
    }),
  };

  readonly removals: Removals = {
    list: async limit =>
      [
        {
          ...({id: '0123456789ab-0', at: 1, trigger: 'schedule', state: 'closed'} as const),
          ...{files: 2, bytes: 5e6, left: 1, kinds: {uploads: 2}},
        },
      ].slice(0, limit),
  };

  readonly storage: Stores = {
    shown: () => ({
      ...{measured: 1, whole: true},
      disks: [
        {
          ...{what: 'data', path: '/box', totalBytes: 500e9, freeBytes: 90e9, low: false},
          filled: [
            {kind: 'uploads', bytes: 300e9, files: 200},
            {kind: 'trash', bytes: 5e9, files: 20},
          ],
          trend: {bytesPerDay: 30e9, fullAt: 3 * 86_400_000},
        },
      ],
    }),
  };

  readonly purging: Purging = {
    plan: async (by, {kinds}) => {
      this.asked.push({planned: kinds, by});
      return {
        ...{
          plan: 'a1b2c3d4e5f60718',
          made: 1,
          expires: 2,
          files: 2,
          bytes: 5e6,
          jobs: 1,
          more: 0,
          whole: true,
        },
        groups: [{job: idOf(1), title: 'film.mkv', owner: ann, kind: 'outputs', files: 2, bytes: 5e6}],
      };
    },
    carry: async ask => {
      this.asked.push(ask);
      if (this.trouble !== undefined) return no(this.trouble);
      return ok({receipts: ['0123456789ab-1'], files: 2, bytes: 5e6, left: 0});
    },
  };

  readonly retention: Retention = {
    shown: () => ({
      ...{keeps: [{kind: 'uploads', days: null, setting: 'UPLOADS_KEEP_DAYS'}], next: 9, running: false},
      ...{waits: null, last: {at: 1, files: 2, bytes: 5e6, left: 0}, due: null},
    }),
    sweep: async () => {
      this.asked.push('sweep');
      return this.retention.shown();
    },
  };

  readonly sayings: Sayings = {
    say: async say => {
      this.asked.push(say);
      return this.trouble === undefined ? Buffer.from('RIFF') : null;
    },
    voices: async () => [
      {id: 'espeak-ng:f4', label: 'female4', gender: 'female'},
      {id: 'espeak-ng:m3', label: 'male3', gender: 'male'},
    ],
  };
  readonly briefsOf = new Map<JobId, Brief>();
  readonly briefs: Briefs = {
    read: async id => this.briefsOf.get(id) ?? noBrief,
    change: async (id, change) => {
      await this.#ask({change: id});
      if (this.trouble !== undefined) return no(this.trouble);
      const brief = change(this.briefsOf.get(id) ?? noBrief);
      this.briefsOf.set(id, brief);
      return ok(brief);
    },
  };

  readonly usage: UsageBook = {of: usageStub, all: () => [usageStub(ann), usageStub(bob)]};
  readonly events: EventRing;
  readonly all = new Map<JobId, Job>();
  readonly waits = new Map<JobId, Waits>();
  readonly progress = new Map<JobId, Progress>();
  readonly asked: unknown[] = [];
  readonly memoryUploads = new MemoryUploads(this.asked);
  uploads: UploadDesk = this.memoryUploads;
  ready: Readiness = {is: 'ready'};
  mode: QueueMode = 'running';
  /** What the next change is refused with. */
  trouble: Trouble | undefined;
  /** What the next question breaks with. */
  bug: unknown;
  /** Answers wait for this. */
  hold: Promise<void> = Promise.resolve();
  lines: string[] = [];
  logIsOver = true;
  #news = Promise.withResolvers<void>();

  constructor(jobs: readonly Job[] = [], limits?: RingLimits) {
    for (const job of jobs) this.all.set(job.id, job);
    this.events = new EventRing(randomBytes(4).toString('hex'), limits);
  }

  readonly trash = {
    purge: async (id: JobId): Promise<Result<Purged, Trouble>> => {
      await this.#ask({purge: id});
      return ok({job: id, receipts: ['0123456789ab-1'], files: 2, bytes: 5, left: 0});
    },
  };

  /** What each job's series has, of those that are of one. */
  readonly seriesVoices = new Map<JobId, SeriesVoices>();
  readonly saved: Presets = {
    seriesOf: ({id}) => this.seriesVoices.get(id) ?? null,
    rememberVoices: async ({id}, voices) => {
      await this.#ask({remember: voices});
      const known = this.seriesVoices.get(id);
      if (known === undefined) return no({reason: 'no-such-saved'});
      this.seriesVoices.set(id, {...known, voices: {...known.voices, ...voices}});
      return ok(SavedSeries.parse({name: known.name, voices, shared: false, ...stubOwn, ...seriesRest}));
    },
    presets: savedStub(
      body => SavedPreset.parse({...body, ...stubOwn}),
      question => this.#ask(question),
    ),
    series: savedStub(
      body => SavedSeries.parse({...body, ...stubOwn}),
      question => this.#ask(question),
    ),
  };

  readonly library: Library = {
    write: (id, change) => this.#change(id, job => ok({...job, card: written(job.card, change)})),
    archive: (id, isAway) =>
      this.#change(id, job => ok({...job, card: written(job.card, {archived: isAway ? 5 : null})})),
    page: ask => {
      this.asked.push(ask);
      if (ask.view === 'continue') return {jobs: [], next: null};
      const seen = [...this.all.values()].filter(job => sees(ask.sight, job.owner, isShared(job)));
      const jobs = seen.map(job => ({job, waits: null, progress: null, watched: {seconds: 5, duration: 10}}));
      return {jobs, next: null};
    },
    said: async (ask, words) => {
      await this.#ask({...ask, words});
      const {jobs, next} = this.library.page(ask);
      const lines = [{at: 61.5, text: words, translation: ''}];
      return ok({jobs: jobs.map(now => ({...now, said: lines})), next, partial: false});
    },
    series: () => [{name: 'Show', jobs: 2, episodes: 1, seasons: [1]}],
    tags: () => [{tag: 'a', jobs: 1}],
    watched: () => ({seconds: 5, duration: 10}),
    watch: async (user, id, how) => {
      await this.#ask({watch: id, user});
      return ok(how);
    },
  };

  readiness = (): Readiness => this.ready;

  async metrics(): Promise<string> {
    await this.#ask('metrics');
    return '# TYPE dubstead_jobs gauge\ndubstead_jobs{state="queued"} 1\n';
  }

  job(id: JobId): JobNow | undefined {
    const job = this.all.get(id);
    return job && {job, waits: this.waits.get(id) ?? null, progress: this.progress.get(id) ?? null};
  }

  jobs(ask: JobsAsk) {
    this.asked.push(ask);
    const page = pickPage(inOrder(this.all.values(), ask.sort), ask);
    return {jobs: page.jobs.flatMap(({id}) => this.job(id) ?? []), more: page.more};
  }

  async submit(
    ask: SubmitAsk,
    _signal: AbortSignal,
  ): Promise<Result<{readonly made: boolean} & JobNow, Trouble>> {
    await this.#ask(ask);
    if (this.trouble !== undefined) return no(this.trouble);
    const known = [...this.all.values()].find(({source}) => ask.path.endsWith(`/${source.name}`));
    const job = known ?? jobOf(this.all.size + 1, {owner: ask.owner, priority: ask.priority, via: 'command'});
    this.all.set(job.id, job);
    return ok({made: known === undefined, job, waits: null, progress: null});
  }

  async wish(id: JobId, wish: Wish): Promise<Result<JobNow, Trouble>> {
    return this.#change(id, job => {
      if (!wishesFor(job.state).includes(wish)) return no({reason: 'not-now', job, wish});
      return ok(next(job, {is: wish, at: 2_000_000}));
    });
  }

  async retryFrom(id: JobId, stage: string): Promise<Result<JobNow, Trouble>> {
    return stage === 'mix' ? this.wish(id, 'retry') : no({reason: 'no-such-stage'});
  }

  prioritise(id: JobId, priority: number): Promise<Result<JobNow, Trouble>> {
    return this.#change(id, job => ok({...job, priority}));
  }

  /** From the disk, wherever it is: a test that has files says where they may lie. */
  openOutput = async (_job: Job, {path}: Output): Promise<Result<FileHandle, Trouble>> => {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
    return file === undefined ? no({reason: 'output-gone'}) : ok(file);
  };

  /** What there is to be watched of jobs that run. */
  readonly growing = new Map<JobId, Growing>();

  preview = (id: JobId): Growing | null => this.growing.get(id) ?? null;

  /** Where the parts of all of them lie. */
  growingFolder = '/nonexistent';

  openGrowing = async (_id: JobId, part: string): Promise<Result<FileHandle, Trouble>> => {
    const file = await open(`${this.growingFolder}/${part}`, constants.O_RDONLY).catch(() => undefined);
    return file === undefined ? no({reason: 'output-gone'}) : ok(file);
  };

  async timeline(id: JobId): Promise<Timeline> {
    await this.#ask({timeline: id});
    return {entries: [{is: 'state', at: 1, state: 'queued'}], dropped: 0};
  }

  async log(id: JobId, tail: number): Promise<LogTail> {
    await this.#ask({log: id, tail});
    const lines = this.lines.map((text, i) => ({next: i + 1, at: null, text}));
    return {lines: tail === 0 ? [] : lines.slice(-tail), next: lines.length};
  }

  async *followLog(id: JobId, from: number, signal: AbortSignal): AsyncGenerator<LogLine> {
    this.asked.push({followLog: id, from});
    for (let at = from; !signal.aborted; ) {
      const text = this.lines[at];
      if (text !== undefined) {
        at += 1;
        yield {next: at, at: null, text};
      } else if (this.logIsOver) return;
      else {
        const stop = (): void => this.#news.resolve();
        signal.addEventListener('abort', stop);
        await this.#news.promise;
        signal.removeEventListener('abort', stop);
        this.#news = Promise.withResolvers();
      }
    }
  }

  say(text: string, {last = false} = {}): void {
    this.lines.push(text);
    this.logIsOver = last;
    this.#news.resolve();
  }

  async inbox(): Promise<Inbox> {
    await this.#ask('inbox');
    return {
      folder: '/box/inbox',
      state: {is: 'watching'},
      settling: 1,
      held: 0,
      refused: 0,
      files: [{name: 'ann/film.mkv', owner: ann, bytes: 5, since: 1, held: null}],
      lastRefused: [],
    };
  }

  async rescan(): Promise<Result<Inbox, Trouble>> {
    return this.trouble === undefined ? ok(await this.inbox()) : no(this.trouble);
  }

  queue(): Queue {
    const counts = Object.fromEntries(states.map(({is}) => [is, 0])) as Queue['counts'];
    for (const {state} of this.all.values()) counts[state.is] += 1;
    return {mode: this.mode, counts, waiting: []};
  }

  async setQueueMode(mode: QueueMode): Promise<Result<Queue, Trouble>> {
    await this.#ask({mode});
    if (this.trouble !== undefined) return no(this.trouble);
    this.mode = mode;
    return ok(this.queue());
  }

  async status(): Promise<Status> {
    await this.#ask('status');
    const {files: _, lastRefused: __, ...inbox} = await this.inbox();
    return {
      version: '0.1.0',
      pid: process.pid,
      started: 1,
      now: 2,
      isolation: {asked: 'jail', given: 'rlimits', lacks: ['bubblewrap is not installed']},
      queue: this.queue(),
      running: [],
      inbox,
      disks: [{what: 'data', path: '/box', freeBytes: 1, totalBytes: 2, low: true}],
      gpus: [],
      memory: {totalBytes: 3, freeBytes: 2, daemonBytes: 1},
      processors: {count: 2, busy: null, slots: 1, busySlots: 0},
      network: null,
      remote: {mode: 'off', url: null},
      push: {is: 'off', why: 'NTFY_TOPIC is not set'},
      store: {trouble: null},
      audit: {trouble: null},
      alerts: [],
    };
  }

  async #change(id: JobId, change: (job: Job) => Result<Job, Trouble>): Promise<Result<JobNow, Trouble>> {
    await this.#ask({change: id});
    if (this.trouble !== undefined) return no(this.trouble);
    const job = this.all.get(id);
    if (job === undefined) return no({reason: 'no-such-job'});
    const changed = change(job);
    if (!changed.ok) return changed;
    this.all.set(id, changed.value);
    const now = {job: changed.value, waits: null, progress: null};
    this.events.append({is: 'job', job: showLine(now)});
    return ok(now);
  }

  async #ask(question: unknown): Promise<void> {
    this.asked.push(question);
    await this.hold;
    if (this.bug !== undefined) throw this.bug;
  }
}
