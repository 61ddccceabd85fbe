/** Owns the library: all dubs there are, to look for, to put in order and to watch, and the trash. */
import {useEffect, useRef, useState} from 'preact/hooks';
import type {z} from 'zod';
import type {SeriesList, TagList} from '../../../appliance/api/library-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {clockText} from '../format.ts';
import type {Place} from '../page.ts';
import {FilmTile} from '../parts/film.tsx';
import {Select} from '../parts/form.tsx';
import {Icon} from '../parts/icon.tsx';
import {StateLine, Wishes} from '../parts/job.tsx';
import {Picking} from '../parts/picking.tsx';
import {
  type Asked,
  askedOf,
  type Film,
  heardOf,
  hrefOf,
  type Shelf,
  shelfOf,
  sorts,
  views,
} from '../shelf.ts';
import {words} from './library.words.ts';

interface Model {
  readonly asked: Asked;
  readonly shelf: Shelf;
  readonly tags: z.infer<typeof TagList>['tags'];
  readonly series: z.infer<typeof SeriesList>['series'];
}

export const page = definePage<Model>({
  title: ({asked}, language) =>
    asked.view === 'done' ? words[language].title : words[language].views[asked.view],
  load,
  View: Library,
  heard: (model, event) => {
    const films = heardOf(model.shelf.films, model.asked, event);
    return films === 'stale' ? films : {...model, shelf: {...model.shelf, films}};
  },
});

async function load(call: Call, {query}: Place) {
  const asked = askedOf(query);
  const answer = await all([
    shelfOf(call, asked, null),
    call('library.tags', {}),
    call('library.series', {}),
  ]);
  if (!answer.ok) return answer;
  const [shelf, {tags}, {series}] = answer.value;
  return {ok: true as const, value: {asked, shelf, tags, series}};
}

interface Parts {
  readonly model: Model;
  readonly change: (model: Model) => void;
}

function Library({model, change}: Parts) {
  const {me} = useAround();
  const text = useWords(words);
  const [isPicking, setPicking] = useState(false);
  const {asked, shelf} = model;
  const mayPick = me !== null && me.role !== 'viewer' && shelf.films.length > 0;
  return (
    <>
      <h1>{text.title}</h1>
      <nav ref={inSight} class="chips" aria-label={text.title}>
        {views.map(view => (
          <a
            key={view}
            class="chip"
            href={hrefOf(asked, {view, said: ''})}
            aria-current={view === asked.view ? 'page' : undefined}
          >
            {text.views[view]}
          </a>
        ))}
      </nav>
      <SearchBar asked={asked} />
      <Filters model={model} />
      {shelf.trouble !== null && (
        <p class="trouble" role="alert">
          {shelf.trouble.what} {shelf.trouble.fix}
        </p>
      )}
      {mayPick && !isPicking && (
        <button type="button" class="plain" onClick={() => setPicking(true)}>
          <Icon name="check" />
          {text.select}
        </button>
      )}
      {isPicking ? (
        <Picking films={shelf.films} view={asked.view} end={() => setPicking(false)} />
      ) : (
        <Films films={shelf.films} asked={asked} />
      )}
      {shelf.films.length === 0 && shelf.trouble === null && <Empty asked={asked} />}
      {shelf.partial && <p class="quiet">{text.partial}</p>}
      {shelf.next !== null && <More model={model} change={change} />}
    </>
  );
}

/** The one that is chosen may stand far to the right. */
const inSight = (chips: HTMLElement | null): void =>
  chips?.querySelector('[aria-current]')?.scrollIntoView({block: 'nearest', inline: 'nearest'});

const debounceMs = 300;

/** Asks again a moment after the last letter, under an address of its own. */
function SearchBar({asked}: {readonly asked: Asked}) {
  const {again, go} = useAround();
  const text = useWords(words);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [inSaid, setInSaid] = useState(asked.said !== '');
  const sought = asked.said === '' ? asked.q : asked.said;
  useEffect(() => {
    // Gone back to, while nobody types.
    if (field.current !== null && document.activeElement !== field.current) field.current.value = sought;
  }, [sought]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const seek = (words: string, isSaid: boolean): void => {
    clearTimeout(timer.current);
    const what = isSaid ? {said: words, q: ''} : {q: words, said: ''};
    // What is said is asked of films that are done.
    const view = isSaid && words !== '' && asked.view === 'trash' ? 'done' : asked.view;
    history.replaceState(null, '', hrefOf(asked, {...what, view}));
    again();
  };
  return (
    <search>
      <form
        class="search"
        action="/library"
        onSubmit={event => {
          event.preventDefault();
          seek(field.current?.value.trim() ?? '', inSaid);
        }}
      >
        <div class="field">
          <label for="q">{text.search}</label>
          <input
            id="q"
            ref={field}
            name="q"
            type="search"
            inputMode="search"
            autocomplete="off"
            maxLength={100}
            defaultValue={sought}
            onInput={event => {
              const {value} = event.currentTarget;
              clearTimeout(timer.current);
              timer.current = setTimeout(() => seek(value.trim(), inSaid), debounceMs);
            }}
          />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={inSaid}
            onChange={event => {
              setInSaid(event.currentTarget.checked);
              seek(field.current?.value.trim() ?? '', event.currentTarget.checked);
            }}
          />
          {text.inSaid}
        </label>
        {asked.view !== 'trash' && (
          <Select
            label={text.sort}
            name="sort"
            value={asked.sort}
            options={sorts.map(each => [each, text.sorts[each]])}
            onPick={value => go(hrefOf(asked, {sort: sorts.find(each => each === value) ?? 'newest'}))}
          />
        )}
      </form>
    </search>
  );
}

/** How many of them there is room for. */
const shownTags = 30;

function Filters({model: {asked, tags, series}}: {readonly model: Model}) {
  const text = useWords(words);
  const seasons = series.find(({name}) => name === asked.series)?.seasons ?? [];
  return (
    <>
      {(asked.tag !== '' || asked.series !== '') && (
        <p class="chips">
          {asked.series !== '' && (
            <a
              class="chip on"
              href={hrefOf(asked, {series: '', season: '', sort: 'newest'})}
              aria-label={text.clear(asked.series)}
            >
              <bdi>{asked.series}</bdi> ×
            </a>
          )}
          {asked.tag !== '' && (
            <a class="chip on" href={hrefOf(asked, {tag: ''})} aria-label={text.clear(asked.tag)}>
              <bdi>{asked.tag}</bdi> ×
            </a>
          )}
        </p>
      )}
      {seasons.length > 1 && (
        <nav class="chips" aria-label={text.series}>
          {[null, ...seasons].map(season => (
            <a
              key={season}
              class="chip"
              href={hrefOf(asked, {season: season === null ? '' : String(season)})}
              aria-current={asked.season === (season === null ? '' : String(season)) ? 'page' : undefined}
            >
              {season === null ? text.allSeasons : text.season(season)}
            </a>
          ))}
        </nav>
      )}
      {asked.tag === '' && tags.length > 0 && (
        <nav class="chips" aria-label={text.tags}>
          {tags.slice(0, shownTags).map(({tag, jobs}) => (
            <a key={tag} class="chip" href={hrefOf(asked, {tag})}>
              <bdi>{tag}</bdi> <small>{jobs}</small>
            </a>
          ))}
        </nav>
      )}
      {asked.series === '' && series.length > 0 && (
        <details class="fold">
          <summary>{text.series}</summary>
          <ul class="lines">
            {series.map(({name, episodes}) => (
              <li key={name}>
                <a href={hrefOf(asked, {series: name, sort: 'series'})}>
                  <bdi>{name}</bdi> <small>{episodes}</small>
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Films({films, asked}: {readonly films: readonly Film[]; readonly asked: Asked}) {
  const isSaid = asked.said !== '';
  return (
    <ul class={isSaid ? 'jobs' : 'films'}>
      {films.map(film => (
        <li key={film.id}>{isSaid ? <SaidIn film={film} /> : <Tile film={film} view={asked.view} />}</li>
      ))}
    </ul>
  );
}

function Tile({film, view}: {readonly film: Film; readonly view: Asked['view']}) {
  const {me, again} = useAround();
  const {state, owner} = film;
  const isMine = me !== null && me.role !== 'viewer' && (me.name === owner || me.role === 'admin');
  return (
    <>
      <FilmTile film={film} />
      {state.is !== 'done' && view === 'all' && <StateLine job={film} />}
      {view === 'trash' && isMine && <Wishes job={film} changed={again} />}
    </>
  );
}

/** Where in a film it is said: each line leads there. */
function SaidIn({film: {id, card, said}}: {readonly film: Film}) {
  return (
    <article class="card">
      <h3>
        <a href={`/watch/${id}`} dir="auto">
          {card.name}
        </a>
      </h3>
      <ul class="lines">
        {said.map(({at, text, translation}) => (
          <li key={at}>
            <a href={`/watch/${id}?t=${Math.floor(at)}`}>
              <span>{clockText(at)}</span>
              <span dir="auto">{text}</span>
            </a>
            {translation !== '' && <small dir="auto">{translation}</small>}
          </li>
        ))}
      </ul>
    </article>
  );
}

function Empty({asked}: {readonly asked: Asked}) {
  const {me} = useAround();
  const text = useWords(words);
  const isFiltered = [asked.q, asked.said, asked.tag, asked.series].some(each => each !== '');
  const mayAdd = !isFiltered && me?.role !== 'viewer' && ['done', 'recent', 'all'].includes(asked.view);
  return (
    <div class="empty">
      <p>{isFiltered ? text.none : text.empty[asked.view]}</p>
      {mayAdd && (
        <a class="button" href="/add">
          {text.add}
        </a>
      )}
    </div>
  );
}

/** The next page, once somebody comes near the end of this one; a button for those who scroll otherwise. */
function More({model, change}: Parts) {
  const {call, say} = useAround();
  const text = useWords(words);
  const button = useRef<HTMLButtonElement>(null);
  const [isBusy, setBusy] = useState(false);
  const {asked, shelf} = model;
  const more = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    const answer = await shelfOf(call, asked, shelf.next);
    setBusy(false);
    if (!answer.ok) {
      say({is: 'trouble', why: answer.why});
      return;
    }
    const known = new Set(shelf.films.map(({id}) => id));
    const films = [...shelf.films, ...answer.value.films.filter(({id}) => !known.has(id))];
    change({...model, shelf: {...answer.value, films}});
  };
  const latest = useRef(more);
  latest.current = more;
  useEffect(() => {
    // What is said takes the box a while to look through: that is asked for by hand.
    if (button.current === null || asked.said !== '') return;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) void latest.current();
      },
      {rootMargin: '400px'},
    );
    watcher.observe(button.current);
    return () => watcher.disconnect();
  }, [shelf.next, asked.said]);
  return (
    <button ref={button} type="button" class="wide" disabled={isBusy} onClick={() => void more()}>
      {text.more}
    </button>
  );
}
