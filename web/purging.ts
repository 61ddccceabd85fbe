/** Owns what the routes do by which a person has files taken away. Never decides what may go, never removes anything. */
import type {PurgeAsk, PurgeDone, PurgePlan, PurgeRows} from '../appliance/api/purge-rows.ts';
import type {UserName} from '../appliance/job.ts';
import {ok, type Result} from '../appliance/result.ts';
import type {Box, Trouble} from './box.ts';
import type {Handlers} from './handler.ts';
import {shown} from './problem.ts';

export interface CarryAsk {
  readonly by: UserName;
  readonly plan: string;
  /** As many as the plan lists, or nothing is done. */
  readonly files: number;
  /** They came by the box's own socket. */
  readonly isAtTheBox: boolean;
}

export interface Purging {
  /** Does nothing; what it lists can be carried out for some minutes, by the same person. */
  plan(by: UserName, ask: PurgeAsk, signal: AbortSignal): Promise<PurgePlan>;
  carry(ask: CarryAsk): Promise<Result<PurgeDone, Trouble>>;
}

export function aboutPurging({purging}: Box): Handlers<PurgeRows> {
  return {
    'purge.plan': {
      answer: async ({caller, body, signal}) => ok(await purging.plan(caller.user, body, signal)),
      about: (_, answer) => `plan:${answer?.plan ?? 'none'}`,
    },
    'purge.carry': {
      answer: async ({caller: {user: by, came}, params: {plan}, body: {files}}) =>
        shown(await purging.carry({by, plan, files, isAtTheBox: came.is === 'socket'}), done => done),
      about: ({params}) => `plan:${params.plan}`,
    },
  };
}
