/** Owns how a job of the daemon looks to who follows it, and what its end means for the exit code. Never changes the job. */
import type {ApiClient} from '../appliance/api/client.ts';
import type {JobDetail, JobStateShown} from '../appliance/api/shapes.ts';
import type {JobId} from '../appliance/job.ts';
import {unreachable} from '../appliance/result.ts';
import {jsonLine} from './clean.ts';
import {type ExitCode, exitCodes, exitOfFailure} from './exit-codes.ts';
import {type News, newsOf} from './follow.ts';
import {describeOutage, describeTrouble} from './trouble.ts';
import {doneText, dubView, type View} from './view.ts';
import {stateSentence} from './views/state.ts';
import {say, type World} from './world.ts';

/** Until it is over: then where the dub is, or why there is none. A stop at the terminal leaves the job as it is. */
export async function watchJob(client: ApiClient, id: JobId, json: boolean, world: World): Promise<ExitCode> {
  const {screen, complaints, signal} = world;
  const watcher: Watcher = json ? new JsonWatcher(id, world) : new PlainWatcher(dubView(screen), world);
  try {
    for await (const news of newsOf(client, id, signal)) {
      const exit = watcher.hear(news);
      if (exit !== undefined) return exit;
    }
  } catch (cause) {
    if (!signal.aborted || cause !== signal.reason) throw cause;
  } finally {
    watcher.close();
  }
  say(complaints, [`The job goes on: dubstead job ${id} shows it, dubstead cancel ${id} ends it.`]);
  return exitCodes.stopped;
}

interface Watcher {
  /** The exit code, once there is nothing more to come. */
  hear(news: News): ExitCode | undefined;
  close(): void;
}

class JsonWatcher implements Watcher {
  readonly #id: JobId;
  readonly #world: World;

  constructor(id: JobId, world: World) {
    this.#id = id;
    this.#world = world;
  }

  hear(news: News): ExitCode | undefined {
    this.#world.screen.write(jsonLine(shownNews(news, this.#id)));
    return exitOfNews(news);
  }

  close(): void {}
}

function shownNews(news: News, id: JobId): object {
  if (news.is === 'gone') return {is: 'gone', id};
  if (news.is !== 'broken') return news;
  const {exit: _, ...error} = describeTrouble({is: 'unanswered', trouble: news.trouble});
  return {is: 'broken', error};
}

class PlainWatcher implements Watcher {
  readonly #view: View;
  readonly #world: World;
  /** What was said last of a state that lasts, so that it is said once. */
  #told = '';

  constructor(view: View, world: World) {
    this.#view = view;
    this.#world = world;
  }

  hear(news: News): ExitCode | undefined {
    switch (news.is) {
      case 'progress':
        this.#progress(news);
        break;
      case 'job':
        this.#state(news.job.state);
        break;
      case 'broken':
        this.#view.hear({is: 'note', text: describeOutage(news.trouble)});
        break;
      case 'ended':
      case 'gone':
        this.#view.close();
        this.#end(news);
        break;
      default:
        return unreachable(news);
    }
    return exitOfNews(news);
  }

  close(): void {
    this.#view.close();
  }

  #progress(progress: Pick<Extract<News, {is: 'progress'}>, 'stage' | 'done' | 'secondsLeft'>): void {
    const {stage, done, secondsLeft} = progress;
    this.#view.hear({is: 'progress', scenes: 0, scenesDone: 0, stage, done, secondsLeft});
  }

  #state(state: JobStateShown): void {
    if ((state.is === 'running' || state.is === 'pausing') && state.progress !== null)
      this.#progress(state.progress);
    const key = state.is === 'queued' ? `queued ${state.waits?.code}` : state.is;
    const lasts =
      state.is === 'queued' || state.is === 'pausing' || state.is === 'paused' || state.is === 'stopping';
    if (lasts && key !== this.#told)
      this.#view.hear({is: 'note', text: stateSentence(state, this.#world.clock.now())});
    this.#told = key;
  }

  #end(news: Extract<News, {is: 'ended' | 'gone'}>): void {
    const {screen, complaints, clock} = this.#world;
    if (news.is === 'gone') {
      say(complaints, ['The job was deleted.']);
      return;
    }
    const {job} = news;
    if (job.state.is === 'done') screen.write(doneText(job.title, madeBy(job), job.state.seconds));
    else say(complaints, [`${job.title}: ${stateSentence(job.state, clock.now())}`]);
  }
}

function madeBy({outputs, summary}: JobDetail) {
  return {outputs: outputs.map(({kind, name, path, bytes}) => ({kind, path: path ?? name, bytes})), summary};
}

/** As `dubstead dub` of the same film would have ended. */
function exitOfNews(news: News): ExitCode | undefined {
  if (news.is === 'gone') return exitCodes.stopped;
  if (news.is !== 'ended') return undefined;
  const {state} = news.job;
  if (state.is === 'done') return exitCodes.done;
  if (state.is === 'failed' || state.is === 'set-aside') return exitOfFailure(state.failure);
  return exitCodes.stopped;
}
