/** Owns what the routes do that show what the box works with and what it has removed. Never asks an engine, never removes anything. */
import type {EnginesShown, ReceiptShown, roomRows} from '../appliance/api/room-rows.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {no, ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';
import {problems} from './problem.ts';

export interface Engines {
  /** Null where they cannot be asked now. */
  list(): Promise<EnginesShown | null>;
}

/** What was removed. */
export interface Removals {
  /** The newest first. */
  list(limit: number): Promise<readonly ReceiptShown[]>;
}

export function aboutRoom({engines, removals}: Box): Handlers<Pick<Rows, keyof typeof roomRows>> {
  return {
    'engines.list': {
      answer: async () => {
        const shown = await engines.list();
        return shown === null ? no(problems.enginesSilent()) : ok(shown);
      },
    },
    'receipts.list': {
      answer: async ({query: {limit}}) => ok({receipts: [...(await removals.list(limit))]}),
    },
  };
}
