/**
 * Owns what stands around every handler: who asks, whether they may, how often, whether what they bring is in order,
 * whose object it is, and the audit. All of it is read off the row; a handler has no way around it.
 */
import {isDeepStrictEqual} from 'node:util';
import type {Context} from 'koa';
import {type Caller, may, sightOf} from '../appliance/api/permissions.ts';
import type {PageAnswer, Row} from '../appliance/api/row.ts';
import type {RowName} from '../appliance/api/rows.ts';
import {JobId} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';
import type {Box, JobNow} from './box.ts';
import type {Audit, Door} from './door.ts';
import type {AnyAsk, AnyHandler, TusAnswer} from './handler.ts';
import {isAboutJob, jobFor} from './job-for.ts';
import {feedUntil, linked} from './linked.ts';
import {onceOnly} from './once.ts';
import {bodyReader, bringsBody, parsed, queryReader} from './parse.ts';
import {NotAnswered, problems, type Refused} from './problem.ts';
import {type Elsewhere, type FileToSend, sendFile} from './send-file.ts';
import {sendPage} from './send-page.ts';
import type {Sockets} from './sockets.ts';
import type {Streams} from './streams.ts';
import {tusVersion} from './tus.ts';
import type {Views} from './views.ts';

export interface World {
  readonly box: Box;
  readonly door: Door;
  readonly audit: Audit;
  readonly streams: Streams;
  readonly sockets: Sockets;
  readonly views: Views;
  /** Holds every answer against its row: what is off is a bug, to be found in tests and while developing. */
  readonly checkAnswers: boolean;
  /** How long a client may take nothing of a file. */
  readonly takeMs: number;
  /** Milliseconds since 1970, for the dates of files. */
  readonly wallNow: () => number;
}

/** What is known of a request, for those who tell of it afterwards. */
export interface Known {
  readonly requestId: string;
  route: RowName | null;
  caller: Caller | null;
  /** What it is about, as the audit says it. */
  object: string | null;
  /** The audit has heard of it, or need not. */
  isTold: boolean;
}

export class Endpoint {
  readonly #row: Row;
  readonly #handler: AnyHandler;
  readonly #world: World;
  readonly #readQuery: (query: string) => unknown;
  readonly #readBody: ((ctx: Context) => Promise<unknown>) | null;

  constructor(row: Row, handler: AnyHandler, world: World) {
    this.#row = row;
    this.#handler = handler;
    this.#world = world;
    this.#readQuery = queryReader(row.query);
    this.#readBody = row.body === null ? null : bodyReader(row.body.limitBytes);
  }

  /** Throws what is in the way; `codeOf` gives that a name for the audit. */
  async serve(ctx: Context, known: Known, codeOf: (cause: unknown) => string): Promise<void> {
    const {permission} = this.#row;
    // Also on every no.
    if (this.#row.answer.is === 'tus') ctx.set('Tus-Resumable', tusVersion);
    known.caller = permission === 'anyone' ? null : await this.#world.door.identify(ctx.req);
    try {
      await this.#admit(ctx, known.caller);
      await this.#answer(ctx, known);
    } catch (cause) {
      await this.#record(ctx, known, codeOf(cause));
      throw cause;
    }
    await this.#record(ctx, known, 'ok');
  }

  async #admit(ctx: Context, caller: Caller | null): Promise<void> {
    const {bucket, permission, fresh} = this.#row;
    const {door} = this.#world;
    const waitMs = await door.waitMs(bucket, caller, ctx.req);
    if (waitMs > 0) throw new NotAnswered(problems.tooOften(waitMs));
    if (!may(caller, permission, this.#jobId(ctx)))
      throw new NotAnswered(caller === null ? problems.unknownCaller() : problems.notAllowed(permission));
    const stale = fresh === undefined || caller === null ? undefined : door.notFresh(caller);
    if (stale !== undefined) throw new NotAnswered(stale);
  }

  async #answer(ctx: Context, known: Known): Promise<void> {
    const hangUp = new AbortController();
    // It closes at every end; an abort for nobody would cost each request a stack trace.
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) hangUp.abort();
    });
    const lifeline = known.caller === null ? null : this.#world.door.lifeline(known.caller);
    const ask = await this.#ask(ctx, known, hangUp.signal);
    known.object = this.#handler.about?.(ask, null) ?? ask.job?.job.id ?? null;
    await this.#recordView(ctx, known, ask.job);
    const {answer, follow, messages, file, tus} = this.#handler;
    if (tus !== undefined) {
      using ends = linked([hangUp.signal, lifeline]);
      return this.#sendTus(ctx, known, await tus({...ask, signal: ends.signal}, ctx.req));
    }
    if (file !== undefined) return this.#sendFile(ctx, known, {ask, lifeline, file: await file(ask)});
    if (follow !== undefined && (answer === undefined || wantsEvents(ctx))) {
      if (answer === undefined && !takesEvents(ctx)) throw new NotAnswered(problems.notAcceptable());
      const feed = (signal: AbortSignal): AsyncIterable<string> =>
        feedUntil([signal, lifeline], ends => follow({...ask, signal: ends}));
      return this.#follow(ctx, signal => this.#told(ctx, known, feed(signal)));
    }
    if (messages !== undefined) return this.#talk(ctx, signal => messages({...ask, signal}), lifeline);
    if (answer === undefined) throw new Error(`${this.#row.path} has no handler`);
    const {result, isAgain} = await onceOnly(this.#row, ask, {
      key: ctx.get('Idempotency-Key'),
      answers: this.#world.box.answers,
      answer: () => answer(ask),
    });
    if (isAgain) known.isTold = true;
    if (!result.ok) throw new NotAnswered(result.why);
    known.object = this.#handler.about?.(ask, result.value) ?? known.object;
    if (ask.jar.cookies.length > 0) ctx.set('Set-Cookie', [...ask.jar.cookies]);
    this.#send(ctx, result.value);
  }

  async #ask(ctx: Context, {caller}: Known, signal: AbortSignal): Promise<AnyAsk> {
    const row = this.#row;
    const sight = sightOf(caller);
    const job = jobFor(row, String(ctx['params']?.id), caller, this.#world.box);
    const query = parsed(row.query, this.#readQuery(ctx.querystring), 'bad-query');
    if (this.#readBody === null && !takesBytes(row) && bringsBody(ctx)) {
      throw new NotAnswered(problems.badRequest('unexpected-body', 'This takes no body.'));
    }
    const body =
      row.body === null || this.#readBody === null
        ? null
        : parsed(row.body.schema, await this.#readBody(ctx), 'bad-body');
    const params = parsed(row.params, {...ctx['params']}, 'bad-address');
    const lastEventId = ctx.get('Last-Event-ID').slice(0, 100) || null;
    const {door} = this.#world;
    const from = {address: door.addressOf(ctx.req), agent: ctx.req.headers['user-agent']};
    const jar = door.jar(ctx.req);
    const host = ctx.req.headers.host ?? 'localhost';
    const languages = ctx.get('Accept-Language');
    return {host, languages, caller, sight, params, query, body, job, from, jar, lastEventId, signal};
  }

  /** Null for what has no name that could be one, and for what is about none. */
  #jobId(ctx: Context): JobId | null {
    return isAboutJob(this.#row) ? (JobId.safeParse(ctx['params']?.id).data ?? null) : null;
  }

  async #talk(
    ctx: Context,
    feed: (signal: AbortSignal) => AsyncIterable<string>,
    lifeline: AbortSignal | null,
  ): Promise<void> {
    const talk = this.#world.sockets.serve(ctx.req, feed, lifeline);
    // Whether it is taken over shows at once; from then on nobody answers here any more.
    ctx.respond = false;
    await talk.catch((cause: unknown) => {
      ctx.respond = cause instanceof NotAnswered;
      throw cause;
    });
  }

  async #follow(ctx: Context, feed: (signal: AbortSignal) => AsyncIterable<string>): Promise<void> {
    if (ctx.method === 'HEAD') {
      ctx.type = 'text/event-stream';
      ctx.status = 200;
      return;
    }
    await this.#world.streams.send(ctx.res, feed);
    // Koa answers nothing more.
    ctx.respond = false;
  }

  /** What somebody goes on looking at is written down when they begin to. */
  async *#told(ctx: Context, known: Known, feed: AsyncIterable<string>): AsyncGenerator<string> {
    await this.#record(ctx, known, 'ok');
    yield* feed;
  }

  #sendTus(ctx: Context, known: Known, answer: Result<TusAnswer, Refused>): void {
    if (!answer.ok) throw new NotAnswered(answer.why);
    const {status, headers, object} = answer.value;
    known.object = object ?? known.object;
    ctx.body = '';
    ctx.remove('Content-Type');
    ctx.status = status;
    ctx.set({...headers});
  }

  /** What is taken away is written down before it goes, once: players ask for the rest of a file again and again. */
  async #sendFile(ctx: Context, known: Known, {ask, lifeline, file}: Found): Promise<void> {
    if (!file.ok) throw new NotAnswered(file.why);
    if ('location' in file.value) return this.#redirect(ctx, known, file.value.location);
    const {takeMs, wallNow} = this.#world;
    const {promised, isFirst = promised !== null, until} = file.value;
    const begins = async (from: number): Promise<void> => {
      // A film of which each part was written down would fill the audit.
      if (from === 0 && isFirst) await this.#record(ctx, known, 'ok');
      known.isTold = true;
    };
    using ends = linked([ask.signal, lifeline, until]);
    const {signal} = ends;
    await sendFile(ctx, file.value, {takeMs, now: wallNow(), signal, begins});
    known.isTold = true;
  }

  /** What is found there is written down there. */
  #redirect(ctx: Context, known: Known, location: string): void {
    known.isTold = true;
    ctx.status = 302;
    ctx.set({Location: location, Vary: 'User-Agent'});
  }

  #send(ctx: Context, value: unknown): void {
    const {answer} = this.#row;
    if (answer.is === 'page') {
      // The compiler holds handlers of pages to it.
      sendPage(ctx, value as PageAnswer, answer);
      return;
    }
    ctx.status = 200;
    if (answer.is === 'text') {
      ctx.set('Content-Type', answer.type);
    } else if (answer.is === 'json') {
      if (this.#world.checkAnswers) this.#check(answer.schema, value);
      ctx.set('Content-Type', 'application/json; charset=utf-8');
    }
    ctx.body = typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** More than the schema names is as wrong as less: it may be what nobody was to be told. */
  #check(schema: Extract<Row['answer'], {is: 'json'}>['schema'], value: unknown): void {
    const sent: unknown = JSON.parse(JSON.stringify(value));
    const shown = schema.safeParse(sent);
    if (!shown.success) throw new Error(`the answer of ${this.#row.path} is off`, {cause: shown.error});
    if (isDeepStrictEqual(shown.data, sent)) return;
    throw new Error(`the answer of ${this.#row.path} holds more than its row says`);
  }

  /** An admin can look at what is somebody else's, and that is known afterwards. */
  async #recordView({req}: Context, {requestId, caller: by}: Known, now: JobNow | null): Promise<void> {
    const {views, audit} = this.#world;
    if (by?.role !== 'admin' || now === null || this.#row.audit !== null) return;
    if (now.job.owner === by.user || !views.isNews(by.user, now.job.id)) return;
    const address = by.came.is === 'socket' ? null : (req.socket.remoteAddress ?? null);
    await audit({event: 'admin.viewed', requestId, by, address, object: now.job.id, result: 'ok'});
  }

  async #record(ctx: Context, known: Known, result: string): Promise<void> {
    const {audit: event} = this.#row;
    if (event === null || known.isTold) return;
    known.isTold = true;
    const {requestId, caller: by, object} = known;
    // Who looks at what is their own was not let see more than others.
    if (event === 'admin.viewed' && result === 'ok' && by?.role !== 'admin') return;
    const address = this.#world.door.addressOf(ctx.req);
    const named = typeof event === 'string' ? event : result === 'ok' ? event.ok : event.no;
    await this.#world.audit({event: named, requestId, by, address, object, result});
  }
}

interface Found {
  readonly ask: AnyAsk;
  readonly lifeline: AbortSignal | null;
  readonly file: Result<FileToSend | Elsewhere, Refused>;
}

function takesBytes({answer}: Row): boolean {
  return answer.is === 'tus' && answer.takes === 'bytes';
}

function wantsEvents(ctx: Context): boolean {
  return ctx.accepts('application/json', 'text/event-stream') === 'text/event-stream';
}

function takesEvents(ctx: Context): boolean {
  return ctx.accepts('text/event-stream') !== false;
}
