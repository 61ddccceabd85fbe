/** Owns what the routes do that are about the disks of the box. Never looks at one, never removes anything. */
import type {StorageRows, StorageShown} from '../appliance/api/storage-rows.ts';
import {ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';

/** What fills the disks, as it was when they were last looked through. */
export interface Stores {
  shown(): StorageShown;
}

export function aboutStorage({storage}: Box): Handlers<StorageRows> {
  return {'storage.get': {answer: () => ok(storage.shown())}};
}
