/** Owns the box as its admins see it: health, queue, people, storage, what was done. Each part is a section beside this. */
import {useEffect, useRef} from 'preact/hooks';
import type {UserShown} from '../../../appliance/api/account-shapes.ts';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import type {Status} from '../../../appliance/api/status.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {Audit} from './admin/audit.tsx';
import {Engines} from './admin/engines.tsx';
import {Health} from './admin/health.tsx';
import {Inbox} from './admin/inbox.tsx';
import {People} from './admin/people.tsx';
import {Queue} from './admin/queue.tsx';
import {Removed} from './admin/removed.tsx';
import {UsageOfAll} from './admin/usage.tsx';
import {words} from './admin.words.ts';

interface Model {
  readonly status: Status;
  readonly jobs: readonly JobLine[];
  readonly users: readonly UserShown[];
}

const activeStates = ['running', 'pausing', 'stopping', 'paused', 'queued'] as const;
const order: readonly string[] = activeStates;
/** Disks and memory tell nobody of their changes. */
const statusMs = 30_000;

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load,
  View: Admin,
  heard,
});

async function load(call: Call) {
  const answer = await all([
    call('status', {}),
    call('jobs.list', {query: {state: [...activeStates], limit: 200, sort: 'oldest'}}),
    call('users.list', {}),
  ]);
  if (!answer.ok) return answer;
  const [status, {jobs}, {users}] = answer.value;
  return {ok: true as const, value: {status, jobs: sorted(jobs), users}};
}

/** What runs first, then as it will come. */
function sorted(jobs: readonly JobLine[]): readonly JobLine[] {
  const rank = ({state}: JobLine): number => order.indexOf(state.is);
  return jobs.toSorted((a, b) => rank(a) - rank(b) || b.priority - a.priority || a.submitted - b.submitted);
}

function heard(model: Model, event: BoxEvent): Model | 'stale' {
  const {status, jobs} = model;
  switch (event.is) {
    case 'reset':
      return 'stale';
    case 'job':
      return {...model, jobs: withJob(jobs, event.job)};
    case 'job-gone':
      return {...model, jobs: jobs.filter(({id}) => id !== event.id)};
    case 'progress': {
      const {id, stage, done, secondsLeft} = event;
      const moved = jobs.map(job =>
        job.id === id && (job.state.is === 'running' || job.state.is === 'pausing')
          ? {...job, state: {...job.state, progress: {stage, done, secondsLeft}}}
          : job,
      );
      return {...model, jobs: moved};
    }
    case 'queue':
      return {...model, status: {...status, queue: event.queue}};
    case 'inbox':
      return {...model, status: {...status, inbox: event.inbox}};
    case 'alerts':
      return {...model, status: {...status, alerts: event.alerts}};
    default:
      return model;
  }
}

function withJob(jobs: readonly JobLine[], job: JobLine): readonly JobLine[] {
  const others = jobs.filter(({id}) => id !== job.id);
  return order.includes(job.state.is) ? sorted([...others, job]) : others;
}

function Admin({model, change}: {readonly model: Model; readonly change: (model: Model) => void}) {
  const {call} = useAround();
  const text = useWords(words);
  const latest = useRef({model, change});
  latest.current = {model, change};
  useEffect(() => {
    const look = async (): Promise<void> => {
      const answer = await call('status', {});
      const now = latest.current;
      if (answer.ok) now.change({...now.model, status: answer.value});
    };
    const timer = setInterval(() => void look(), statusMs);
    return () => clearInterval(timer);
  }, [call]);
  const {status, jobs, users} = model;
  const names = users.map(({name}) => name);
  return (
    <div class="box">
      <h1>{text.title}</h1>
      <Health status={status} />
      <Queue
        queue={status.queue}
        jobs={jobs}
        changed={job => change({...model, jobs: withJob(jobs, job)})}
        modeSet={queue => change({...model, status: {...status, queue}})}
      />
      <People users={users} />
      <UsageOfAll />
      <Inbox inbox={status.inbox} />
      <Engines />
      <Removed />
      <Audit names={names} />
    </div>
  );
}
