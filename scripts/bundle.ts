/**
 * Owns what the pages are bundled into: a core that stands in every page, a file for each view, and one for each library that only some
 * need. A view has none of what the core has: it takes that from there, so that there is one of each however somebody came. Never
 * decides when.
 */
import {writeFile} from 'node:fs/promises';
import {join, relative} from 'node:path';
import {type BuildOptions, build, type Metafile, type Plugin} from 'esbuild';
import {digestOf} from '../appliance/digest.ts';
import type {PagesManifest} from '../web/bundle.ts';
import {pageNames, viewOf} from '../web/pages/pages.ts';

const root = join(import.meta.dirname, '..');
const client = 'web/pages/client.tsx';
const sourceOf = (view: string): string => `web/pages/views/${view}.tsx`;
const views = [...new Set(pageNames.map(viewOf))];

export const common = {
  bundle: true,
  format: 'esm',
  minify: true,
  metafile: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  absWorkingDir: root,
  logLevel: 'warning',
  legalComments: 'none',
} as const satisfies BuildOptions;

const browser = {
  ...common,
  platform: 'browser',
  // The oldest that play our films from within a page.
  target: ['chrome111', 'firefox115', 'safari16.4'],
  write: false,
} as const satisfies BuildOptions;

export interface BrowserBundle {
  readonly manifest: PagesManifest;
  /** What a page loads later, by its address, and how many bytes it has. */
  readonly assets: readonly {readonly address: string; readonly bytes: number}[];
}

/** Writes into `assets/` and `core.js` of the folder. */
export async function bundleForBrowsers(
  folder: string,
  define: Readonly<Record<string, string>>,
): Promise<BrowserBundle> {
  const assets: {address: string; bytes: number}[] = [];
  const keep = async (name: string, ending: string, text: string): Promise<string> => {
    // As the row of assets takes their names.
    const file = `${name.replaceAll(/[^A-Za-z0-9_-]/g, '-')}-${digestOf(text).slice(0, 10)}.${ending}`;
    await writeFile(join(folder, 'assets', file), text);
    const address = `/assets/${file}`;
    assets.push({address, bytes: Buffer.byteLength(text)});
    return address;
  };
  const {inCore, later} = await look();
  const libraries = new Map<string, string>();
  for (const path of later) {
    const name = /node_modules\/([^/]+)|([^/]+)\.ts$/.exec(path)?.slice(1).find(Boolean) ?? 'library';
    libraries.set(path, await keep(name, 'js', await textOf({...browser, entryPoints: [path], define})));
  }
  const shared = new Set<string>();
  const parts = await Promise.all(
    views.map(async view => {
      const contents = `import {page} from './${sourceOf(view)}'; dubstead.views.${view} = page;`;
      const text = await textOf({
        ...{...browser, define, format: 'iife', stdin: {contents, resolveDir: root}},
        plugins: [elsewhere(libraries, inCore, path => shared.add(path))],
      });
      return [view, await keep(view, 'js', text)] as const;
    }),
  );
  const addresses = Object.fromEntries(parts);
  const core = await textOf({
    ...{...browser, format: 'iife', stdin: {contents: coreOf([...shared].toSorted()), resolveDir: root}},
    define: {...define, VIEWS: JSON.stringify(addresses)},
    plugins: [elsewhere(libraries)],
  });
  await writeFile(join(folder, 'core.js'), core);
  const style = await keep('style', 'css', await textOf({...browser, entryPoints: ['web/pages/style.css']}));
  const pages = Object.fromEntries(pageNames.map(name => [name, addresses[viewOf(name)] ?? '']));
  return {manifest: {style, pages}, assets};
}

const coreOf = (shared: readonly string[]): string =>
  [
    ...shared.map((path, i) => `import * as part${i} from './${path}';`),
    `import {begin} from './${client}';`,
    `globalThis.dubstead = {begin, views: {}, parts: {${shared.map((path, i) => `'${path}': part${i}`)}}};`,
  ].join('\n');

async function textOf(options: BuildOptions): Promise<string> {
  const {outputFiles = []} = await build({...options, write: false});
  const [only, ...more] = outputFiles;
  if (only === undefined || more.length > 0)
    throw new Error(`not one file was made of ${options.entryPoints}`);
  return only.text;
}

interface Looked {
  /** Modules that the core has in any case. */
  readonly inCore: ReadonlySet<string>;
  /** Libraries that are fetched when they are wanted. */
  readonly later: ReadonlySet<string>;
}

async function look(): Promise<Looked> {
  const {metafile} = await build({
    ...{...browser, splitting: true, outdir: 'nowhere', entryPoints: [client, ...views.map(sourceOf)]},
  });
  const later = Object.values(metafile.inputs)
    .flatMap(({imports}) => imports)
    .filter(({kind}) => kind === 'dynamic-import')
    .map(({path}) => path);
  return {inCore: needed(client, metafile.inputs), later: new Set(later)};
}

/** A module and all that it cannot run without. */
function needed(path: string, inputs: Metafile['inputs'], seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const {path: next, kind} of inputs[path]?.imports ?? [])
    if (kind === 'import-statement') needed(next, inputs, seen);
  return seen;
}

/** Leaves out libraries, which have an address, and what the core has, which is told. */
function elsewhere(
  libraries: ReadonlyMap<string, string>,
  inCore: ReadonlySet<string> = new Set(),
  tell: (path: string) => void = () => {},
): Plugin {
  return {
    name: 'elsewhere',
    setup({onResolve, onLoad, resolve}) {
      onResolve({filter: /.*/}, async ({path, pluginData, kind, ...rest}) => {
        if (pluginData === 'looked' || kind === 'entry-point') return;
        const found = await resolve(path, {...rest, kind, pluginData: 'looked'});
        if (found.errors.length > 0) return found;
        const source = relative(root, found.path);
        const library = kind === 'dynamic-import' ? libraries.get(source) : undefined;
        if (library !== undefined) return {path: library, external: true};
        // By the name of a CommonJS module: which names it exports is known only once it runs.
        return inCore.has(source) ? {path: `${source}.cjs`, namespace: 'core'} : found;
      });
      onLoad({filter: /.*/, namespace: 'core'}, ({path}) => {
        const source = path.slice(0, -'.cjs'.length);
        tell(source);
        return {contents: `module.exports = dubstead.parts['${source}'];`};
      });
    },
  };
}
