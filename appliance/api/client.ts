/**
 * Owns talking to the daemon over its socket: one call, or a stream that is taken up again where it broke off. Typed by
 * the rows. Never says anything to a person.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {no, ok, type Result} from '../result.ts';
import {readEventStream} from './event-stream.ts';
import {answerLimitBytes, type Input, open, textOf} from './request.ts';
import type {AnswerOf, EventOf, InputOf, Row} from './row.ts';
import {type RowName, type Rows, rows} from './rows.ts';
import {ProblemAnswer} from './shapes.ts';
import type {ApiTrouble} from './trouble.ts';

export interface ClientSetting {
  readonly socket: string;
  /** How long an answer may take. */
  readonly answerMs?: number;
  /** How a stream waits before it is taken up again. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Another limit for this call: to take in a long film takes its time. */
  readonly answerMs?: number;
}

export type Heard<T> =
  | {readonly is: 'event'; readonly event: T}
  /** It broke off. Goes on by itself in `againMs`; null is the end of it. */
  | {readonly is: 'broken'; readonly trouble: ApiTrouble; readonly againMs: number | null};

/** Routes that can be followed. */
export type FollowName = {
  [N in RowName]: [EventOf<Rows[N]>] extends [never] ? never : N;
}[RowName];

/** Routes that can be called. */
export type CallName = {[N in RowName]: [AnswerOf<Rows[N]>] extends [never] ? never : N}[RowName];

const againMs = {first: 250, most: 5_000};

export class ApiClient {
  readonly #socket: string;
  readonly #answerMs: number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor({socket, answerMs = 30_000, wait = rest}: ClientSetting) {
    this.#socket = socket;
    this.#answerMs = answerMs;
    this.#wait = wait;
  }

  /** Throws the signal's reason when that is aborted, and nothing else. */
  async call<N extends CallName>(
    name: N,
    input: InputOf<Rows[N]>,
    {signal, answerMs = this.#answerMs}: CallOptions = {},
  ): Promise<Result<AnswerOf<Rows[N]>, ApiTrouble>> {
    const row: Row = rows[name];
    const late = AbortSignal.timeout(answerMs);
    const until = signal === undefined ? late : AbortSignal.any([signal, late]);
    const answer = await this.#answer(row, input as Input, until).catch((cause: unknown) => {
      signal?.throwIfAborted();
      const detail = late.aborted ? `nothing within ${answerMs / 1000} s` : messageOf(cause);
      return no<ApiTrouble>({reason: 'no-answer', detail});
    });
    // The row's own schema made this value; that it is this row's is what the types cannot follow.
    return answer as Result<AnswerOf<Rows[N]>, ApiTrouble>;
  }

  /**
   * Events as they come, and words about the connection between them, until the signal: then it just ends. It also ends
   * after a no that another try would not change, and after the stream's own end.
   */
  async *follow<N extends FollowName>(
    name: N,
    input: InputOf<Rows[N]>,
    signal: AbortSignal,
  ): AsyncGenerator<Heard<EventOf<Rows[N]>>> {
    const place: Place = {lastId: null, over: false};
    let pauseMs = againMs.first;
    while (!signal.aborted) {
      let trouble: ApiTrouble = {reason: 'no-answer', detail: 'it hung up'};
      for await (const heard of this.#stream({row: rows[name], input: input as Input, place, signal})) {
        if (heard.ok) {
          pauseMs = againMs.first;
          yield {is: 'event', event: heard.value as EventOf<Rows[N]>};
        } else {
          trouble = heard.why;
        }
      }
      if (signal.aborted || place.over) return;
      if (isFinal(trouble)) {
        yield {is: 'broken', trouble, againMs: null};
        return;
      }
      yield {is: 'broken', trouble, againMs: pauseMs};
      await this.#wait(pauseMs, signal).catch(() => {});
      pauseMs = Math.min(againMs.most, pauseMs * 2);
    }
  }

  async #answer(row: Row, input: Input, signal: AbortSignal): Promise<Result<unknown, ApiTrouble>> {
    const opened = await open({socket: this.#socket, row, input, headers: {}, signal});
    if (!opened.ok) return opened;
    const text = await textOf(opened.value);
    if (text === undefined) return badAnswer(`it is over ${answerLimitBytes} bytes`);
    return readAnswer(row, opened.value.statusCode ?? 0, text);
  }

  /** One connection's worth of events, then perhaps the trouble that ended it. */
  async *#stream({row, input, place, signal}: Followed): AsyncGenerator<Result<unknown, ApiTrouble>> {
    const schema = 'follow' in row.answer ? row.answer.follow : undefined;
    if (schema === undefined) throw new Error(`${row.path} cannot be followed`);
    try {
      const resume = place.lastId === null ? {} : {'Last-Event-ID': place.lastId};
      const headers = {Accept: 'text/event-stream', ...resume};
      const opened = await open({socket: this.#socket, row, input, headers, signal});
      if (!opened.ok) return yield opened;
      const status = opened.value.statusCode ?? 0;
      if (status !== 200) return yield readAnswer(row, status, (await textOf(opened.value)) ?? '');
      for await (const {id, data} of readEventStream(opened.value)) {
        const event = schema.safeParse(jsonOf(data));
        if (!event.success) return yield badAnswer(`an event of ${row.path} does not parse`);
        place.lastId = id ?? place.lastId;
        place.over = isEnd(event.data);
        yield ok(event.data);
        if (place.over) return;
      }
    } catch (cause) {
      yield no({reason: 'no-answer', detail: messageOf(cause)});
    }
  }
}

interface Place {
  lastId: string | null;
  over: boolean;
}

interface Followed {
  readonly row: Row;
  readonly input: Input;
  readonly place: Place;
  readonly signal: AbortSignal;
}

function readAnswer(row: Row, status: number, text: string): Result<unknown, ApiTrouble> {
  const {is} = row.answer;
  if (status === 200 && (is === 'text' || is === 'page')) return ok(text);
  const json = jsonOf(text);
  if (status === 200 && row.answer.is === 'json') {
    const value = row.answer.schema.safeParse(json);
    if (value.success) return ok(value.data);
    const where = value.error.issues[0]?.path.join('.') ?? '';
    return badAnswer(`${row.path} does not parse${where === '' ? '' : ` at ${where}`}`);
  }
  const problem = ProblemAnswer.safeParse(json);
  if (!problem.success) return badAnswer(`${row.path} answered ${status} without a word`);
  return no({reason: 'problem', status, problem: problem.data.error});
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badAnswer(detail: string): Result<never, ApiTrouble> {
  return no({reason: 'bad-answer', detail});
}

/** Another try would get the same. */
function isFinal(trouble: ApiTrouble): boolean {
  if (trouble.reason === 'problem') return trouble.status < 500 && trouble.status !== 429;
  return trouble.reason === 'not-permitted' || trouble.reason === 'bad-answer';
}

function isEnd(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'is' in event && event.is === 'end';
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, {signal});
}
