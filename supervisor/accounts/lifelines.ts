/**
 * Owns the thread that open streams hang by: cut when the login or the key that opened them ends, or its owner changes.
 * Never decides that anything ends.
 */
import type {UserName} from '../../appliance/job.ts';

interface Line {
  readonly owner: UserName;
  readonly cut: AbortController;
}

export class Lifelines {
  /** By the login or key; there only from the first stream on. */
  readonly #lines = new Map<string, Line>();

  /** Of a login or a key that counts at this moment. */
  of(id: string, owner: UserName): AbortSignal {
    const known = this.#lines.get(id);
    if (known !== undefined) return known.cut.signal;
    const line = {owner, cut: new AbortController()};
    this.#lines.set(id, line);
    return line.cut.signal;
  }

  end(id: string): void {
    this.#lines.get(id)?.cut.abort();
    this.#lines.delete(id);
  }

  /** All of one person, save the login that stays. */
  endAll(owner: UserName, but: string | null = null): void {
    for (const [id, line] of this.#lines) if (line.owner === owner && id !== but) this.end(id);
  }
}
