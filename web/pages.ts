/** Owns the plain pages as they are sent: read when first asked for, kept in memory. Never knows who looks at them. */
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import type {Context} from 'koa';
import type {PageRows} from '../appliance/api/page-rows.ts';
import {digestOf} from '../appliance/digest.ts';
import {ok} from '../appliance/result.ts';
import type {Handlers} from './handler.ts';
import {pageHeaders} from './headers.ts';
import {NotAnswered, problems} from './problem.ts';
import {wantedOf} from './range.ts';

export function aboutPages(): Handlers<PageRows> {
  const page = kept(() => fileOf('page.html'));
  return {
    ...{page, 'page.setup': page, 'page.join': page},
    'page.style': kept(() => fileOf('page.css')),
    'page.script': kept(async () => withoutTypes(await fileOf('page.ts'))),
    'page.icon': kept(() => fileOf('icon.svg')),
  };
}

function fileOf(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, 'pages', name), 'utf8');
}

function kept(read: () => Promise<string>) {
  let text: Promise<string> | undefined;
  return {
    answer: async () => {
      text ??= read();
      return ok(await text);
    },
  };
}

/** In a thread that ends: what takes the types out holds 23 MB for as long as its thread lives. */
async function withoutTypes(source: string): Promise<string> {
  const strip = `const {parentPort, workerData} = require('node:worker_threads');
    parentPort.postMessage(require('node:module').stripTypeScriptTypes(workerData));`;
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const thread = new Worker(strip, {eval: true, workerData: source, execArgv});
  const [text]: unknown[] = await once(thread, 'message');
  if (typeof text !== 'string') throw new Error('a page lost its script with its types');
  // Types leave blanks where they stood.
  return text.replaceAll(/[ \t]+$/gm, '').replaceAll(/\n{2,}/g, '\n');
}

/** Asked each time whether it still holds: a newer box has newer pages. */
export function sendPage(ctx: Context, text: string, type: string): void {
  const etag = `"${digestOf(text)}"`;
  for (const [name, value] of pageHeaders) ctx.set(name, value);
  ctx.set('ETag', etag);
  const condition = {
    'if-match': ctx.req.headers['if-match'],
    'if-none-match': ctx.req.headers['if-none-match'],
  };
  const wanted = wantedOf(ctx.method, condition, {size: text.length, etag, modified: 0}, 0);
  if (wanted.is === 'failed-precondition') throw new NotAnswered(problems.failedPrecondition());
  if (wanted.is === 'not-modified') {
    ctx.status = 304;
    return;
  }
  ctx.status = 200;
  ctx.set('Content-Type', type);
  ctx.body = text;
}
