/** Owns how one film that can be watched looks among others: its picture, its name, and how far somebody has come. */
import {useAround, useWords} from '../around.tsx';
import {clockText, languageText} from '../format.ts';
import type {Film} from '../shelf.ts';
import {words} from './film.words.ts';
import {Poster} from './poster.tsx';

/** What of a film its tile shows. */
export type TileFilm = Pick<Film, 'id' | 'to' | 'watched'> & {readonly card: {readonly name: string}};

export function FilmTile({film: {id, card, to, watched}}: {readonly film: TileFilm}) {
  const {language} = useAround();
  const text = useWords(words);
  const isBegun = watched !== null && watched.seconds > 0;
  return (
    <a class="film" href={`/watch/${id}`}>
      <Poster id={id} name={card.name} />
      {isBegun && (
        <progress class="watched" value={watched.seconds} max={watched.duration} aria-hidden="true" />
      )}
      <span class="name" dir="auto">
        {card.name}
      </span>
      <span class="quiet">
        {languageText(to, language)}
        {isBegun && ` · ${text.from(clockText(watched.seconds))}`}
      </span>
    </a>
  );
}
