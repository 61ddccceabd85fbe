/** Owns that what could not be stored was not done, as an answer. Never tries again. */
import {no, type Result} from '../appliance/result.ts';
import {StoreTrouble} from '../appliance/store/trouble.ts';
import type {Trouble} from '../web/box.ts';

export async function stored<T>(change: () => Promise<Result<T, Trouble>>): Promise<Result<T, Trouble>> {
  try {
    return await change();
  } catch (cause) {
    if (!(cause instanceof StoreTrouble)) throw cause;
    return no({reason: 'not-stored', detail: cause.message});
  }
}
