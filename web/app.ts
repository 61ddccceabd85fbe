/**
 * Owns the way of a request: its number, the headers of every answer, the row that it is for, and the answer when that
 * is no. Built from rows and handlers; says nothing of what they do. The only importer of Koa and its router.
 */
import {randomUUID} from 'node:crypto';
import type {IncomingMessage, RequestListener} from 'node:http';
import Router from '@koa/router';
import Koa, {type Context} from 'koa';
import type {Row} from '../appliance/api/row.ts';
import {type Rows, rowNames, rows} from '../appliance/api/rows.ts';
import type {ProblemAnswer} from '../appliance/api/shapes.ts';
import {Failed} from '../appliance/failure.ts';
import type {Bundle} from './bundle.ts';
import {corsHeaders, preflightHeaders} from './cors.ts';
import type {RequestLog} from './door.ts';
import {Endpoint, type Known, type World} from './enforce.ts';
import type {AnyHandler, Handlers} from './handler.ts';
import {answerHeaders} from './headers.ts';
import {addressLimit, pathOf} from './parse.ts';
import {NotAnswered, ofFailure, problems, type Refused} from './problem.ts';
import {answerWithPage, wantsPage} from './trouble-page.ts';
import {Views} from './views.ts';

export interface AppSetting extends Omit<World, 'views'> {
  readonly handlers: Handlers<Rows>;
  readonly log: RequestLog;
  /** How a no looks to people. */
  readonly bundle: Pick<Bundle, 'style'>;
  /** Why a request is nobody's business here, before it is looked at; undefined when it may go on. */
  readonly admit: (request: IncomingMessage) => Refused | undefined | Promise<Refused | undefined>;
  /** Pages of these may ask, besides the box's own. */
  readonly origins: ReadonlySet<string>;
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
  /** Aborted when the listener stops: connections are not kept for another request then. */
  readonly stopping: AbortSignal;
}

export function createApp(setting: AppSetting): RequestListener {
  const app = new Koa();
  app.on('error', (cause: unknown) => {
    // All that a request throws is answered before it gets here; what is left is a connection that broke.
    if (!isHangUp(cause)) setting.log.fault({requestId: '-', route: null, cause});
  });
  app.use((ctx, next) => around(ctx, next, setting));
  app.use(async (ctx, next) => {
    const refused = await setting.admit(ctx.req);
    if (refused !== undefined) throw new NotAnswered(refused);
    if (ctx.req.url !== undefined && ctx.req.url.length > addressLimit) {
      throw new NotAnswered(problems.uriTooLong(addressLimit));
    }
    if (pathOf(ctx.req.url ?? '') === undefined) throw new NotAnswered(problems.notFound());
    return next();
  });
  const router = routerFor(setting);
  app.use(router.routes());
  app.use(ctx => unmatched(ctx, setting.origins));
  const answer = app.callback();
  return (req, res) => void answer(req, res);
}

function routerFor(setting: AppSetting): Router {
  const router = new Router({sensitive: true, strict: true});
  const world: World = {...setting, views: new Views(setting.now)};
  // `/api/jobs/events` before `/api/jobs/:id`: what is spelled out goes first.
  const ordered = rowNames.toSorted((a, b) => fieldCount(rows[a]) - fieldCount(rows[b]));
  for (const name of ordered) {
    const row: Row = rows[name];
    const handler: AnyHandler = setting.handlers[name];
    const endpoint = new Endpoint(row, handler, world);
    router.register(row.path, [row.method], async (ctx: Context) => {
      const known = knownOf(ctx);
      known.route = name;
      await endpoint.serve(ctx, known, cause => refusedFor(cause, known.requestId).code);
    });
  }
  return router;
}

function fieldCount({path}: Row): number {
  return path.split(':').length;
}

/** No row for this path and method: another method, or nothing at all. */
function unmatched(ctx: Context, origins: ReadonlySet<string>): void {
  const layers: readonly {readonly methods: readonly string[]}[] = ctx['matched'] ?? [];
  const methods = [...new Set(layers.flatMap(layer => layer.methods))];
  if (methods.length === 0) throw new NotAnswered(problems.notFound());
  const allowed = [...new Set([...methods, 'OPTIONS'])].toSorted().join(', ');
  if (ctx.method !== 'OPTIONS') throw new NotAnswered(problems.wrongMethod(ctx.method, allowed));
  ctx.status = 204;
  ctx.set('Allow', allowed);
  if (origins.has(ctx.get('Origin')))
    for (const [name, value] of preflightHeaders(allowed)) ctx.set(name, value);
}

async function around(ctx: Context, next: () => Promise<void>, setting: AppSetting): Promise<void> {
  const started = setting.now();
  const known: Known = {requestId: randomUUID(), route: null, caller: null, object: null, isTold: false};
  ctx.state['known'] = known;
  for (const [name, value] of answerHeaders(known.requestId)) ctx.set(name, value);
  for (const [name, value] of corsHeaders(ctx.req.headers.origin, setting.origins)) ctx.set(name, value);
  try {
    await next();
  } catch (cause) {
    await answerWith(ctx, cause, known, setting);
  }
  if (setting.stopping.aborted && !ctx.headerSent) ctx.set('Connection', 'close');
  setting.log.answered({
    requestId: known.requestId,
    method: ctx.method,
    route: known.route,
    status: ctx.status,
    user: known.caller?.user ?? null,
    ms: setting.now() - started,
    hungUp: ctx.res.destroyed && !ctx.res.writableFinished,
  });
}

function knownOf(ctx: Context): Known {
  return ctx.state['known'];
}

async function answerWith(
  ctx: Context,
  cause: unknown,
  known: Known,
  {log, bundle}: AppSetting,
): Promise<void> {
  const {requestId, route} = known;
  const refused = refusedFor(cause, requestId);
  const gone = !ctx.writable && isHangUp(cause);
  if (refused.code === 'bug' && !gone) log.fault({requestId, route, cause});
  if (ctx.headerSent || !ctx.writable) {
    // A stream that breaks in the middle must not look as if it had come to its end.
    ctx.respond = false;
    ctx.res.destroy();
    return;
  }
  ctx.status = refused.status;
  for (const [name, value] of Object.entries(refused.headers ?? {})) ctx.set(name, value);
  // What is left of a body is not worth reading.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  if (isPage(known) && wantsPage(ctx)) return answerWithPage(ctx, refused, await bundle.style());
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(answerOf(refused));
}

/** Of a page, or of nothing that there is. */
function isPage({route}: Known): boolean {
  if (route === null) return true;
  const row: Row = rows[route];
  return row.answer.is === 'page';
}

const sentenceLimit = 4096;

function answerOf({code, what, fix}: Refused): ProblemAnswer {
  return {error: {code, what: what.slice(0, sentenceLimit), fix: fix.slice(0, sentenceLimit)}};
}

function refusedFor(cause: unknown, requestId: string): Refused {
  if (cause instanceof NotAnswered) return cause.refused;
  if (cause instanceof Failed && cause.failure.reason !== 'bug') return ofFailure(cause.failure);
  return problems.bug(requestId);
}

const hangUps: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ECANCELED',
]);

/** A client that goes away is no error. */
function isHangUp(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return cause.name === 'AbortError' || ('code' in cause && hangUps.has(cause.code));
}
