/** Owns reading what a request brings: fields of the path and the query, and a JSON body. Refuses what a row does not name. */

import type {Context} from 'koa';
import {koaBody} from 'koa-body';
import {z} from 'zod';
import type {Fields} from '../appliance/api/row.ts';
import {NotAnswered, problems} from './problem.ts';

/** Of the path and the query together. */
export const addressLimit = 4096;

/** What may be in a path here: nothing encoded, so that nothing decodes into something else on the way. */
export function pathOf(url: string): string | undefined {
  return /^(\/[A-Za-z0-9._~/-]*)(?:\?|$)/.exec(url)?.[1];
}

/** Throws NotAnswered with the first thing that is wrong. */
export function parsed<S extends z.ZodType>(schema: S, value: unknown, code: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new NotAnswered(problems.badRequest(code, sentenceOf(result.error)));
}

function sentenceOf(error: z.ZodError): string {
  const issue = plainest(error.issues);
  if (issue === undefined) return 'The request is not as it should be.';
  const where = issue.path.join('.');
  return `${where === '' ? '' : `${where}: `}${issue.message}`.slice(0, 300);
}

/** Of what may be one of several, what is wrong with the one that it is nearest to. */
function plainest([issue]: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  return plainest(issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? []);
}

/**
 * Gives the fields of a query the kinds that the schema wants: an address has text alone. What does not fit is left as
 * it came, for the schema to refuse.
 */
export function queryReader(schema: Fields): (query: string) => unknown {
  const kinds = new Map(Object.entries(schema.shape).map(([name, field]) => [name, kindOf(field)]));
  return query => {
    const fields = new Map<string, string[]>();
    for (const [name, text] of new URLSearchParams(query)) {
      const texts = fields.get(name);
      if (texts === undefined) fields.set(name, [text]);
      else texts.push(text);
    }
    return Object.fromEntries([...fields].map(([name, texts]) => [name, fieldValue(texts, kinds.get(name))]));
  };
}

type Kind = 'text' | 'integer' | 'list';

function kindOf(field: z.ZodType): Kind {
  const {type} = z.toJSONSchema(field, {io: 'input'});
  if (type === 'integer') return 'integer';
  return type === 'array' ? 'list' : 'text';
}

function fieldValue(texts: readonly string[], kind: Kind | undefined): unknown {
  if (kind === 'list') return texts;
  const [text] = texts;
  if (texts.length !== 1 || text === undefined) return texts;
  return kind === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Reads a JSON body up to the limit. Throws NotAnswered with what is wrong with it. */
export function bodyReader(limitBytes: number): (ctx: Context) => Promise<unknown> {
  const read = koaBody({
    json: true,
    jsonLimit: limitBytes,
    jsonTypes: ['application/json'],
    text: false,
    urlencoded: false,
    multipart: false,
  });
  return async ctx => {
    const {headers} = ctx.req;
    if (!isPlainJson(headers['content-type'], headers['content-encoding'])) {
      throw new NotAnswered(problems.notJson());
    }
    try {
      await read(ctx, async () => {});
    } catch (cause) {
      throw bodyTrouble(cause, limitBytes);
    }
    return ctx.request.body ?? {};
  };
}

function isPlainJson(type: string | undefined, encoding: string | undefined): boolean {
  if (encoding !== undefined && encoding !== 'identity') return false;
  return /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i.test(type ?? '');
}

function bodyTrouble(cause: unknown, limitBytes: number): unknown {
  const status = cause instanceof Error && 'status' in cause ? cause.status : undefined;
  if (status === 413) return new NotAnswered(problems.bodyTooLarge(limitBytes));
  if (status === 400)
    return new NotAnswered(problems.badRequest('bad-json', 'The body does not parse as JSON.'));
  return cause;
}

/** True when the request brings a body, whatever it says of its length. */
export function bringsBody(ctx: Context): boolean {
  const {headers} = ctx.req;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
