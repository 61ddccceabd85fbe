/**
 * Owns what stands around every handler: who asks, whether they may, how often, whether what they bring is in order,
 * whose object it is, and the audit. All of it is read off the row; a handler has no way around it.
 */
import {isDeepStrictEqual} from 'node:util';
import type {Context} from 'koa';
import {type Caller, may, sees, sightOf} from '../appliance/api/permissions.ts';
import type {Row} from '../appliance/api/row.ts';
import {isShared, JobId} from '../appliance/job.ts';
import type {Result} from '../appliance/result.ts';
import type {Box, JobNow} from './box.ts';
import type {Audit, Door} from './door.ts';
import type {AnyAsk, AnyHandler} from './handler.ts';
import {bodyReader, bringsBody, parsed, queryReader} from './parse.ts';
import {NotAnswered, problems, type Refused} from './problem.ts';
import {type FileToSend, sendFile} from './send-file.ts';
import type {Streams} from './streams.ts';
import type {Views} from './views.ts';

export interface World {
  readonly box: Box;
  readonly door: Door;
  readonly audit: Audit;
  readonly streams: Streams;
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
  route: string | null;
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
    known.caller = permission === 'anyone' ? null : await this.#world.door.identify(ctx.req);
    try {
      this.#admit(ctx, known.caller);
      await this.#answer(ctx, known);
    } catch (cause) {
      await this.#record(ctx, known, codeOf(cause));
      throw cause;
    }
    await this.#record(ctx, known, 'ok');
  }

  #admit(ctx: Context, caller: Caller | null): void {
    const {bucket, permission} = this.#row;
    const waitMs = this.#world.door.waitMs(bucket, caller, ctx.req);
    if (waitMs > 0) throw new NotAnswered(problems.tooOften(waitMs));
    if (may(caller, permission, this.#jobId(ctx))) return;
    throw new NotAnswered(caller === null ? problems.unknownCaller() : problems.notAllowed(permission));
  }

  async #answer(ctx: Context, known: Known): Promise<void> {
    const hangUp = new AbortController();
    // It closes at every end; an abort for nobody would cost each request a stack trace.
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) hangUp.abort();
    });
    const ask = await this.#ask(ctx, known, hangUp.signal);
    known.object = this.#handler.about?.(ask, null) ?? ask.job?.job.id ?? null;
    await this.#recordView(ctx, known, ask.job);
    const {answer, follow, file} = this.#handler;
    if (file !== undefined) return this.#sendFile(ctx, known, {ask, file: await file(ask)});
    if (follow !== undefined && (answer === undefined || wantsEvents(ctx))) {
      if (answer === undefined && !takesEvents(ctx)) throw new NotAnswered(problems.notAcceptable());
      return this.#follow(ctx, signal => follow({...ask, signal}));
    }
    const result = await answer?.(ask);
    if (result === undefined) throw new Error(`${this.#row.path} has no handler`);
    if (!result.ok) throw new NotAnswered(result.why);
    known.object = this.#handler.about?.(ask, result.value) ?? known.object;
    this.#send(ctx, result.value);
  }

  async #ask(ctx: Context, {caller}: Known, signal: AbortSignal): Promise<AnyAsk> {
    const row = this.#row;
    const sight = sightOf(caller);
    const job = this.#isAboutJob ? this.#jobFor(ctx, caller) : null;
    const query = parsed(row.query, this.#readQuery(ctx.querystring), 'bad-query');
    if (this.#readBody === null && bringsBody(ctx)) {
      throw new NotAnswered(problems.badRequest('unexpected-body', 'This takes no body.'));
    }
    const body =
      row.body === null || this.#readBody === null
        ? null
        : parsed(row.body.schema, await this.#readBody(ctx), 'bad-body');
    const params = parsed(row.params, {...ctx['params']}, 'bad-address');
    const lastEventId = ctx.get('Last-Event-ID').slice(0, 100) || null;
    return {caller, sight, params, query, body, job, lastEventId, signal};
  }

  get #isAboutJob(): boolean {
    return this.#row.object === 'job' || this.#row.object === 'own-job';
  }

  /** Null for what has no name that could be one, and for what is about none. */
  #jobId(ctx: Context): JobId | null {
    return this.#isAboutJob ? (JobId.safeParse(ctx['params']?.id).data ?? null) : null;
  }

  /** What somebody may not see is not there, and neither is what has no name that could be one. */
  #jobFor(ctx: Context, caller: Caller | null): JobNow {
    const id = this.#jobId(ctx);
    const now = id === null ? undefined : this.#world.box.job(id);
    const sight = sightOf(caller);
    if (now === undefined || !sees(sight, now.job.owner, isShared(now.job))) {
      throw new NotAnswered(problems.noSuchJob());
    }
    if (this.#row.object === 'own-job' && !sees(sight, now.job.owner)) {
      throw new NotAnswered(problems.readOnly());
    }
    return now;
  }

  async #follow(ctx: Context, feedUntil: (signal: AbortSignal) => AsyncIterable<string>): Promise<void> {
    if (ctx.method === 'HEAD') {
      ctx.type = 'text/event-stream';
      ctx.status = 200;
      return;
    }
    await this.#world.streams.send(ctx.res, feedUntil);
    // Koa answers nothing more.
    ctx.respond = false;
  }

  /** What is taken away is written down before it goes, once: players ask for the rest of a file again and again. */
  async #sendFile(ctx: Context, known: Known, {ask, file}: Found): Promise<void> {
    if (!file.ok) throw new NotAnswered(file.why);
    const {takeMs, wallNow} = this.#world;
    const begins = async (from: number): Promise<void> => {
      if (from === 0) await this.#record(ctx, known, 'ok');
      known.isTold = true;
    };
    await sendFile(ctx, file.value, {takeMs, now: wallNow(), signal: ask.signal, begins});
    known.isTold = true;
  }

  #send(ctx: Context, value: unknown): void {
    const {answer} = this.#row;
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
    const address = by?.came.is === 'socket' ? null : (ctx.req.socket.remoteAddress ?? null);
    await this.#world.audit({event, requestId, by, address, object, result});
  }
}

interface Found {
  readonly ask: AnyAsk;
  readonly file: Result<FileToSend, Refused>;
}

function wantsEvents(ctx: Context): boolean {
  return ctx.accepts('application/json', 'text/event-stream') === 'text/event-stream';
}

function takesEvents(ctx: Context): boolean {
  return ctx.accepts('text/event-stream') !== false;
}
