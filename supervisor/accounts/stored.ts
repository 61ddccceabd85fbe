/** Owns the words for a change of accounts that could not be put on disk: it was not made. */
import {no, type Result} from '../../appliance/result.ts';
import {StoreTrouble} from '../../appliance/store/trouble.ts';
import type {AccountTrouble, Answered} from '../../web/accounts.ts';

export async function stored<T>(change: () => Promise<Result<T, AccountTrouble>>): Answered<T> {
  try {
    return await change();
  } catch (cause) {
    if (!(cause instanceof StoreTrouble)) throw cause;
    return no({reason: 'not-stored', detail: cause.message});
  }
}
