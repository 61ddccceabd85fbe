/**
 * Owns which sidecars in a folder go with which of its films: subtitles by the marks in their names, as the job reads
 * them later, and `film.dub.json`. Never opens one.
 */
import {readLanguage} from '../../appliance/languages.ts';

export interface Pairing {
  /** Sidecars of each film that has some, sorted. */
  readonly sidecars: ReadonlyMap<string, readonly string[]>;
  /** Films of each sidecar; none where its film is not there. */
  readonly films: ReadonlyMap<string, readonly string[]>;
}

/** Marks that say what kind of subtitle it is, not in which language. */
const plainMarks: ReadonlySet<string> = new Set([
  ...['default', 'full', 'sub', 'subs', 'subtitle', 'subtitles', 'sdh', 'cc', 'hi'],
  ...['forced', 'signs', 'songs', 'commentary'],
]);

/** The name without its last ending, in the one spelling of each character that names are compared in. */
export function stemOf(film: string): string {
  return film.replace(/\.[^.]*$/, '').normalize('NFC');
}

/** A sidecar goes with the film of the longest name that it fits; with several of one stem, with each of them. */
export function pair(films: readonly string[], sidecars: readonly string[]): Pairing {
  const byStem = new Map<string, string[]>();
  for (const film of films) {
    const stem = stemOf(film);
    byStem.set(stem, [...(byStem.get(stem) ?? []), film]);
  }
  const pairing = {sidecars: new Map<string, string[]>(), films: new Map<string, readonly string[]>()};
  for (const sidecar of sidecars.toSorted()) {
    const stem = stemsFor(sidecar).find(candidate => byStem.has(candidate));
    const itsFilms = stem === undefined ? [] : (byStem.get(stem) ?? []);
    pairing.films.set(sidecar, itsFilms);
    for (const film of itsFilms) {
      pairing.sidecars.set(film, [...(pairing.sidecars.get(film) ?? []), sidecar]);
    }
  }
  return pairing;
}

/** Every stem that a film of this sidecar can have, longest first. */
function stemsFor(sidecar: string): readonly string[] {
  const options = /^(.+)\.dub\.json$/isu.exec(sidecar)?.[1];
  if (options !== undefined) return [options.normalize('NFC')];
  const base = stemOf(sidecar);
  const stems = [base];
  for (let at = base.lastIndexOf('.'); at > 0; at = base.lastIndexOf('.', at - 1)) {
    if (areMarks(base.slice(at))) stems.push(base.slice(0, at));
  }
  return stems;
}

/** `.es`, `.en.sdh` and `.forced` are marks; `.part2` and `.nl`, a language unknown here, are of another name. */
function areMarks(rest: string): boolean {
  const marks = rest
    .toLowerCase()
    .split(/[.\s()[\]]+/u)
    .filter(mark => mark !== '' && !plainMarks.has(mark));
  return marks.length === 0 || marks.some(mark => readLanguage(mark) !== undefined);
}
