/**
 * Owns which of the files that somebody chose are films, and which subtitles go with which film: by their names, as the box pairs
 * what lies in its inbox. Pure; never reads a file, and never has the last word, which is the box's.
 */

const filmEndings: ReadonlySet<string> = new Set([
  ...['mp4', 'm4v', 'mov', 'qt', 'mkv', 'webm', 'avi', 'divx', 'mpg', 'mpeg', 'mpe', 'vob', 'ts', 'm2ts'],
  ...['mts', 'm2t', '3gp', '3g2', 'flv', 'f4v', 'wmv', 'asf', 'ogv', 'ogm', 'mxf'],
]);
const subtitleEndings: ReadonlySet<string> = new Set(['srt', 'vtt', 'ass', 'ssa']);

/** Of a file field: what phones show as films, and the endings that they do not know. */
export const accepted = ['video/*', ...[...filmEndings, ...subtitleEndings].map(ending => `.${ending}`)].join(
  ',',
);

export interface Named {
  readonly name: string;
}

export interface Pair<F extends Named> {
  readonly film: F;
  readonly sidecars: readonly F[];
}

export interface Paired<F extends Named> {
  readonly pairs: readonly Pair<F>[];
  /** Subtitles without a film. */
  readonly alone: readonly F[];
  /** Neither. */
  readonly odd: readonly F[];
}

/** Subtitles go with the film whose name theirs begins with, the longest of them; with one film alone, all go with it. */
export function pairUp<F extends Named>(files: readonly F[]): Paired<F> {
  const films = files.filter(({name}) => filmEndings.has(endingOf(name)));
  const subtitles = files.filter(({name}) => subtitleEndings.has(endingOf(name)));
  const odd = files.filter(file => !films.includes(file) && !subtitles.includes(file));
  const filmOf = (name: string): F | undefined =>
    films.length === 1
      ? films[0]
      : films
          .filter(film => plain(name).startsWith(`${stemOf(plain(film.name))}.`))
          .toSorted((a, b) => b.name.length - a.name.length)[0];
  const withFilm = subtitles.map(file => ({file, film: filmOf(file.name)}));
  return {
    pairs: films.map(film => ({
      film,
      sidecars: withFilm.filter(each => each.film === film).map(({file}) => file),
    })),
    alone: withFilm.filter(({film}) => film === undefined).map(({file}) => file),
    odd,
  };
}

const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/gu;

/** Whether a file is called what the box calls an upload: it takes out what nobody sees. */
export function isCalled(name: string, shown: string): boolean {
  const clean = (text: string): string =>
    text.normalize('NFC').replaceAll(unseen, '').replaceAll(/\s+/gu, ' ').trim();
  return clean(name) === clean(shown);
}

const plain = (name: string): string => name.normalize('NFC').toLowerCase();

function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : plain(name.slice(dot + 1));
}

function stemOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}
