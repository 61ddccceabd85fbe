/** Owns how one upload looks: how far it is, what it waits for, what is in it, and what may be asked of it. */
import {useState} from 'preact/hooks';
import type {Film} from '../../../appliance/film.ts';
import type {LanguageTag} from '../../../appliance/languages.ts';
import {useAround, useWords} from '../around.tsx';
import {bytesText, clockText, languageText, spanText} from '../format.ts';
import {amountOf, type Bring, filmOf, isActive} from '../uploads/bring.ts';
import {uploads} from '../uploads.ts';
import {words} from '../views/add.words.ts';
import {Icon} from './icon.tsx';
import {Sure} from './sure.tsx';

export interface BringCardParts {
  readonly bring: Bring;
  readonly bytesPerSecond: number | null;
}

export function BringCard({bring, bytesPerSecond}: BringCardParts) {
  const text = useWords(words);
  const {parts, state} = bring;
  const {name} = filmOf(bring);
  const sidecars = parts.slice(0, -1).map(part => part.name);
  return (
    <article class={`card upload ${state.is}`}>
      <h3 dir="auto">{name}</h3>
      {sidecars.length > 0 && <p class="quiet">{text.subtitles(sidecars.join(', '))}</p>}
      <p class={state.is === 'stopped' ? 'bad' : ''} role={state.is === 'stopped' ? 'alert' : 'status'}>
        {state.is === 'stopped' ? `${state.why.what} ${state.why.fix}` : text.states[state.is]}
      </p>
      {state.is === 'done' ? (
        <>
          {state.film !== null && <FilmFacts film={state.film} />}
          {!state.made && <p>{text.known}</p>}
        </>
      ) : (
        <Amount bring={bring} bytesPerSecond={bytesPerSecond} />
      )}
      <Buttons bring={bring} />
    </article>
  );
}

function Amount({bring, bytesPerSecond}: BringCardParts) {
  const {language} = useAround();
  const text = useWords(words);
  const {sent, bytes} = amountOf([bring]);
  const isSending = bring.state.is === 'sending';
  const left = isSending && bytesPerSecond !== null ? (bytes - sent) / bytesPerSecond : null;
  return (
    <>
      <progress value={sent} max={Math.max(bytes, 1)} aria-label={text.progress} />
      <p class="quiet">
        {text.amount(bytesText(sent, language), bytesText(bytes, language))}
        {left !== null && ` · ${text.left(spanText(left, language))}`}
      </p>
    </>
  );
}

function Buttons({bring}: {readonly bring: Bring}) {
  const {again} = useAround();
  const text = useWords(words);
  const [asked, ask] = useState(false);
  const {key, state} = bring;
  const mayResume = state.is === 'paused' || (state.is === 'stopped' && state.mayTryAgain);
  return (
    <div class="row">
      {state.is === 'done' && (
        <a class="button" href={`/watch/${state.job}`}>
          {text.toJob}
        </a>
      )}
      {isActive(bring) && state.is !== 'checking' && (
        <button type="button" onClick={() => uploads.pause(key)}>
          <Icon name="pause" />
          {text.pause}
        </button>
      )}
      {mayResume && (
        <button type="button" onClick={() => uploads.resume(key)}>
          <Icon name="play" />
          {state.is === 'paused' ? text.resume : text.again}
        </button>
      )}
      {state.is === 'done' ? (
        <button type="button" class="plain" onClick={() => void uploads.remove(key)}>
          {text.clear}
        </button>
      ) : (
        state.is !== 'checking' && (
          <button type="button" class="plain" onClick={() => ask(true)}>
            {text.remove}
          </button>
        )
      )}
      {asked && (
        <Sure
          question={text.sureRemove}
          keep={text.keep}
          go={text.remove}
          answer={isSure => {
            ask(false);
            if (isSure) void uploads.remove(key).then(again);
          }}
        >
          <p dir="auto">
            <strong>{filmOf(bring).name}</strong>
          </p>
        </Sure>
      )}
    </div>
  );
}

/** How long it is, how large its picture, and which tracks it has. */
export function FilmFacts({film}: {readonly film: Film}) {
  const {language} = useAround();
  const text = useWords(words);
  const {seconds, width, height, audio, subtitles} = film;
  const named = ({language: tag, title}: {readonly language: LanguageTag | null; readonly title: string}) =>
    tag === null ? (title === '' ? text.unknown : title) : languageText(tag, language);
  const facts = [
    clockText(seconds),
    `${width}×${height}`,
    text.sound(audio.map(named).join(', ')),
    ...(subtitles.length > 0 ? [text.texts(subtitles.map(named).join(', '))] : []),
  ];
  return (
    <p class="quiet" dir="auto">
      {facts.join(' · ')}
    </p>
  );
}
