/**
 * Owns what the pages were bundled into, in `web/pages/built`: read when first asked for, kept in memory. Never bundles anything:
 * that is scripts/pages.ts, which scripts/setup runs.
 */
import {createHash} from 'node:crypto';
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
  readonly assetsOf: (name: PageName) => PageAssets;
}

/** What stands in a page, and the digests by which its policy lets it. */
export interface PageAssets extends Assets {
  readonly digests: Required<PageAnswer>['inline'];
}

export const PagesManifest = z.object({
  style: z.string(),
  /** The view of each page; the core, which stands in all of them, is `core.js`. */
  pages: z.record(z.string(), z.string()),
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
    return manifestOf().then(
      ({style}) => style,
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

async function manifestOf(): Promise<PagesManifest> {
  return PagesManifest.parse(JSON.parse(await textOf('manifest.json')));
}

async function load(): Promise<BuiltPages> {
  const {style: styleAt, pages} = await manifestOf();
  const {draw}: {draw: Draw} = await import(pathToFileURL(join(folder, 'server.js')).href);
  const [core, style] = await Promise.all([textOf('core.js'), textOf(styleAt)]);
  const all = new Map<string, PageAssets>();
  for (const [name, view] of Object.entries(pages)) {
    const script = `${core}${await textOf(view)}dubstead.begin();`;
    if (/<\/script|<!--/i.test(script)) throw new Error(`the script of ${name} cannot stand in a page`);
    all.set(name, {style, script, digests: {style: sourceDigest(style), script: sourceDigest(script)}});
  }
  const assetsOf = (name: PageName): PageAssets => {
    const found = all.get(name);
    if (found === undefined) throw new Error(`nothing was bundled of the page ${name}`);
    return found;
  };
  return {draw, assetsOf};
}

const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(notBuilt);

/** As a Content-Security-Policy names what stands in a page. */
const sourceDigest = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

function notBuilt(cause: unknown): never {
  throw new Failed({reason: 'not-writable', path: folder, detail: 'the pages were not bundled'}, {cause});
}
