/** Owns doing one thing with several films: which are picked, one question before anything goes, and what came of it. */
import {useState} from 'preact/hooks';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {useAround, useWords} from '../around.tsx';
import type {Answered, Call} from '../call.ts';
import type {Film, View} from '../shelf.ts';
import {words} from '../views/library.words.ts';
import {Field, Form} from './form.tsx';
import {Poster} from './poster.tsx';
import {Sure} from './sure.tsx';

export interface PickingParts {
  readonly films: readonly Film[];
  readonly view: View;
  readonly end: () => void;
}

type Deed = 'archive' | 'unarchive' | 'delete' | 'restore' | 'purge' | 'tag';

/** Those that there is a way back from are done at once. */
const asksFirst: ReadonlySet<Deed> = new Set(['delete', 'purge', 'tag']);

export function Picking({films, view, end}: PickingParts) {
  const {me} = useAround();
  const text = useWords(words);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [asked, ask] = useState<Deed | null>(null);
  const [isBusy, setBusy] = useState(false);
  const mine = films.filter(({owner}) => me?.role === 'admin' || me?.name === owner);
  const chosen = mine.filter(({id}) => picked.has(id));
  const carryOut = useDeed();
  const go = async (deed: Deed, tag = ''): Promise<Problem | null> => {
    ask(null);
    setBusy(true);
    const left = await carryOut(deed, chosen, tag);
    setBusy(false);
    setPicked(new Set(left.map(({id}) => id)));
    if (left.length === 0) end();
    return null;
  };
  const toggle = (id: string): void => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    setPicked(next);
  };
  const deeds: readonly Deed[] =
    view === 'trash'
      ? ['restore', ...(me?.role === 'admin' ? (['purge'] as const) : [])]
      : [view === 'archived' ? 'unarchive' : 'archive', 'tag', 'delete'];
  return (
    <section aria-label={text.pick}>
      <ul class="films">
        {mine.map(({id, card}) => (
          <li key={id}>
            <label class="film pick">
              <input type="checkbox" checked={picked.has(id)} onChange={() => toggle(id)} />
              <Poster id={id} name={card.name} />
              <span class="name" dir="auto">
                {card.name}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div class="picking" role="toolbar" aria-label={text.pick}>
        <p role="status">{text.selected(chosen.length)}</p>
        <div class="row">
          {deeds.map(deed => (
            <button
              key={deed}
              type="button"
              class={deed === 'delete' || deed === 'purge' ? 'danger' : ''}
              disabled={isBusy || chosen.length === 0}
              onClick={() => (asksFirst.has(deed) ? ask(deed) : void go(deed))}
            >
              {deed === 'delete' ? text.remove : text[deed]}
            </button>
          ))}
          <button type="button" class="plain" onClick={end}>
            {text.selectNone}
          </button>
        </div>
      </div>
      {(asked === 'delete' || asked === 'purge') && (
        <Sure
          question={text.sure[asked](chosen.length)}
          keep={text.keep}
          go={asked === 'delete' ? text.remove : text.purge}
          answer={isSure => (isSure ? void go(asked) : ask(null))}
        >
          <Names films={chosen} />
        </Sure>
      )}
      {asked === 'tag' && (
        <dialog ref={show} onCancel={() => ask(null)} aria-label={text.tag}>
          <Names films={chosen} />
          <Form label={text.tag} send={async typed => go('tag', typed('tag').trim())}>
            <Field label={text.tagField} name="tag" maxLength={40} isExact required />
            <button type="button" onClick={() => ask(null)}>
              {text.cancel}
            </button>
          </Form>
        </dialog>
      )}
    </section>
  );
}

const show = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};

const namesLimit = 5;

function Names({films}: {readonly films: readonly Film[]}) {
  const text = useWords(words);
  const rest = films.length - namesLimit;
  return (
    <ul class="plain names">
      {films.slice(0, namesLimit).map(({id, card}) => (
        <li key={id} dir="auto">
          <strong>{card.name}</strong>
        </li>
      ))}
      {rest > 0 && <li>{text.others(rest)}</li>}
    </ul>
  );
}

function done(call: Call, deed: Deed, film: Film, tag: string): Promise<Answered<unknown>> {
  const about = {params: {id: film.id}};
  if (deed !== 'tag') return call(`jobs.${deed}`, about);
  return call('jobs.card', {...about, body: {tags: [...film.card.tags, tag]}});
}

/** One after another; those that it could not be done with, and why the first of them. */
function useDeed(): (deed: Deed, films: readonly Film[], tag: string) => Promise<readonly Film[]> {
  const {call, say, again} = useAround();
  const text = useWords(words);
  return async (deed, films, tag) => {
    let left: readonly Film[] = [];
    let why: Problem | null = null;
    for (const [i, film] of films.entries()) {
      const answer = await done(call, deed, film, tag);
      if (answer.ok) continue;
      why ??= answer.why;
      // Nobody wants to be asked for a password once for each.
      const isOver = answer.why.code === 'not-fresh' || answer.why.code === 'unreached';
      left = [...left, ...(isOver ? films.slice(i) : [film])];
      if (isOver) break;
    }
    again();
    const [first] = left;
    if (why === null || first === undefined) say({is: 'done', text: text.done(films.length)});
    else
      say({is: 'trouble', why: {...why, what: `${text.notAll(first.card.name, left.length)} ${why.what}`}});
    return left;
  };
}
