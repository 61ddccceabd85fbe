/** Owns what the web needs of whoever counts what people use, and the routes that show it. Never counts. */
import type {Rows} from '../appliance/api/rows.ts';
import type {usageRows} from '../appliance/api/usage-rows.ts';
import type {Usage} from '../appliance/api/usage-shapes.ts';
import type {UserName} from '../appliance/job.ts';
import {ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';

export interface UsageBook {
  of(user: UserName): Usage;
  /** By name, no more than a thousand. */
  all(): readonly Usage[];
}

export function aboutUsage({usage}: Pick<Box, 'usage'>): Handlers<Pick<Rows, keyof typeof usageRows>> {
  return {
    'usage.own': {answer: ({caller}) => ok(usage.of(caller.user))},
    'usage.all': {answer: () => ok({users: [...usage.all()]}), about: () => 'usage of everybody'},
  };
}
