/**
 * Owns which figures the appliance shows to Prometheus, under which names. Never measures; what is not known is left
 * out. Labels come from lists of ours: nothing that a person named, no title, user or path, is in any of them.
 */
import type {JobState} from '../appliance/job.ts';
import type {StageName} from '../pipeline/catalog.ts';
import {exposed, type Family, Histogram, type Sample} from './exposition.ts';
import type {MachineReading} from './machine.ts';

export interface MetricFacts {
  readonly version: string;
  /** Of Node. */
  readonly runtime: string;
  readonly uptimeSeconds: number;
  readonly jobs: Readonly<Record<JobState['is'], number>>;
  readonly times: Pick<Times, 'stages' | 'queueWait'>;
  readonly machine: MachineReading;
  readonly workers: {readonly started: number; readonly lost: number};
  /** By what becomes of them, in small letters. */
  readonly inbox: Readonly<Record<string, number>>;
  readonly pushes: {readonly sent: number; readonly failed: number; readonly waiting: number};
}

/** Seconds: from a stage that reads a header to one that takes a night. */
const stageBounds = [0.1, 0.5, 1, 5, 15, 60, 300, 1200, 3600, 14_400];
const waitBounds = [1, 5, 15, 60, 300, 1800, 7200, 43_200, 86_400];

/** How long things took since the daemon started. */
export class Times {
  readonly queueWait = new Histogram(waitBounds);
  readonly stages = new Map<StageName, Histogram>();

  stage(name: StageName, seconds: number): void {
    const known = this.stages.get(name) ?? new Histogram(stageBounds);
    this.stages.set(name, known);
    known.observe(seconds);
  }
}

export function renderMetrics(facts: MetricFacts): string {
  return exposed([...daemonFamilies(facts), ...jobFamilies(facts), ...machineFamilies(facts.machine)]);
}

function daemonFamilies(facts: MetricFacts): Family[] {
  const {version, runtime, pushes, machine} = facts;
  return [
    gauge('build_info', 'Which version runs, on which Node.', [{labels: {version, node: runtime}, value: 1}]),
    gauge('uptime_seconds', 'Since the daemon started.', facts.uptimeSeconds),
    gauge('resident_memory_bytes', 'Memory of the daemon itself.', machine.memory.ownBytes),
    gauge('inbox_files', 'Files in the inbox, by what becomes of them.', inboxSamples(facts.inbox)),
    counter('pushes_total', 'Pushes, by whether they reached the server.', [
      {labels: {result: 'sent'}, value: pushes.sent},
      {labels: {result: 'failed'}, value: pushes.failed},
    ]),
    gauge('pushes_waiting', 'Pushes still to be sent.', pushes.waiting),
  ];
}

function jobFamilies({jobs, times, workers}: MetricFacts): Family[] {
  const states = Object.entries(jobs).map(([state, value]) => ({labels: {state}, value}));
  return [
    gauge('jobs', 'Jobs, by state.', states),
    {
      ...named('stage_seconds', 'How long the steps of each stage took.'),
      type: 'histogram',
      distributions: [...times.stages].map(([stage, seconds]) => seconds.read({stage})),
    },
    {
      ...named('queue_wait_seconds', 'How long jobs waited before they were started.'),
      type: 'histogram',
      distributions: [times.queueWait.read()],
    },
    counter('workers_started_total', 'Job processes started.', workers.started),
    counter('workers_lost_total', 'Job processes that ended without an answer.', workers.lost),
  ];
}

function machineFamilies({processors, memory, disks, gpus}: MachineReading): Family[] {
  const spaces = disks.flatMap(({name: folder, space}) =>
    space.is === 'known' ? [{labels: {folder}, space}] : [],
  );
  const cards = (gpus.is === 'known' ? gpus.gpus : []).map((card, i) => ({
    labels: {gpu: String(i), name: card.name},
    card,
  }));
  const ofCards = (read: (card: (typeof cards)[number]['card']) => number | null): Sample[] =>
    cards.flatMap(({labels, card}) => known(read(card), labels));
  return [
    gauge('processors', 'Processors that can be used.', processors.count),
    gauge('processors_busy_ratio', 'Share of them that was busy, 0 to 1.', known(processors.busy)),
    gauge('memory_total_bytes', 'Memory that can be used.', memory.totalBytes),
    gauge('memory_free_bytes', 'Memory to be had without swapping.', known(memory.freeBytes)),
    gauge(
      'disk_total_bytes',
      'Size of the file system of a folder.',
      spaces.map(({labels, space}) => ({labels, value: space.totalBytes})),
    ),
    gauge(
      'disk_free_bytes',
      'Free for us on the file system of a folder.',
      spaces.map(({labels, space}) => ({labels, value: space.freeBytes})),
    ),
    gauge(
      'disk_free_inodes',
      'Files that can still be made there.',
      spaces.flatMap(({labels, space}) => known(space.freeInodes, labels)),
    ),
    gauge(
      'gpu_memory_total_bytes',
      'Memory of a graphics card.',
      ofCards(card => card.totalBytes),
    ),
    gauge(
      'gpu_memory_used_bytes',
      'Memory of it that is used.',
      ofCards(card => card.usedBytes),
    ),
    gauge(
      'gpu_busy_ratio',
      'Share of the time that it worked, 0 to 1.',
      ofCards(card => card.busy),
    ),
    gauge(
      'gpu_temperature_celsius',
      'How hot it is.',
      ofCards(card => card.celsius),
    ),
  ];
}

const inboxShape = /^[a-z][a-z0-9-]{0,39}$/;

function inboxSamples(inbox: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(inbox).map(([state, value]) => {
    if (!inboxShape.test(state)) throw new Error(`"${state}" is no state of a file in the inbox`);
    return {labels: {state}, value};
  });
}

function known(value: number | null, labels: Sample['labels'] = {}): Sample[] {
  return value === null ? [] : [{labels, value}];
}

function named(name: string, help: string): {readonly name: string; readonly help: string} {
  return {name: `dubstead_${name}`, help};
}

function gauge(name: string, help: string, figures: number | readonly Sample[]): Family {
  return {...named(name, help), type: 'gauge', samples: samplesOf(figures)};
}

function counter(name: string, help: string, figures: number | readonly Sample[]): Family {
  return {...named(name, help), type: 'counter', samples: samplesOf(figures)};
}

function samplesOf(figures: number | readonly Sample[]): readonly Sample[] {
  return typeof figures === 'number' ? [{value: figures}] : figures;
}
