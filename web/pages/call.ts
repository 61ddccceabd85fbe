/** Owns what a page may ask of the box: the API's own routes, by their names. Never says how they are reached. */
import type {CallName} from '../../appliance/api/client.ts';
import type {AnswerOf, InputOf} from '../../appliance/api/row.ts';
import type {Rows} from '../../appliance/api/rows.ts';
import type {Problem} from '../../appliance/api/shapes.ts';

export type Answered<T> =
  | {readonly ok: true; readonly value: T}
  | {readonly ok: false; readonly why: Problem};

export type AskName = CallName;

/** In a browser over HTTP; where a page is drawn on the box, straight to the handler, which is asked the same. */
export type Call = <N extends AskName>(
  name: N,
  input: InputOf<Rows[N]>,
) => Promise<Answered<AnswerOf<Rows[N]>>>;

/** All of them or the first that is not. */
export async function all<const T extends readonly unknown[]>(
  asked: readonly [...{[I in keyof T]: Promise<Answered<T[I]>>}],
): Promise<Answered<T>> {
  const waited: readonly Promise<Answered<unknown>>[] = asked;
  const answers = await Promise.all(waited);
  const values: unknown[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    values.push(answer.value);
  }
  // One value for each that was asked, in their order.
  return {ok: true, value: values as unknown as T};
}
