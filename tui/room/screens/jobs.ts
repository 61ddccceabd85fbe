/** Owns the screen of jobs: the table, what is under the cursor, and what can be asked of jobs. Pure. */
import type {JobLine} from '../../../appliance/api/shapes.ts';
import {languagesOf, stateCell, stateSentence} from '../../views/state.ts';
import {age, duration, percent} from '../../words.ts';
import type {Model} from '../model.ts';
import {goTo} from '../navigate.ts';
import {type Screen, type Table, table} from '../pane.ts';
import {paragraph, type Span, span} from '../text.ts';
import type {Tone} from '../theme.ts';
import {jobKeys} from './job-keys.ts';

const order: readonly JobLine['state']['is'][] = [
  ...(['running', 'pausing', 'stopping', 'queued', 'paused'] as const),
  ...(['set-aside', 'failed', 'cancelled', 'done', 'deleted'] as const),
];

const tones: Readonly<Record<JobLine['state']['is'], Tone>> = {
  ...{queued: 'plain', running: 'busy', pausing: 'busy', stopping: 'busy', paused: 'warn'},
  ...{done: 'good', failed: 'bad', 'set-aside': 'bad', cancelled: 'dim', deleted: 'dim'},
};

function stateOf(job: JobLine, {paces}: Model): Span {
  const pace = paces.get(job.id);
  const {is} = job.state;
  const isMoving = pace !== undefined && (is === 'running' || is === 'pausing');
  return span(isMoving ? `${is} ${percent(pace.done)}` : stateCell(job.state), tones[is]);
}

function leftOf(job: JobLine, {paces}: Model): string {
  const {state} = job;
  const told = state.is === 'running' || state.is === 'pausing' ? state.progress : null;
  const seconds = (paces.get(job.id) ?? told)?.secondsLeft ?? null;
  return seconds === null || told === null ? '' : duration(seconds);
}

export const jobsTable: Table<JobLine> = table<JobLine>('jobs', {
  name: 'jobs',
  title: 'Jobs',
  items: ({jobs}) => jobs.items,
  id: ({id}) => id,
  text: job =>
    `${job.id} ${job.title} ${job.card.name} ${job.owner} ${stateCell(job.state)} ${languagesOf(job)} ${job.card.tags.join(' ')}`,
  columns: [
    {head: 'JOB', columns: 10, cell: ({id}) => span(id, 'strong')},
    {head: 'STATE', columns: 18, cell: stateOf},
    {head: 'LEFT', columns: 11, side: 'right', from: 100, cell: leftOf},
    {head: 'LANG', columns: 8, from: 70, cell: languagesOf},
    {head: 'OWNER', columns: 9, cell: ({owner}) => owner},
    {head: 'TITLE', columns: 'rest', cell: ({title}) => title},
    {
      head: 'FIRST',
      columns: 5,
      side: 'right',
      from: 130,
      cell: ({priority}) => (priority === 0 ? '' : String(priority)),
    },
    {head: 'CAME', columns: 8, from: 130, cell: ({via}) => via},
    {head: 'AGE', columns: 6, side: 'right', cell: ({submitted}, {now}) => age(now - submitted)},
  ],
  sorts: [
    {name: 'state', of: ({state}) => order.indexOf(state.is)},
    {name: 'owner', of: ({owner}) => owner},
    {name: 'title', of: ({title}) => title.toLowerCase()},
    {name: 'age, oldest first', of: ({submitted}) => submitted},
  ],
  empty: ({jobs, link}) => {
    if (link.is === 'down') return ['The daemon is down: 1 says more.'];
    return [
      jobs.is === 'loading' ? 'Asking the daemon …' : 'There are no jobs yet: put a film into the inbox.',
    ];
  },
  above: ({jobs}, columns) =>
    jobs.is === 'over'
      ? paragraph(
          ` These are the newest ${jobs.items.length}; dubstead jobs --search finds older ones.`,
          columns,
          'warn',
        )
      : [],
  below: (job, {now}, columns) => [
    ...paragraph(` ${job.title}`, columns, 'strong'),
    ...paragraph(
      ` ${stateSentence(job.state, now)}`,
      columns,
      tones[job.state.is] === 'bad' ? 'bad' : 'plain',
    ),
  ],
  keys: [
    {
      keys: ['enter'],
      short: 'open',
      does: 'open the job: its stages, its log, its report',
      run(model) {
        const job = jobsTable.current(model);
        return job === undefined ? [model, []] : [goTo({...model, ...opened(model, job.id)}, 'job'), []];
      },
    },
    ...jobKeys(model => jobsTable.picked(model)),
  ],
  wants: () => [],
});

/** What was held of another job is not this one's, nor is where somebody was in it. */
function opened(model: Model, id: JobLine['id']): Pick<Model, 'job' | 'log' | 'held' | 'panes' | 'places'> {
  const {job: _, timeline: __, quality: ___, ...held} = model.held;
  const places = Object.fromEntries(Object.entries(model.places).filter(([key]) => !key.startsWith('job.')));
  return {job: id, log: null, held, panes: {...model.panes, job: 0}, places};
}

export const jobs: Screen = {
  name: 'jobs',
  title: 'Jobs',
  about:
    'Every job of the box, the newest first; keys act on the marked ones, or on the one with the cursor. dubstead jobs prints the same.',
  panes: [jobsTable],
};
