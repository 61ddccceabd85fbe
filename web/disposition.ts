/** Owns how a file's name goes into a header field (RFC 6266 and 8187), so that it is a name for every client. */
import {cleanName} from './show.ts';

/** `inline`: shown where it can be; `attachment`: kept under this name. */
export type Manner = 'inline' | 'attachment';

const nameLimit = 200;

export function disposition(manner: Manner, name: string): string {
  const full = fileName(name);
  const plain = full.replaceAll(/[^\x20-\x7e]/gu, '_').replaceAll(/["%]/g, '_');
  const field = `${manner}; filename="${plain}"`;
  return plain === full ? field : `${field}; filename*=UTF-8''${encoded(full)}`;
}

/** Without what ends a path or hides in one; a client puts it into a folder of its own. */
function fileName(name: string): string {
  const clean = cleanName(name)
    .toWellFormed()
    .replaceAll(/[/\\]/g, '_')
    .replace(/^[. ]+/, '');
  const chars = [...clean];
  const ending = /\.[^.]{1,20}$/.exec(clean)?.[0] ?? '';
  // What a name ends with says how it is opened, so it is the middle that goes.
  const short =
    chars.length > nameLimit ? chars.slice(0, nameLimit - ending.length).join('') + ending : clean;
  return short === '' ? 'file' : short;
}

/** The characters of attr-char stand for themselves, all others as their bytes. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
