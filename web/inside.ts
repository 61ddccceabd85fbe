/**
 * Owns asking a route from inside the box, for a page that is drawn here: the same row is held up, the same handler answers, and
 * somebody gets what they would get over HTTP. Only ever reads.
 */
import {type Caller, may, sightOf} from '../appliance/api/permissions.ts';
import type {Row} from '../appliance/api/row.ts';
import {type RowName, type Rows, rows} from '../appliance/api/rows.ts';
import {no, type Result} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {AnyAsk, AnyHandler, Handlers} from './handler.ts';
import {jobFor} from './job-for.ts';
import {parsed} from './parse.ts';
import {NotAnswered, problems, type Refused} from './problem.ts';

export interface InsideInput {
  readonly params?: object;
  readonly query?: object;
}

/** `around`: the request that the page is drawn for. */
export async function askInside(
  {box, handlers}: {readonly box: Box; readonly handlers: Handlers<Rows>},
  around: AnyAsk,
  name: RowName,
  {params = {}, query = {}}: InsideInput,
): Promise<Result<unknown, Refused>> {
  const row: Row = rows[name];
  const handler: AnyHandler = handlers[name];
  if (row.method !== 'GET' || row.fresh !== undefined || handler.answer === undefined)
    throw new Error(`${name} is not to be asked from inside`);
  try {
    const {caller} = around;
    const about = parsed(row.params, params, 'bad-address');
    const job = jobFor(row, 'id' in about ? String(about.id) : '', caller, box);
    refuseWhoMayNot(caller, row, job?.job.id ?? null);
    const asked = parsed(row.query, query, 'bad-query');
    const ask: AnyAsk = {...around, params: about, query: asked, body: null, job, sight: sightOf(caller)};
    return await handler.answer(ask);
  } catch (cause) {
    if (cause instanceof NotAnswered) return no(cause.refused);
    throw cause;
  }
}

function refuseWhoMayNot(caller: Caller | null, {permission}: Row, job: Parameters<typeof may>[2]): void {
  if (may(caller, permission, job ?? null)) return;
  throw new NotAnswered(caller === null ? problems.unknownCaller() : problems.notAllowed(permission));
}
