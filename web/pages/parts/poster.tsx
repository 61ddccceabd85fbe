/** Owns the picture of a film: a frame of it where there is one, and else its letter on a ground of its own. */
import {useEffect, useState} from 'preact/hooks';

export interface PosterParts {
  readonly id: string;
  readonly name: string;
}

/**
 * Without words: its name stands beside it. What does not load leaves the letter to be seen. It is asked for once the page answers: a
 * dozen pictures take a slow phone as long as all the rest.
 */
export function Poster({id, name}: PosterParts) {
  const [isAlive, setAlive] = useState(false);
  useEffect(() => setAlive(true), []);
  const [letter = ''] = name.trim();
  return (
    <span class={`poster ground-${id.charCodeAt(id.length - 1) % 6}`}>
      <span class="letter" aria-hidden="true">
        {letter.toUpperCase()}
      </span>
      {isAlive && <img src={`/api/jobs/${id}/poster`} alt="" loading="lazy" width="480" height="270" />}
    </span>
  );
}
