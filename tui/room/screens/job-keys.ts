/** Owns what can be asked of jobs from a screen, one or many: each wish only of those that can be asked for it. Pure. */
import type {JobLine} from '../../../appliance/api/shapes.ts';
import {count} from '../../words.ts';
import type {Call} from '../asks.ts';
import {asking, confirming} from '../dialogs.ts';
import {type Deed, type Model, saying, type Turn} from '../model.ts';
import type {Binding} from '../pane.ts';
import {planFor} from './purge.ts';

type Wish = JobLine['wishes'][number];

const rows = {
  pause: 'jobs.pause',
  resume: 'jobs.resume',
  cancel: 'jobs.cancel',
  retry: 'jobs.retry',
  delete: 'jobs.delete',
} as const;

const asked = {
  ...{pause: 'paused', resume: 'resumed', cancel: 'cancelled'},
  ...{retry: 'tried again', delete: 'put into the trash'},
} as const;

/** Stages that a job can be done again from, in their order. */
const stages = [
  ...['probe', 'cues', 'demux', 'separate', 'detect', 'transcribe', 'diarize', 'segment', 'translate'],
  ...['revise', 'cast', 'synthesize', 'fit', 'conform', 'mix', 'level', 'encode', 'subtitle', 'picture'],
  ...['master', 'relisten', 'measure'],
];

const refresh = ['job', 'timeline', 'status'] as const;

export function jobKeys(picked: (model: Model) => readonly JobLine[]): readonly Binding[] {
  const of = (wish: keyof typeof rows, done: string) => (model: Model) =>
    wished(model, picked(model), wish, done);
  return [
    {
      keys: ['c'],
      short: 'cancel',
      does: 'end it; what it finished is kept for a retry',
      changes: true,
      run: of('cancel', 'cancelled'),
    },
    {
      keys: ['p'],
      short: 'pause',
      does: 'let it come to rest at its next finished step',
      changes: true,
      run: of('pause', 'coming to rest'),
    },
    {
      keys: ['r'],
      short: 'resume',
      does: 'put it back in the queue',
      changes: true,
      run: of('resume', 'queued again'),
    },
    {
      keys: ['t'],
      short: 'retry',
      does: 'queue it again; finished steps are not done twice',
      changes: true,
      run: of('retry', 'queued again'),
    },
    {
      keys: ['T'],
      does: 'do it again from a stage',
      changes: true,
      run: model => fromStage(model, picked(model)),
    },
    {keys: ['P'], does: 'say which jobs go first', changes: true, run: model => rank(model, picked(model))},
    {keys: ['X'], does: 'put it into the trash', changes: true, run: of('delete', 'in the trash')},
    {
      keys: ['D'],
      does: 'see what giving up its files would free',
      run: model => {
        const ids = picked(model).map(({id}) => id);
        return ids.length === 0 ? [saying(model, 'There is no job here.'), []] : planFor(model, ids);
      },
    },
    {
      keys: ['Q'],
      short: 'QR',
      does: 'the address of its page as a square code',
      run: model => square(model, picked(model)[0]),
    },
  ];
}

function wished(model: Model, jobs: readonly JobLine[], wish: keyof typeof rows, done: string): Turn {
  const able = jobs.filter(({wishes}) => wishes.includes(wish satisfies Wish));
  const [first] = able;
  if (first === undefined) {
    const whose = jobs.length === 1 ? 'This job cannot' : 'None of these can';
    const why = jobs.length === 0 ? 'There is no job here.' : `${whose} be ${asked[wish]} now.`;
    return [saying(model, why, 'warn'), []];
  }
  const many = count(able.length, 'job');
  const deed: Deed = {
    calls: able.map(({id}) => ({row: rows[wish], input: {params: {id}}}) as Call),
    done: `${many} ${done}.`,
    refresh,
  };
  if (wish !== 'cancel' && wish !== 'delete')
    return [saying(model, 'Working on it …', 'busy'), [{is: 'do', deed}]];
  const others = jobs.length - able.length;
  return confirming(model, {
    title: wish === 'cancel' ? `Cancel ${many}?` : `Put ${many} into the trash?`,
    about: [
      ...able.slice(0, 5).map(({id, title}) => `${id}  ${title}`),
      ...(able.length > 5 ? [`and ${able.length - 5} more`] : []),
      ...(others > 0
        ? [`${count(others, 'other')} cannot be asked that and ${others === 1 ? 'stays' : 'stay'} as is.`]
        : []),
      wish === 'cancel'
        ? 'What is finished is kept: a retry goes on from there.'
        : 'They can be had back until the trash is swept.',
    ],
    label: wish === 'cancel' ? `Cancel ${many}` : 'Into the trash',
    deed,
    ...(able.length > 1 ? {must: able.length} : {}),
  });
}

function fromStage(model: Model, jobs: readonly JobLine[]): Turn {
  const able = jobs.filter(({wishes}) => wishes.includes('retry'));
  if (able.length === 0) return [saying(model, 'Only a job that is over can be done again.', 'warn'), []];
  return asking(model, {
    title: `Do ${count(able.length, 'job')} again from`,
    about: ['That stage and those after it are done anew; those before are kept.'],
    choices: stages.map(name => ({name, about: ''})),
    answer: (from, after) => {
      const calls = able.map(({id}) => ({row: 'jobs.retry', input: {params: {id}, query: {from}}}) as const);
      const done = `${count(able.length, 'job')} queued again from ${from}.`;
      return [saying(after, 'Working on it …', 'busy'), [{is: 'do', deed: {calls, done, refresh}}]];
    },
  });
}

function rank(model: Model, jobs: readonly JobLine[]): Turn {
  if (jobs.length === 0) return [model, []];
  return asking(model, {
    title: `Priority of ${count(jobs.length, 'job')}`,
    about: ['Higher goes first; 0 is usual.'],
    typed: String(jobs[0]?.priority ?? 0),
    answer(typed, after) {
      const priority = Number(typed);
      if (!/^[+-]?\d{1,3}$/.test(typed.trim()) || Math.abs(priority) > 100)
        return 'A priority is a whole number from -100 to 100.';
      const calls = jobs.map(
        ({id}) => ({row: 'jobs.priority', input: {params: {id}, body: {priority}}}) as const,
      );
      const done = `${count(jobs.length, 'job')} with priority ${priority}.`;
      return [saying(after, 'Working on it …', 'busy'), [{is: 'do', deed: {calls, done, refresh}}]];
    },
  });
}

function square(model: Model, job: JobLine | undefined): Turn {
  const url = model.held.status?.value?.remote.url;
  if (job === undefined) return [model, []];
  if (url == null)
    return [
      saying(
        model,
        'No phone reaches this box: set PUBLIC_BASE_URL, or open the page on this network.',
        'warn',
      ),
      [],
    ];
  const text = `${url.replace(/\/$/, '')}/jobs/${job.id}`;
  return [
    model,
    [{is: 'square', title: job.title, text, about: [text, 'It lets nobody in: who reads it logs in first.']}],
  ];
}
