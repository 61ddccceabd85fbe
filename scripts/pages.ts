/**
 * Owns bundling the pages: `node scripts/pages.ts` makes web/pages/built of web/pages, and does nothing where that is as new as the
 * sources. Never runs on a box that only serves: scripts/setup has done it.
 */
import {cp, glob, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join, relative} from 'node:path';
import {type BuildOptions, build, type Metafile} from 'esbuild';
import {rowNames, rows} from '../appliance/api/rows.ts';
import {digestOf} from '../appliance/digest.ts';
import type {PagesManifest} from '../web/bundle.ts';
import {pageNames} from '../web/pages/pages.ts';

const root = join(import.meta.dirname, '..');
const pages = join(root, 'web/pages');
const built = join(pages, 'built');

/** What is larger is fetched by whoever needs it, and not by every phone in advance. */
const keptBytes = 100_000;

const common: BuildOptions = {
  bundle: true,
  format: 'esm',
  minify: true,
  metafile: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  absWorkingDir: root,
  logLevel: 'warning',
  legalComments: 'none',
};

/** Bundles if anything changed since; true when it did. */
export async function bundlePages(): Promise<boolean> {
  const sources = await digestOfSources();
  const known = await readFile(join(built, 'sources'), 'utf8').catch(() => '');
  if (known === sources) return false;
  const fresh = await mkdtemp(join(pages, '.built-'));
  try {
    await bundleInto(fresh);
    await writeFile(join(fresh, 'sources'), sources);
    // Two at once: both are right, and whoever comes last stays.
    const old = `${fresh}-old`;
    await rename(built, old).catch(() => undefined);
    await rename(fresh, built).catch(() => rm(fresh, {recursive: true}));
    await rm(old, {recursive: true, force: true});
  } catch (cause) {
    await rm(fresh, {recursive: true, force: true});
    throw cause;
  }
  return true;
}

async function bundleInto(folder: string): Promise<void> {
  const routes = Object.fromEntries(rowNames.map(name => [name, [rows[name].method, rows[name].path]]));
  const browser = await build({
    ...common,
    entryPoints: ['web/pages/client.tsx', 'web/pages/style.css'],
    outdir: join(folder, 'assets'),
    platform: 'browser',
    // The oldest that play our films from within a page.
    target: ['chrome111', 'firefox115', 'safari16.4'],
    splitting: true,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    define: {ROUTES: JSON.stringify(routes)},
  });
  await build({
    ...common,
    entryPoints: ['web/pages/server.tsx'],
    outfile: join(folder, 'server.js'),
    platform: 'node',
    target: 'node24',
  });
  const manifest = manifestOf(browser.metafile);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const assets = Object.entries(browser.metafile?.outputs ?? {})
    .filter(([, {bytes}]) => bytes <= keptBytes)
    .map(([output]) => addressOf(output));
  await build({
    ...common,
    entryPoints: ['web/pages/worker/worker.ts'],
    outfile: join(folder, 'sw.js'),
    platform: 'browser',
    format: 'iife',
    // A worker is fetched again only when a byte of it changes: the names hold digests.
    define: {ASSETS: JSON.stringify(assets)},
  });
  await mkdir(join(folder, 'assets'), {recursive: true});
  for (const name of ['icon.svg', 'manifest.webmanifest', 'icon-180.png', 'icon-192.png', 'icon-512.png'])
    await cp(join(pages, 'static', name), join(folder, name));
}

const addressOf = (output: string): string => `/assets/${basename(output)}`;

function manifestOf(metafile: Metafile | undefined): PagesManifest {
  const outputs = Object.entries(metafile?.outputs ?? {});
  const of = (source: string) => outputs.find(([, {entryPoint}]) => entryPoint === source);
  const named = (source: string): string => {
    const found = of(source);
    if (found === undefined) throw new Error(`nothing was bundled of ${source}`);
    return addressOf(found[0]);
  };
  const entry = named('web/pages/client.tsx');
  const loaded = Object.fromEntries(
    pageNames.map(name => {
      const view = ['setup', 'join'].includes(name) ? 'redeem' : name;
      const found = of(`web/pages/views/${view}.tsx`);
      if (found === undefined) throw new Error(`nothing was bundled of the page ${name}`);
      const all = needed(found[0], Object.fromEntries(outputs));
      return [name, [...all].map(addressOf).filter(address => address !== entry)];
    }),
  );
  return {style: named('web/pages/style.css'), entry, pages: loaded};
}

/** A file and all that it cannot run without. */
function needed(output: string, outputs: Metafile['outputs'], seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(output)) return seen;
  seen.add(output);
  for (const {path, kind} of outputs[output]?.imports ?? [])
    if (kind === 'import-statement') needed(path, outputs, seen);
  return seen;
}

/** Also of what the pages import from elsewhere, of the routes, and of this file. */
async function digestOfSources(): Promise<string> {
  const names = ['package-lock.json', relative(root, import.meta.filename)];
  for await (const name of glob(['web/pages/**/*', 'appliance/**/*.ts'], {cwd: root, exclude: leftOut}))
    names.push(name);
  const texts = await Promise.all(
    names.toSorted().map(async name => {
      const bytes = await readFile(join(root, name)).catch(() => undefined);
      return bytes === undefined ? '' : `${name} ${digestOf(bytes)}`;
    }),
  );
  return digestOf(texts.join('\n'));
}

const leftOut = (name: string): boolean => /(?:^|\/)(?:built|\.built-[^/]*)(?:\/|$)/.test(name);

if (process.argv[1] === import.meta.filename) {
  const isNew = await bundlePages();
  process.stdout.write(isNew ? `${relative(process.cwd(), dirname(built))} bundled\n` : '');
}
