/** Owns what settings mean to the parts: words and units become limits, caps and options. Pure. */
import {availableParallelism} from 'node:os';
import type {Quotas} from '../appliance/accounts/quotas.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {JobOptions} from '../appliance/job.ts';
import type {Limits} from './confine/limits.ts';
import type {OrderLimits} from './folders.ts';
import type {JobProcessLimits} from './job-process.ts';
import type {Caps, OwnCaps} from './queue/schedule.ts';
import type {SweepLimits} from './sweep/plan.ts';
import type {UploadLimits} from './uploads/room.ts';

const million = 1_000_000;
const minuteMs = 60_000;

export function optionsOf(settings: Settings): JobOptions {
  const {DUB_FROM, DUB_TO, DUB_PRESET, DUB_HLS, DUB_LOUDNESS, DUB_KEEP} = settings;
  return {
    ...{from: DUB_FROM, to: DUB_TO, preset: DUB_PRESET, hls: DUB_HLS},
    ...{loudnessLufs: DUB_LOUDNESS, keep: DUB_KEEP},
  };
}

export function capsOf(settings: Settings): Caps {
  return {
    running: settings.JOBS_RUNNING,
    runningPerUser: settings.JOBS_RUNNING_PER_USER,
    queuedPerUser: settings.JOBS_QUEUED_PER_USER,
    dailyPerUser: settings.JOBS_PER_DAY_PER_USER,
  };
}

export function quotasOf(settings: Settings): Quotas {
  const {DISK_PER_USER_GB, MAX_UPLOAD_MB_PER_USER} = settings;
  return {
    keptBytes: DISK_PER_USER_GB === null ? null : DISK_PER_USER_GB * 1000 * million,
    jobsPerDay: settings.JOBS_PER_DAY_PER_USER,
    queued: settings.JOBS_QUEUED_PER_USER,
    running: settings.JOBS_RUNNING_PER_USER,
    uploadMb: MAX_UPLOAD_MB_PER_USER,
  };
}

/** What holds for one person, as the queue asks for it. */
export function ownCapsOf({keptBytes, jobsPerDay, queued}: Quotas): OwnCaps {
  return {keptPerUser: keptBytes, dailyPerUser: jobsPerDay, queuedPerUser: queued};
}

/** A job starts a few tools for each processor, each with its threads. */
const processesAProcessor = 64;
const fewestProcesses = 512;
/** A container with every track of a film, its segments and its artifacts open at once. */
const openFiles = 4096;

export function resourcesOf({JOB_MEMORY_MB, JOB_NICE}: Settings): Limits {
  return {
    memoryBytes: JOB_MEMORY_MB === null ? null : JOB_MEMORY_MB * million,
    ...{fileBytes: null, cpuSeconds: null, openFiles, niceness: JOB_NICE},
    processes: Math.max(fewestProcesses, processesAProcessor * availableParallelism()),
  };
}

/** ffprobe keeps an index of the film; Node and what it wrote on the way are counted as well. */
const lookMemoryBytes = 512 * million;
/** Next to nothing is written; but espeak-ng asks for more than 16 MiB before it writes a second of sound. */
const lookFileBytes = 64 << 20;
const lookCpuSeconds = 10;

export function lookResourcesOf(settings: Settings): Limits {
  const limits = resourcesOf(settings);
  const memoryBytes = Math.min(limits.memoryBytes ?? lookMemoryBytes, lookMemoryBytes);
  return {...limits, memoryBytes, fileBytes: lookFileBytes, cpuSeconds: lookCpuSeconds};
}

/** What is found finished is told in one go: a long film has thousands of steps. */
const eventsPerSecond = 500;
const graceMs = 5_000;

export function processLimitsOf(settings: Settings): JobProcessLimits {
  const {JOB_HOURS_MAX, STAGE_MINUTES_MAX, JOB_HEARTBEAT_SECONDS} = settings;
  return {
    wallMs: JOB_HOURS_MAX === null ? null : JOB_HOURS_MAX * 60 * minuteMs,
    stageMs: STAGE_MINUTES_MAX === null ? null : STAGE_MINUTES_MAX * minuteMs,
    heartbeatMs: JOB_HEARTBEAT_SECONDS * 1000,
    ...{eventsPerSecond, graceMs},
  };
}

export function processorsOf({JOB_PROCESSORS}: Settings): number {
  return Math.min(256, JOB_PROCESSORS ?? availableParallelism());
}

export function orderLimitsOf(settings: Settings): OrderLimits {
  const {MAX_VIDEO_MIN} = settings;
  const longest = MAX_VIDEO_MIN === null ? {} : {longestSeconds: MAX_VIDEO_MIN * 60};
  return {processors: processorsOf(settings), ...longest};
}

export function minimumFreeBytes({DISK_FREE_MIN_GB}: Settings): number {
  return DISK_FREE_MIN_GB * 1000 * million;
}

export function uploadLimitsOf(settings: Settings): UploadLimits {
  const {MAX_UPLOAD_MB, MAX_UPLOAD_MB_PER_USER, MAX_UPLOADS_INFLIGHT_PER_USER} = settings;
  return {
    bytes: MAX_UPLOAD_MB === null ? null : MAX_UPLOAD_MB * million,
    bytesPerUser: MAX_UPLOAD_MB_PER_USER === null ? null : MAX_UPLOAD_MB_PER_USER * million,
    perUser: MAX_UPLOADS_INFLIGHT_PER_USER,
    expireMs: settings.UPLOADS_EXPIRE_HOURS * 60 * minuteMs,
    keepFreeBytes: minimumFreeBytes(settings),
  };
}

export function sweepLimitsOf(settings: Settings): SweepLimits {
  return {
    uploads: settings.UPLOADS_KEEP_DAYS,
    intermediates: settings.INTERMEDIATES_KEEP_DAYS,
    outputs: settings.OUTPUTS_KEEP_DAYS,
    logs: settings.LOGS_KEEP_DAYS,
    trash: settings.TRASH_KEEP_DAYS,
  };
}
