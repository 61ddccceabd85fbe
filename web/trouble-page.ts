/** Owns how a no looks to somebody who opened a page: what happened, what to do, and the way home. Never decides that it is one. */
import type {Context} from 'koa';
import {pageHeaders} from './headers.ts';
import type {Refused} from './problem.ts';

/** A person in a browser, and no script: what they asked for is a document. */
export function wantsPage(ctx: Context): boolean {
  const asksDocument = ctx.method === 'GET' || ctx.method === 'HEAD';
  return asksDocument && ctx.accepts('application/json', 'text/html') === 'text/html';
}

export function answerWithPage(ctx: Context, refused: Refused, style: string | null): void {
  for (const [name, value] of pageHeaders()) ctx.set(name, value);
  ctx.set('Cache-Control', 'no-store');
  if (refused.code === 'unknown-caller') {
    ctx.status = 303;
    ctx.set('Location', `/login?next=${encodeURIComponent(ctx.path.slice(0, 200))}`);
    ctx.body = '';
    return;
  }
  ctx.status = refused.status;
  ctx.set('Content-Type', 'text/html; charset=utf-8');
  ctx.body = troublePage(refused, style);
}

function troublePage({what, fix}: Refused, style: string | null): string {
  const look = style === null ? '' : `<link rel="stylesheet" href="${style}">`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dubstead</title>',
    `<meta name="viewport" content="width=device-width, initial-scale=1">${look}</head>`,
    `<body class="bare"><main><h1>${escaped(what)}</h1><p>${escaped(fix)}</p>`,
    '<p><a class="button" href="/">Home</a></p></main></body></html>',
  ].join('\n');
}

const names: Readonly<Record<string, string>> = {'&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39'};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, sign => `&${names[sign]};`);
}
