/** Owns the queue: whether it runs, what runs and waits, which goes first, and ending one. */
import type {JobLine, Problem} from '../../../../appliance/api/shapes.ts';
import type {Queue as QueueNow} from '../../../../appliance/api/status.ts';
import {useAround, useWords} from '../../around.tsx';
import {Fold} from '../../parts/fold.tsx';
import {StateLine} from '../../parts/job.tsx';
import {SureButton} from '../../parts/sure.tsx';
import {words} from '../admin.words.ts';

export interface QueueParts {
  readonly queue: QueueNow;
  readonly jobs: readonly JobLine[];
  readonly changed: (job: JobLine) => void;
  readonly modeSet: (queue: QueueNow) => void;
}

const modes = ['running', 'paused', 'draining'] as const;

export function Queue({queue, jobs, changed, modeSet}: QueueParts) {
  const {call, say} = useAround();
  const text = useWords(words).queue;
  const set = async (mode: QueueNow['mode']): Promise<void> => {
    const answer = await call('queue.set', {body: {mode}});
    if (answer.ok) modeSet(answer.value);
    else say({is: 'trouble', why: answer.why});
  };
  return (
    <Fold
      id="queue"
      title={text.title}
      note={`${text.modes[queue.mode]} · ${text.count(jobs.length)}`}
      isOpen
    >
      <fieldset class="modes">
        <legend class="for-readers">{text.mode}</legend>
        {modes.map(mode => (
          <button key={mode} type="button" aria-pressed={mode === queue.mode} onClick={() => void set(mode)}>
            {text.acts[mode]}
          </button>
        ))}
      </fieldset>
      <p class="quiet">{text.abouts[queue.mode]}</p>
      {jobs.length === 0 && <p>{text.none}</p>}
      <ul class="lines">
        {jobs.map(job => (
          <Waiting key={job.id} job={job} changed={changed} />
        ))}
      </ul>
    </Fold>
  );
}

function Waiting({job, changed}: {readonly job: JobLine; readonly changed: (job: JobLine) => void}) {
  const {call, say} = useAround();
  const text = useWords(words).queue;
  const about = {params: {id: job.id}};
  const rank = async (typed: string): Promise<void> => {
    const priority = Math.max(-100, Math.min(100, Math.round(Number(typed)) || 0));
    const answer = await call('jobs.priority', {...about, body: {priority}});
    if (answer.ok) changed(answer.value);
    else say({is: 'trouble', why: answer.why});
  };
  const cancel = async (): Promise<Problem | null> => {
    const answer = await call('jobs.cancel', about);
    if (!answer.ok) return answer.why;
    changed(answer.value);
    return null;
  };
  return (
    <li>
      <a href={`/watch/${job.id}`}>
        <span class="clamp" dir="auto">
          {job.card.name}
        </span>
      </a>
      <small>{job.owner}</small>
      <StateLine job={job} />
      <div class="ranked">
        <label>
          {text.priority}
          <input
            key={job.priority}
            type="number"
            inputMode="numeric"
            min={-100}
            max={100}
            defaultValue={String(job.priority)}
            onChange={event => void rank(event.currentTarget.value)}
          />
        </label>
        {job.wishes.includes('cancel') && (
          <SureButton
            act={text.cancel}
            about={<strong dir="auto">{job.card.name}</strong>}
            go={cancel}
            isQuiet
          />
        )}
      </div>
    </li>
  );
}
