/** The job process is compiled before there is a job, and whoever ends the daemon does not wait for that. */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {workerProgram} from '../../supervisor/confine/confine.ts';
import {prime} from '../../supervisor/priming.ts';
import {checkout} from './place.ts';

const program = workerProgram(process.execPath, checkout);

async function compiledIn(folder: string): Promise<number> {
  const names = await readdir(folder, {recursive: true}).catch(() => []);
  return names.length;
}

t.test('what a job process loads is compiled afterwards', async t => {
  const compileCache = join(t.testdir(), 'compiled');
  await prime({program, compileCache, signal: new AbortController().signal});
  t.ok((await compiledIn(compileCache)) > 50, 'its modules and those of its packages');
});

t.test('told to end it ends, and a program that is not there is nobody’s trouble', async t => {
  const compileCache = join(t.testdir(), 'compiled');
  await prime({program, compileCache, signal: AbortSignal.abort()});
  t.equal(await compiledIn(compileCache), 0);
  await prime({program: ['/nonexistent/node'], compileCache, signal: new AbortController().signal});
});
