/** Owns every way a call to the daemon can go wrong, as its caller sees it, and the sentence for each. */
import {unreachable} from '../result.ts';
import type {Problem} from './shapes.ts';

export type ApiTrouble =
  /** No socket, or nobody answers on it. */
  | {readonly reason: 'daemon-down'; readonly socket: string}
  /** `group` is whose members may; null when that cannot be seen from outside. */
  | {readonly reason: 'not-permitted'; readonly socket: string; readonly group: string | null}
  /** It answered, and the answer is no. */
  | {readonly reason: 'problem'; readonly status: number; readonly problem: Problem}
  /** It went silent, or hung up in the middle. */
  | {readonly reason: 'no-answer'; readonly detail: string}
  /** What came is not what this version of the API answers. */
  | {readonly reason: 'bad-answer'; readonly detail: string};

export function describeApiTrouble(trouble: ApiTrouble): {readonly what: string; readonly fix: string} {
  switch (trouble.reason) {
    case 'daemon-down':
      return {
        what: `No daemon answers on ${trouble.socket}.`,
        fix: 'Start it with dubstead up. If it runs with another data folder, set DATA_DIR to the same one.',
      };
    case 'not-permitted':
      return {
        what: `You may not use ${trouble.socket}.`,
        fix:
          trouble.group === null
            ? 'Run this as the user that the daemon runs as, or ask who looks after this machine.'
            : `It is for the group ${trouble.group}: have yourself added (sudo usermod -aG ${trouble.group} YOUR-NAME) and log in again.`,
      };
    case 'problem':
      return {what: trouble.problem.what, fix: trouble.problem.fix};
    case 'no-answer':
      return {
        what: `The daemon gave no answer: ${trouble.detail}.`,
        fix: 'Try again; if it stays silent, its log says what it is doing.',
      };
    case 'bad-answer':
      return {
        what: `The daemon's answer cannot be read: ${trouble.detail}.`,
        fix: 'Daemon and command may be of different versions: restart the daemon after an update.',
      };
    default:
      return unreachable(trouble);
  }
}
