/** Owns where everything lies in the data folder. Never makes or reads any of it. */
import {join} from 'node:path';
import type {Job, JobId} from '../appliance/job.ts';
import type {Order} from '../appliance/order.ts';

export interface DataFolders {
  readonly root: string;
  readonly jobs: string;
  /** Films on their way over the network, each under its id. */
  readonly uploads: string;
  readonly state: string;
  readonly audit: string;
  readonly log: string;
  /** What is surely not said in which film. */
  readonly sieve: string;
  readonly run: string;
  readonly socket: string;
}

export function dataFolders(root: string): DataFolders {
  const run = join(root, 'run');
  return {
    root,
    ...{jobs: join(root, 'jobs'), state: join(root, 'state'), audit: join(root, 'audit')},
    uploads: join(root, 'uploads'),
    sieve: join(root, 'said.sieve'),
    ...{log: join(root, 'log'), run, socket: join(run, 'control.sock')},
  };
}

export interface JobFolders {
  readonly root: string;
  readonly source: string;
  readonly out: string;
  /** What people gave to the dub: read by the job, never written by it. */
  readonly brief: string;
  readonly log: string;
  readonly stderr: string;
  /** What is said in it, for the search. */
  readonly said: string;
}

export function jobFolders(folders: Pick<DataFolders, 'jobs'>, id: JobId): JobFolders {
  const root = join(folders.jobs, id);
  return {
    root,
    ...{source: join(root, 'source'), out: join(root, 'out'), brief: join(root, 'brief.json')},
    ...{log: join(root, 'log.ndjson'), stderr: join(root, 'stderr.log')},
    said: join(root, 'said'),
  };
}

/** What the job process is asked: the same paths inside its jail and outside. */
export function orderOf(job: Job, folders: Pick<DataFolders, 'jobs'>, limits: OrderLimits): Order {
  const {source, out, brief} = jobFolders(folders, job.id);
  return {...job.options, source: join(source, job.source.name), subtitles: null, out, brief, ...limits};
}

/** What the box allows a job, whatever was asked for. */
export type OrderLimits = Pick<Order, 'processors' | 'longestSeconds'>;
