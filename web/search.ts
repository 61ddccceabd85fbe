/** Owns what fits the words that somebody looks for: one expression made once, so that a hundred thousand jobs are soon gone through. */
import type {Job} from '../appliance/job.ts';

/** Between words of a file name: a blank is looked for as any of these, and so is each of these as any other. */
const between = /[\s._-]+/u;

/** In the name, the id, and all that is written on the card. */
export function searching(text: string): (job: Job) => boolean {
  const parts = text.normalize('NFC').split(between);
  // No part holds what stands between two, so that there is one way to fit: it cannot be made slow.
  const wanted = new RegExp(
    parts.map(part => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('[\\s._-]+'),
    'iu',
  );
  const fits = (words: string): boolean => wanted.test(isPlain.test(words) ? words : words.normalize('NFC'));
  return ({id, source, card}) => {
    if (fits(source.name) || fits(id)) return true;
    if (card === null) return false;
    const {title, notes, tags, episode} = card;
    return fits(title ?? '') || fits(episode?.series ?? '') || tags.some(fits) || fits(notes);
  };
}

const isPlain = /^[\0-\x7f]*$/;
