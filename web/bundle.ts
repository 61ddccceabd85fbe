/**
 * Owns what the pages were bundled into, in `web/pages/built`: read when first asked for, kept in memory. Never bundles anything:
 * that is scripts/pages.ts, which scripts/setup runs.
 */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import {z} from 'zod';
import type {PageAnswer} from '../appliance/api/row.ts';
import {Failed} from '../appliance/failure.ts';
import type {Assets, Draw} from './pages/drawing.ts';
import type {PageName} from './pages/pages.ts';

export interface BuiltPages {
  readonly draw: Draw;
  readonly assetsOf: (name: PageName) => Assets;
}

export const PagesManifest = z.object({
  style: z.string(),
  entry: z.string(),
  /** What each page needs besides the entry, so that it is fetched at once. */
  pages: z.record(z.string(), z.array(z.string())),
});
export type PagesManifest = z.infer<typeof PagesManifest>;

const pack = promisify(gzip);
const folder = join(import.meta.dirname, 'pages', 'built');
const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export class Bundle {
  #built: Promise<BuiltPages> | undefined;
  readonly #files = new Map<string, Promise<PageAnswer>>();
  #names: Promise<ReadonlySet<string>> | undefined;

  /** Null where nothing was bundled: a no looks plain then. */
  async style(): Promise<string | null> {
    return this.load().then(
      ({assetsOf}) => assetsOf('home').style,
      () => null,
    );
  }

  load(): Promise<BuiltPages> {
    this.#built ??= load();
    return this.#built;
  }

  /** Undefined for what was not bundled. */
  async asset(name: string): Promise<PageAnswer | undefined> {
    this.#names ??= readdir(join(folder, 'assets')).then(names => new Set(names));
    return (await this.#names).has(name) ? this.file(`assets/${name}`) : undefined;
  }

  file(name: string): Promise<PageAnswer> {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const read = this.#read(name);
    this.#files.set(name, read);
    return read;
  }

  async #read(name: string): Promise<PageAnswer> {
    const body = await readFile(join(folder, name)).catch(notBuilt);
    const ending = name.slice(name.lastIndexOf('.') + 1);
    const type = types[ending];
    if (ending === 'png') return {body};
    return {body, gzip: await pack(body, {level: 9}), ...(type === undefined ? {} : {type})};
  }
}

async function load(): Promise<BuiltPages> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(notBuilt);
  const {style, entry, pages} = PagesManifest.parse(JSON.parse(text));
  const {draw}: {draw: Draw} = await import(pathToFileURL(join(folder, 'server.js')).href);
  return {draw, assetsOf: name => ({style, scripts: [entry, ...(pages[name] ?? [])]})};
}

function notBuilt(cause: unknown): never {
  throw new Failed({reason: 'not-writable', path: folder, detail: 'the pages were not bundled'}, {cause});
}
