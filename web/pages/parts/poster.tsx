/** Owns the picture of a film: a frame of it where there is one, and else its letter on a ground of its own. */

export interface PosterParts {
  readonly id: string;
  readonly name: string;
}

/** Without words: its name stands beside it. What does not load leaves the letter to be seen. */
export function Poster({id, name}: PosterParts) {
  const [letter = ''] = name.trim();
  return (
    <span class={`poster ground-${id.charCodeAt(id.length - 1) % 6}`}>
      <span class="letter" aria-hidden="true">
        {letter.toUpperCase()}
      </span>
      <img src={`/api/jobs/${id}/poster`} alt="" loading="lazy" width="480" height="270" />
    </span>
  );
}
