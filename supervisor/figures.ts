/** Owns what the daemon counts while it runs, and the page of metrics made of it. */

import type {Job} from '../appliance/job.ts';
import {stages} from '../pipeline/catalog.ts';
import type {Heard} from './job-process.ts';
import {type MetricFacts, renderMetrics, Times} from './metrics.ts';
import type {RunEnd} from './queue/run.ts';

type Asked = Omit<MetricFacts, 'times' | 'workers'>;

export class Figures {
  readonly #times = new Times();
  #started = 0;
  #lost = 0;

  stepped({stage, seconds, how}: Extract<Heard, {is: 'finished'}>): void {
    // What a worker says of its stages is bounded by the names that there are.
    const known = isStage(stage) ? stage : undefined;
    if (known !== undefined && how !== 'reused') this.#times.stage(known, seconds);
  }

  spawned({state}: Job, now: number): void {
    this.#started += 1;
    if (state.is === 'queued') this.#times.queueWait.observe(Math.max(0, now - state.since) / 1000);
  }

  ended({is}: RunEnd): void {
    if (is === 'lost') this.#lost += 1;
  }

  page(asked: Asked): string {
    const workers = {started: this.#started, lost: this.#lost};
    return renderMetrics({...asked, times: this.#times, workers});
  }
}

function isStage(name: string): name is keyof typeof stages {
  return Object.hasOwn(stages, name);
}
