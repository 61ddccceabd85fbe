/**
 * Owns every way a verb that speaks to the daemon can come to nothing, as data, and the one place where that becomes
 * words and an exit code. What a dub fails with has its own, in the appliance.
 */
import type {Problem} from '../appliance/api/shapes.ts';
import {type ApiTrouble, describeApiTrouble} from '../appliance/api/trouble.ts';
import {type ConfigFault, describeFault} from '../appliance/config/fault.ts';
import {unreachable} from '../appliance/result.ts';
import {type ExitCode, exitCodes, exitOfAnswer} from './exit-codes.ts';

export type Trouble =
  | {readonly is: 'misconfigured'; readonly faults: readonly ConfigFault[]}
  | {readonly is: 'unanswered'; readonly trouble: ApiTrouble}
  | {readonly is: 'no-such-job'; readonly asked: string}
  /** `what` is the kind of thing, such as "login"; `list` the command line that lists those there are. */
  | {readonly is: 'no-such'; readonly what: string; readonly asked: string; readonly list: string}
  /** `what` is left out for a job. `more` when there are others besides. */
  | {
      readonly is: 'ambiguous';
      readonly what?: string;
      readonly asked: string;
      readonly candidates: readonly Candidate[];
      readonly more: boolean;
    };

/** Something that begins with what was asked for. */
export interface Candidate {
  readonly id: string;
  readonly title: string;
}

/** Carries a Trouble through code that has nothing to say about it, up to the edge that describes it. */
export class Hindered extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(describeTrouble(trouble).what);
    this.name = 'Hindered';
    this.trouble = trouble;
  }
}

export interface Described extends Problem {
  readonly exit: ExitCode;
}

export function describeTrouble(trouble: Trouble): Described {
  switch (trouble.is) {
    case 'misconfigured':
      return {
        code: 'misconfigured',
        what: trouble.faults.map(describeFault).join('\n'),
        fix: 'Mend that, and try again; docs/configuration.md lists all settings.',
        exit: exitCodes.usage,
      };
    case 'unanswered':
      return {
        code: codeOf(trouble.trouble),
        ...describeApiTrouble(trouble.trouble),
        exit: exitOf(trouble.trouble),
      };
    case 'no-such-job':
      return {
        code: 'no-such-job',
        what: `There is no job ${trouble.asked}.`,
        fix: 'dubstead jobs lists those there are.',
        exit: exitCodes.refused,
      };
    case 'no-such': {
      const {what, asked, list} = trouble;
      return {
        code: `no-such-${what}`,
        what: `There is no ${what} ${asked}.`,
        fix: `${list} lists those there are.`,
        exit: exitCodes.refused,
      };
    }
    case 'ambiguous':
      return {code: 'ambiguous', ...describeAmbiguous(trouble), exit: exitCodes.refused};
    default:
      return unreachable(trouble);
  }
}

/** One line, for a connection that is taken up again by itself. */
export function describeOutage(trouble: ApiTrouble): string {
  return `${describeApiTrouble(trouble).what} It is tried again; jobs go on meanwhile.`;
}

const shownCandidates = 10;

function describeAmbiguous({what = 'job', asked, candidates, more}: Extract<Trouble, {is: 'ambiguous'}>) {
  const shown = candidates.slice(0, shownCandidates).map(({id, title}) => `  ${id}  ${title}`);
  const isCut = more || candidates.length > shown.length;
  return {
    what: [`More than one ${what} begins with ${asked}:`, ...shown, ...(isCut ? ['  …'] : [])].join('\n'),
    fix: 'Say more of the one you mean.',
  };
}

function codeOf(trouble: ApiTrouble): string {
  return trouble.reason === 'problem' ? trouble.problem.code : trouble.reason;
}

function exitOf(trouble: ApiTrouble): ExitCode {
  switch (trouble.reason) {
    case 'daemon-down':
    case 'not-permitted':
      return exitCodes.noDaemon;
    case 'problem':
      return exitOfAnswer(trouble.status, trouble.problem);
    case 'no-answer':
    case 'bad-answer':
      return exitCodes.failed;
    default:
      return unreachable(trouble);
  }
}
