/** Owns how one job looks in a list: its picture, how far it is and why it waits, what may be asked of it. */
import {useState} from 'preact/hooks';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {languageText, percentText, spanText} from '../format.ts';
import {Icon} from './icon.tsx';
import {words} from './job.words.ts';
import {Poster} from './poster.tsx';
import {FailureReason, WaitReason} from './reason.tsx';

type Wish = JobLine['wishes'][number];

export interface JobCardParts {
  readonly job: JobLine;
  /** The job as it is now. */
  readonly changed: (job: JobLine) => void;
}

export function JobCard({job, changed}: JobCardParts) {
  const {language} = useAround();
  const {state, card, to} = job;
  return (
    <article class={`job ${state.is}`} id={`job-${job.id}`}>
      <Poster id={job.id} name={card.name} />
      <div class="about">
        <h3>
          <a href={`/watch/${job.id}`} dir="auto">
            {card.name}
          </a>
        </h3>
        <p class="quiet">{languageText(to, language)}</p>
        <StateLine job={job} />
      </div>
      <Wishes job={job} changed={changed} />
    </article>
  );
}

export function StateLine({job: {state}}: {readonly job: JobLine}) {
  const {language} = useAround();
  const text = useWords(words);
  const name = text.states[state.is];
  switch (state.is) {
    case 'running':
    case 'pausing': {
      const {progress} = state;
      if (progress === null) return <p class="state">{name}…</p>;
      const {done, secondsLeft, stage} = progress;
      const left = secondsLeft === null ? '' : ` · ${text.left(spanText(secondsLeft, language))}`;
      return (
        <div class="state">
          <progress value={done} max={1} aria-label={text.progress} />
          <p>
            {percentText(done, language)} · {text.stages[stage] ?? stage}
            {left}
          </p>
        </div>
      );
    }
    case 'queued':
      return (
        <p class="state">
          {name} {state.waits !== null && <WaitReason waits={state.waits} />}
        </p>
      );
    case 'failed':
    case 'set-aside':
      return (
        <p class="state bad">
          {name}: <FailureReason failure={state.failure} />
        </p>
      );
    default:
      return <p class="state">{name}</p>;
  }
}

/** One at hand where there is one that is likely; the others behind a button. */
export function Wishes({job, changed}: JobCardParts) {
  const text = useWords(words);
  const {wish, sure} = useWish(job, changed);
  const first: Wish | undefined = job.wishes.find(
    each => each === 'retry' || each === 'resume' || each === 'restore',
  );
  const isDone = job.state.is === 'done';
  const others = job.wishes.filter(each => each !== first || isDone);
  if (job.wishes.length === 0) return null;
  return (
    <div class="wishes">
      {first !== undefined && !isDone && (
        <button type="button" onClick={() => void wish(first)}>
          {text.wishes[first]}
        </button>
      )}
      {others.length > 0 && (
        <details class="more">
          <summary aria-label={text.more}>
            <Icon name="more" />
          </summary>
          <div class="choices">
            {others.map(each => (
              <button
                key={each}
                type="button"
                class={each === 'delete' ? 'danger' : ''}
                onClick={() => void wish(each)}
              >
                {text.wishes[each]}
              </button>
            ))}
          </div>
        </details>
      )}
      {sure}
    </div>
  );
}

/** What takes something away is asked about first; where the dialog is left, nothing happens. */
function useWish(job: JobLine, changed: (job: JobLine) => void) {
  const {call, say} = useAround();
  const text = useWords(words);
  const [asked, ask] = useState<'cancel' | 'delete' | null>(null);
  const send = async (wish: Wish): Promise<void> => {
    ask(null);
    for (const open of document.querySelectorAll('details.more[open]')) open.removeAttribute('open');
    const answer = await call(wish === 'delete' ? 'jobs.delete' : `jobs.${wish}`, {params: {id: job.id}});
    if (answer.ok) changed(answer.value);
    else say({is: 'trouble', why: answer.why});
  };
  const wish = async (each: Wish): Promise<void> =>
    each === 'cancel' || each === 'delete' ? ask(each) : send(each);
  const sure =
    asked === null ? null : (
      <dialog ref={show} onCancel={() => ask(null)} aria-labelledby={`sure-${job.id}`}>
        <p id={`sure-${job.id}`}>{text.sure[asked]}</p>
        <p dir="auto">
          <strong>{job.card.name}</strong>
        </p>
        <div class="row">
          <button type="button" autofocus onClick={() => ask(null)}>
            {text.keep}
          </button>
          <button type="button" class="danger" onClick={() => void send(asked)}>
            {text.wishes[asked]}
          </button>
        </div>
      </dialog>
    );
  return {wish, sure};
}

const show = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};
