/**
 * Owns that a request which comes again under the same Idempotency-Key is answered again and not done again, for the rows
 * that say so. Only what was done is kept: what was refused changed nothing, and may be asked again.
 */
import type {Row} from '../appliance/api/row.ts';
import {digestOf} from '../appliance/digest.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Answers} from './answers.ts';
import type {AnyAsk} from './handler.ts';
import {problems, type Refused} from './problem.ts';

type Answered = Result<unknown, Refused>;

export interface Once {
  /** As it came; empty where none did. */
  readonly key: string;
  readonly answers: Answers;
  answer(): Answered | Promise<Answered>;
}

interface Outcome {
  readonly result: Answered;
  /** Nothing was done this time. */
  readonly isAgain: boolean;
}

export async function onceOnly(
  row: Row,
  {caller, params, query, body}: AnyAsk,
  {key, answers, answer}: Once,
): Promise<Outcome> {
  const once = (result: Answered): Outcome => ({result, isAgain: false});
  if (row.idempotent === undefined || caller === null || key === '') return once(await answer());
  if (!/^[\x21-\x7e]{1,100}$/.test(key)) return once(no(problems.badKey()));
  const request = digestOf(JSON.stringify([row.method, row.path, params, query, body]));
  const turn = answers.begin({user: caller.user, key, request});
  if (turn.is === 'reused') return once(no(problems.keyReused()));
  if (turn.is === 'in-use') return once(no(problems.keyInUse()));
  if (turn.is === 'again') return {result: ok(JSON.parse(turn.answer)), isAgain: true};
  let kept: string | null = null;
  try {
    const result = await answer();
    if (result.ok) kept = JSON.stringify(result.value);
    return once(result);
  } finally {
    await turn.end(kept);
  }
}
