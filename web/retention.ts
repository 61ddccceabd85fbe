/** Owns what the routes do that are about how long things are kept. Never removes anything. */
import type {RetentionRows, RetentionShown} from '../appliance/api/retention-rows.ts';
import {ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';

export interface Retention {
  shown(): RetentionShown;
  /** Sweeps now; what goes wrong is in the log. */
  sweep(): Promise<RetentionShown>;
}

export function aboutRetention({retention}: Box): Handlers<RetentionRows> {
  return {
    'retention.get': {answer: () => ok(retention.shown())},
    'retention.sweep': {
      answer: async () => ok(await retention.sweep()),
      // A sweep that waited for the clock has removed nothing: the last one is another.
      about: (_, answer) =>
        answer?.waits === null ? `${answer.last?.files ?? 0} files` : 'nothing: it waits',
    },
  };
}
