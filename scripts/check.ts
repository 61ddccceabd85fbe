/**
 * Owns `npm run check`: format, lint, types, the direction of imports and the dependencies, one line a step, details
 * only of what failed. Never changes a file.
 */
import {spawn} from 'node:child_process';
import {glob, readFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {dependencyFaults, Lockfile, Manifest} from './check/dependencies.ts';
import {folders, importFaults, manyImporters, type Source} from './check/imports.ts';

interface Step {
  readonly name: string;
  /** What is wrong, in words; nothing when all is well. */
  faults(): Promise<string>;
  hints?(): Promise<readonly string[]>;
}

const root = join(import.meta.dirname, '..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** The slowest first: they set how long all of it takes. */
const steps: readonly Step[] = [
  {
    name: 'promises and switches (eslint)',
    faults: () => tool('eslint', [...folders, '--no-error-on-unmatched-pattern']),
  },
  {name: 'types (tsc)', faults: () => tool('tsc', ['-p', '.', '--pretty', 'false'])},
  {
    name: 'types of the pages (tsc)',
    faults: () => tool('tsc', ['-p', 'web/pages', '--pretty', 'false']),
  },
  {
    name: 'types of the pages’ worker (tsc)',
    faults: () => tool('tsc', ['-p', 'web/pages/worker', '--pretty', 'false']),
  },
  {
    name: 'format and lint (biome)',
    faults: () => tool('biome', ['check', '--colors=off', '--error-on-warnings']),
  },
  {
    name: 'imports',
    async faults() {
      const {dependencies, devDependencies, optionalDependencies} = await manifest();
      const packages = {
        dependencies: Object.keys({...dependencies, ...optionalDependencies}),
        devDependencies: Object.keys(devDependencies),
      };
      return importFaults(await sources(), packages).join('\n');
    },
    hints: async () => manyImporters(await sources()),
  },
  {
    name: 'dependencies',
    async faults() {
      const lockfile = Lockfile.parse(JSON.parse(await read('package-lock.json')));
      const debian = await read('scripts/debian-packages.txt');
      const reasons = await read('docs/dependencies.md');
      return dependencyFaults({manifest: await manifest(), lockfile, debian, reasons}).join('\n');
    },
  },
];

async function manifest(): Promise<Manifest> {
  return Manifest.parse(JSON.parse(await read('package.json')));
}

async function sources(): Promise<readonly Source[]> {
  const paths = await Array.fromAsync(glob(`{${folders.join(',')}}/**/*.{ts,tsx}`, {cwd: root}));
  return Promise.all(paths.sort().map(async path => ({path, text: await read(path)})));
}

/** What a tool of node_modules had to say, when it was not content. */
function tool(name: string, argv: readonly string[]): Promise<string> {
  const child = spawn(join(root, 'node_modules/.bin', name), argv, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      NO_COLOR: '1',
    },
  });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString('utf8');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code === 0 ? '' : said.trim() || `${name} ended with ${signal ?? code} and said nothing.`);
    });
  });
}

/** True when the step found nothing wrong. */
async function walk(step: Step): Promise<boolean> {
  const started = performance.now();
  const faults = await step.faults().catch((cause: unknown) => String(cause));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const sound = faults === '';
  const lines = [`${sound ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s  ${step.name}`];
  if (!sound) lines.push(indented(faults));
  for (const hint of (await step.hints?.()) ?? []) lines.push(indented(`hint: ${hint}`));
  console.log(lines.join('\n'));
  return sound;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}

/** As many at once as there are processors. */
async function main(): Promise<void> {
  const waiting = [...steps];
  const walker = async (): Promise<boolean> => {
    let sound = true;
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      sound = (await walk(step)) && sound;
    }
    return sound;
  };
  const sound = await Promise.all(Array.from({length: availableParallelism()}, walker));
  process.exitCode = sound.every(Boolean) ? 0 : 1;
}

await main();
