/**
 * Owns the answers to requests that may come twice: for a day, so many of each user, and across restarts. Never knows what
 * was asked.
 */
import {z} from 'zod';
import {Digest, digestOf} from '../appliance/digest.ts';
import {At, UserName} from '../appliance/job.ts';
import {StoreTrouble} from '../appliance/store/trouble.ts';
import type {Answers, OnceAsk, Turn} from '../web/answers.ts';
import type {BoxStore} from './state.ts';

export const AnswerRow = z.object({
  user: UserName,
  key: z.string().max(100),
  request: Digest,
  answer: z.string().max(1 << 20),
  at: At,
});
export type AnswerRow = z.infer<typeof AnswerRow>;

const dayMs = 86_400_000;
const perUser = 200;

export class HomeAnswers implements Answers {
  readonly #store: BoxStore;
  readonly #now: () => number;
  readonly #inUse = new Set<string>();

  constructor(store: BoxStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  begin(ask: OnceAsk): Turn {
    const id = digestOf(`${ask.user}\n${ask.key}`);
    if (this.#inUse.has(id)) return {is: 'in-use'};
    const known = this.#store.get('answers', id);
    if (known !== undefined && !this.#isOver(known))
      return known.request === ask.request ? {is: 'again', answer: known.answer} : {is: 'reused'};
    this.#inUse.add(id);
    return {
      is: 'first',
      end: async answer => {
        try {
          if (answer !== null) await this.#keep(id, {...ask, answer, at: this.#now()});
        } finally {
          this.#inUse.delete(id);
        }
      },
    };
  }

  /** It was done, and is answered, even where that cannot be remembered. */
  async #keep(id: string, row: AnswerRow): Promise<void> {
    const all = [...this.#store.all('answers')];
    const over = all.filter(([, each]) => this.#isOver(each));
    const own = all.filter(([, each]) => each.user === row.user && !this.#isOver(each));
    const oldest = own
      .toSorted(([, a], [, b]) => a.at - b.at)
      .slice(0, Math.max(0, own.length + 1 - perUser));
    try {
      await this.#store.commit(draft => {
        for (const [each] of [...over, ...oldest]) draft.delete('answers', each);
        draft.put('answers', id, row);
      });
    } catch (cause) {
      if (!(cause instanceof StoreTrouble)) throw cause;
    }
  }

  #isOver({at}: AnswerRow): boolean {
    return at + dayMs <= this.#now();
  }
}
