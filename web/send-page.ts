/** Owns sending a page and what it loads: its policy, how long it is kept, packed where the browser takes that. */
import type {Context} from 'koa';
import type {Answer, PageAnswer} from '../appliance/api/row.ts';
import {digestOf} from '../appliance/digest.ts';
import {pageHeaders} from './headers.ts';
import {NotAnswered, problems} from './problem.ts';
import {wantedOf} from './range.ts';

const keeping = {
  never: 'no-store',
  /** Asked each time whether it still holds: a newer box has newer ones. */
  checked: 'no-cache',
  forever: 'public, max-age=31536000, immutable',
} as const;

export function sendPage(
  ctx: Context,
  page: PageAnswer,
  {type, kept}: Extract<Answer, {readonly is: 'page'}>,
): void {
  for (const [name, value] of pageHeaders(page.inline)) ctx.set(name, value);
  ctx.set('Cache-Control', keeping[kept]);
  if (kept !== 'never' && !isNews(ctx, page)) {
    ctx.status = 304;
    return;
  }
  ctx.status = 200;
  ctx.set('Content-Type', page.type ?? type);
  if (page.gzip !== undefined) ctx.set('Vary', 'Accept-Encoding');
  const packed = page.gzip !== undefined && ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (packed) ctx.set('Content-Encoding', 'gzip');
  ctx.body = packed
    ? Buffer.from(page.gzip)
    : typeof page.body === 'string'
      ? page.body
      : Buffer.from(page.body);
}

function isNews(ctx: Context, {body}: PageAnswer): boolean {
  const etag = `"${digestOf(body)}"`;
  ctx.set('ETag', etag);
  const condition = {
    'if-match': ctx.req.headers['if-match'],
    'if-none-match': ctx.req.headers['if-none-match'],
  };
  const wanted = wantedOf(ctx.method, condition, {size: body.length, etag, modified: 0}, 0);
  if (wanted.is === 'failed-precondition') throw new NotAnswered(problems.failedPrecondition());
  return wanted.is !== 'not-modified';
}
