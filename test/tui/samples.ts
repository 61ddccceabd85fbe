/** What the daemon may answer, as its schemas have it: an ordinary box, and parts to change. */
import {
  JobDetail,
  JobLine,
  type JobStateShown,
  Timeline,
  type TimelineEntry,
} from '../../appliance/api/shapes.ts';
import {Inbox, type Queue, Status} from '../../appliance/api/status.ts';
import {digestOf} from '../../appliance/digest.ts';

/** A Saturday afternoon. */
export const now = Date.UTC(2026, 10, 21, 14, 0, 0);
export const minute = 60_000;
export const hour = 60 * minute;

export const failure = {
  code: 'no-speech',
  what: 'No speech was found in film.mkv.',
  fix: 'If people do speak in it, give their words with --subs FILE.',
  because: {reason: 'no-speech', path: 'film.mkv'},
} as const;

export const progress = {stage: 'recognising speech', done: 0.487, secondsLeft: 72};

export const states = {
  queued: {is: 'queued', since: now - minute, notBefore: null, waits: null},
  behind: {
    ...{is: 'queued', since: now - 3 * minute, notBefore: null},
    waits: {
      ...{code: 'behind', what: '2 jobs go before it. A higher priority moves it forward.'},
      because: {is: 'behind', ahead: 2, running: 0},
    },
  },
  starting: {is: 'running', since: now - 1000, progress: null},
  running: {is: 'running', since: now - 5 * minute, progress},
  pausing: {is: 'pausing', since: now - minute, progress},
  paused: {is: 'paused', since: now - 2 * hour},
  stopping: {is: 'stopping', since: now - minute, towards: 'cancelled'},
  done: {is: 'done', at: now - 3 * hour, seconds: 723.4},
  failed: {is: 'failed', at: now - 26 * hour, failure},
  cancelled: {is: 'cancelled', at: now - minute},
  'set-aside': {
    ...{is: 'set-aside', at: now - minute},
    failure: {
      code: 'worker-lost',
      what: 'The job process ended without an answer (signal SIGKILL).',
      fix: 'Run it again.',
      because: {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: ''},
    },
  },
  deleted: {is: 'deleted', at: now - minute, was: null},
} as const satisfies Record<string, JobStateShown>;

const card: JobLine['card'] = {
  ...{name: 'film', tags: [], visibility: 'private', archived: null, episode: null},
};

export function lineOf(id: string, changes: Partial<Record<keyof JobLine, unknown>> = {}): JobLine {
  return JobLine.parse({
    ...{id, owner: 'home', via: 'inbox', submitted: now - 10 * minute, title: 'film.mkv'},
    ...{from: 'en', to: 'es', preset: 'balanced', priority: 0, card, state: states.queued, wishes: []},
    ...changes,
  });
}

export function detailOf(id: string, changes: Partial<Record<keyof JobDetail, unknown>> = {}): JobDetail {
  const line = lineOf(id);
  return JobDetail.parse({
    ...line,
    source: {name: 'film.mkv', bytes: 1_340_000_000, digest: digestOf('film')},
    sidecars: [],
    options: {from: 'en', to: 'es', preset: 'balanced', hls: false, loudnessLufs: -16, keep: 'work'},
    ...{lost: 0, confinement: null, outputs: [], summary: [], notes: ''},
    ...changes,
  });
}

export function stage(name: string, changes: Partial<TimelineEntry> = {}): unknown {
  return {
    ...{is: 'stage', at: now, node: name, stage: name, how: 'ran', why: 'new'},
    ...{seconds: 1.2, cpuSeconds: 2, peakBytes: 1, ...changes},
  };
}

export function timelineOf(entries: readonly unknown[], dropped = 0): Timeline {
  return Timeline.parse({entries, dropped});
}

export const noJobs: Queue['counts'] = {
  ...{queued: 0, running: 0, pausing: 0, paused: 0, stopping: 0},
  ...{done: 0, failed: 0, cancelled: 0, 'set-aside': 0, deleted: 0},
};

/** Nothing to do, nothing wrong. */
export function statusOf(changes: Partial<Record<keyof Status, unknown>> = {}): Status {
  return Status.parse({
    ...{version: '0.1.0', pid: 4711, started: now - 50 * hour, now},
    isolation: {asked: 'jail', given: 'jail', lacks: []},
    queue: {mode: 'running', counts: noJobs, waiting: []},
    running: [],
    inbox: {folder: '/srv/dubstead/inbox', state: {is: 'watching'}, settling: 0, held: 0, refused: 0},
    disks: [{what: 'data', path: '/srv/dubstead', freeBytes: 120.3e9, totalBytes: 500e9, low: false}],
    gpus: [],
    memory: {totalBytes: 8.2e9, freeBytes: 3.1e9, daemonBytes: 92e6},
    processors: {count: 2, busy: 0.123, slots: 2, busySlots: 0},
    network: {receivedBytesPerSecond: 1.25e6, sentBytesPerSecond: 300},
    remote: {mode: 'off', url: null},
    push: {is: 'off', why: 'NOTIFY_ON_JOB_DONE is 0'},
    ...{store: {trouble: null}, audit: {trouble: null}, alerts: []},
    ...changes,
  });
}

export function inboxOf(changes: Partial<Record<keyof Inbox, unknown>> = {}): Inbox {
  return Inbox.parse({
    ...{folder: '/srv/dubstead/inbox', state: {is: 'watching'}, settling: 0, held: 0, refused: 0},
    ...{files: [], lastRefused: []},
    ...changes,
  });
}
