/**
 * Owns bundling the pages: `node scripts/pages.ts` makes web/pages/built of web/pages, and does nothing where that is as new as the
 * sources. Never runs on a box that only serves: scripts/setup has done it.
 */
import {cp, glob, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {build} from 'esbuild';
import {rowNames, rows} from '../appliance/api/rows.ts';
import {digestOf} from '../appliance/digest.ts';
import {bundleForBrowsers, common} from './bundle.ts';

const root = join(import.meta.dirname, '..');
const pages = join(root, 'web/pages');
const built = join(pages, 'built');

/** What is larger is fetched by whoever needs it, and not by every phone in advance. */
const keptBytes = 100_000;

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
  await mkdir(join(folder, 'assets'), {recursive: true});
  const routes = Object.fromEntries(rowNames.map(name => [name, [rows[name].method, rows[name].path]]));
  const {manifest, assets} = await bundleForBrowsers(folder, {ROUTES: JSON.stringify(routes)});
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await build({
    ...common,
    entryPoints: ['web/pages/server.tsx'],
    outfile: join(folder, 'server.js'),
    platform: 'node',
    target: 'node24',
  });
  const kept = assets.filter(({bytes}) => bytes <= keptBytes).map(({address}) => address);
  await build({
    ...common,
    entryPoints: ['web/pages/worker/worker.ts'],
    outfile: join(folder, 'sw.js'),
    platform: 'browser',
    format: 'iife',
    // A worker is fetched again only when a byte of it changes: the names hold digests.
    define: {ASSETS: JSON.stringify(kept)},
  });
  for (const name of ['icon.svg', 'manifest.webmanifest', 'icon-180.png', 'icon-192.png', 'icon-512.png'])
    await cp(join(pages, 'static', name), join(folder, name));
}

/** Also of what the pages import from elsewhere, of the routes, and of how they are bundled. */
async function digestOfSources(): Promise<string> {
  const names = ['package-lock.json', 'scripts/bundle.ts', relative(root, import.meta.filename)];
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
