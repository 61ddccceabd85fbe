/** Owns the route that sends somebody a push to see whether it arrives. Never speaks to a server itself. */
import type {pushRows} from '../appliance/api/push-rows.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {ok} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers} from './handler.ts';

export function aboutPushes(box: Pick<Box, 'testPush'>): Handlers<Pick<Rows, keyof typeof pushRows>> {
  return {
    'push.test': {
      answer: async ({caller, signal}) => {
        const why = await box.testPush(caller.user, signal);
        return ok({taken: why === null, why});
      },
      about: ({caller}, answer) => `user:${caller.user}${answer?.taken === false ? ' not taken' : ''}`,
    },
  };
}
