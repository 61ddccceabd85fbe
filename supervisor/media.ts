/**
 * Owns the folders of films that MEDIA_DIRS names: what lies in them, and handing a film of them over. Every folder on the
 * way is opened by itself and without following links; where one lies is told nobody.
 */
import {type FileHandle, readdir} from 'node:fs/promises';
import {basename} from 'node:path';
import type {MediaEntry} from '../appliance/api/media-shapes.ts';
import {FileName, type Job} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {JobNow, Trouble} from '../web/box.ts';
import type {Media, MediaAsk, MediaListAsk} from '../web/media.ts';
import type {Admissions} from './admissions.ts';
import {codeOf, look, openFolder, pathOf} from './inbox/folder.ts';
import {filmEndings, type Name, nameOf, nameOfBytes, readName, subtitleEndings} from './inbox/names.ts';
import {stored} from './stored.ts';

export interface MediaParts {
  readonly dirs: readonly string[];
  readonly admissions: Pick<Admissions, 'byPath'>;
  readonly shown: (job: Job) => JobNow;
}

type Answer<T> = Promise<Result<T, Trouble>>;

export class HomeMedia implements Media {
  readonly folders: Media['folders'];
  readonly #parts: MediaParts;

  constructor(parts: MediaParts) {
    this.#parts = parts;
    this.folders = parts.dirs.map((dir, i) => ({folder: i + 1, label: basename(dir).slice(0, 255)}));
  }

  list({folder, path, after, limit}: MediaListAsk): ReturnType<Media['list']> {
    return this.#within(folder, path, async open => {
      const entries: MediaEntry[] = [];
      let more = false;
      for (const name of namesAfter(await readdir(pathOf(open), 'latin1'), after)) {
        const entry = await entryOf(open, name);
        if (entry === undefined) continue;
        more = entries.length === limit;
        if (more) break;
        entries.push(entry);
      }
      return ok({entries, more});
    });
  }

  submit(ask: MediaAsk, signal: AbortSignal): Answer<{readonly made: boolean} & JobNow> {
    const {folder, file, sidecars, ...wishes} = ask;
    const parts = file.split('/');
    const name = parts.pop() ?? '';
    const inside = parts.length === 0 ? null : parts.join('/');
    // Subtitles lie beside their film: what is named elsewhere would need a second open folder each.
    if (sidecars.some(each => parentOf(each) !== inside))
      return Promise.resolve(no({reason: 'no-such-media'}));
    return stored(() =>
      this.#within(folder, inside, async open => {
        const at = (each: string): string => `${pathOf(open)}/${basename(each)}`;
        const asked = {...wishes, path: at(name), sidecars: sidecars.map(at)};
        const taken = await this.#parts.admissions.byPath(asked, signal, file);
        return taken.ok ? ok({made: taken.value.made, ...this.#parts.shown(taken.value.job)}) : taken;
      }),
    );
  }

  async #within<T>(folder: number, path: string | null, work: (open: FileHandle) => Answer<T>): Answer<T> {
    const dir = this.#parts.dirs[folder - 1];
    if (dir === undefined) return no({reason: 'no-such-media'});
    let open: FileHandle;
    try {
      open = await openFolder(dir, path === null ? [] : path.split('/').map(nameOf));
    } catch (cause) {
      if (notThere.has(codeOf(cause))) return no({reason: 'no-such-media'});
      throw cause;
    }
    try {
      return await work(open);
    } finally {
      await open.close();
    }
  }
}

/** Gone, closed to us, or a link or a file where a folder was to be. */
const notThere: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
]);

function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/');
  return end < 0 ? null : path.slice(0, end);
}

/** In the order of their bytes; what cannot be asked for by name is left out. */
function namesAfter(given: readonly string[], after: string | null): readonly Name[] {
  const from = after === null ? null : nameOf(after);
  const names = given.filter(name => !name.startsWith('.') && (from === null || name > from));
  return names.toSorted().map(nameOfBytes);
}

async function entryOf(folder: FileHandle, name: Name): Promise<MediaEntry | undefined> {
  const text = readName(name);
  const plain = text.ok ? FileName.safeParse(text.value) : undefined;
  if (plain?.success !== true) return undefined;
  const seen = await look(folder, name);
  if (seen === undefined || (seen.type !== 'file' && seen.type !== 'folder')) return undefined;
  const isFolder = seen.type === 'folder';
  return {
    ...{name: plain.data, kind: isFolder ? 'folder' : kindOf(plain.data)},
    ...{bytes: isFolder ? null : seen.bytes, modified: Math.max(0, Math.trunc(seen.modifiedMs))},
  };
}

function kindOf(name: string): 'film' | 'subtitles' | 'other' {
  const ending = name.split('.').at(-1)?.toLowerCase() ?? '';
  if (filmEndings.has(ending)) return 'film';
  return subtitleEndings.has(ending) ? 'subtitles' : 'other';
}
