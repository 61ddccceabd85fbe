/** Owns the first look: what is being dubbed, what is left to watch, what is new, what failed. */
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import type {Alert} from '../../../appliance/api/status.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import type {Place} from '../page.ts';
import {FilmTile, type TileFilm} from '../parts/film.tsx';
import {Icon} from '../parts/icon.tsx';
import {JobCard} from '../parts/job.tsx';
import type {Film} from '../shelf.ts';
import {words} from './home.words.ts';

interface Model {
  readonly active: readonly JobLine[];
  readonly failed: readonly JobLine[];
  readonly watching: readonly TileFilm[];
  readonly done: readonly TileFilm[];
  /** For whoever looks after the box. */
  readonly alerts: readonly Alert[];
}

const activeStates = ['running', 'pausing', 'stopping', 'paused', 'queued'] as const;
const isActive: ReadonlySet<string> = new Set(activeStates);

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load,
  View: Home,
  heard,
});

async function load(call: Call, {me}: Place) {
  const answer = await all([
    call('jobs.list', {query: {state: [...activeStates], limit: 50, sort: 'oldest'}}),
    call('jobs.list', {query: {state: ['failed', 'set-aside'], limit: 5}}),
    call('library.jobs', {query: {view: 'continue', limit: 6}}),
    call('library.jobs', {query: {view: 'done', limit: 12}}),
  ]);
  if (!answer.ok) return answer;
  const [active, failed, watching, done] = answer.value;
  const status = me?.role === 'admin' ? await call('status', {}) : null;
  const alerts = status?.ok === true ? status.value.alerts : [];
  // What is gone on with need not stand there twice.
  const begun = new Set(watching.jobs.map(({id}) => id));
  const fresh = done.jobs.filter(({id}) => !begun.has(id));
  const lists = {active: sorted(active.jobs), failed: failed.jobs};
  const films = {watching: watching.jobs.map(tileOf), done: fresh.map(tileOf)};
  return {ok: true as const, value: {...lists, ...films, alerts}};
}

/** The page carries what it shows, and no more. */
const tileOf = ({id, to, watched, card: {name}}: Film): TileFilm => ({id, to, watched, card: {name}});

const order: readonly string[] = activeStates;

/** What runs first, then as it came. */
function sorted(jobs: readonly JobLine[]): readonly JobLine[] {
  const rank = ({state}: JobLine): number => order.indexOf(state.is);
  return jobs.toSorted((a, b) => rank(a) - rank(b) || b.priority - a.priority || a.submitted - b.submitted);
}

function heard(model: Model, event: BoxEvent): Model | 'stale' {
  switch (event.is) {
    case 'reset':
      return 'stale';
    case 'job': {
      const {job} = event;
      const known = model.active.some(({id}) => id === job.id);
      // What has ended is in another list now, and which lines of it there are is for the box to say.
      if (!isActive.has(job.state.is)) return 'stale';
      const active = known
        ? model.active.map(each => (each.id === job.id ? job : each))
        : [...model.active, job];
      return {...model, active: sorted(active)};
    }
    case 'job-gone':
      return 'stale';
    case 'progress': {
      const {id, stage, done, secondsLeft} = event;
      const active = model.active.map(job =>
        job.id === id && (job.state.is === 'running' || job.state.is === 'pausing')
          ? {...job, state: {...job.state, progress: {stage, done, secondsLeft}}}
          : job,
      );
      return {...model, active};
    }
    case 'alerts':
      return {...model, alerts: event.alerts};
    default:
      return model;
  }
}

function Home({model, change}: {readonly model: Model; readonly change: (model: Model) => void}) {
  const {me, again} = useAround();
  const text = useWords(words);
  const {active, failed, watching, done, alerts} = model;
  const mayAdd = me?.role !== 'viewer';
  const isEmpty = active.length + failed.length + watching.length + done.length === 0;
  const changed = (job: JobLine): void => {
    if (!isActive.has(job.state.is) || failed.some(({id}) => id === job.id)) again();
    else change({...model, active: model.active.map(each => (each.id === job.id ? job : each))});
  };
  return (
    <>
      <h1 class="for-readers">{text.title}</h1>
      {alerts.length > 0 && (
        <section class="alerts" aria-labelledby="alerts">
          <h2 id="alerts">{text.alerts}</h2>
          <ul>
            {alerts.map(({what, fix}) => (
              <li key={what}>
                {what} <small>{fix}</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      {mayAdd && (
        <a class="button main wide" href="/add">
          <Icon name="add" />
          {text.add}
        </a>
      )}
      {isEmpty && <p class="empty">{mayAdd ? text.first : text.viewer}</p>}
      {active.length > 0 && <JobList title={text.now} jobs={active} changed={changed} />}
      {failed.length > 0 && <JobList title={text.failed} jobs={failed} changed={changed} />}
      {watching.length > 0 && <Films title={text.go} films={watching} />}
      {done.length > 0 && <Films title={text.done} films={done} />}
      {done.length + watching.length > 0 && (
        <p>
          <a href="/library">{text.all}</a>
        </p>
      )}
    </>
  );
}

interface JobListParts {
  readonly title: string;
  readonly jobs: readonly JobLine[];
  readonly changed: (job: JobLine) => void;
}

function JobList({title, jobs, changed}: JobListParts) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="jobs">
        {jobs.map(job => (
          <li key={job.id}>
            <JobCard job={job} changed={changed} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Films({title, films}: {readonly title: string; readonly films: readonly TileFilm[]}) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="films">
        {films.map(film => (
          <li key={film.id}>
            <FilmTile film={film} />
          </li>
        ))}
      </ul>
    </section>
  );
}
