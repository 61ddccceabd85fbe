/** Owns how every no becomes an answer: a status, a code, what happened and what to do. Never sends it. */
import type {Problem} from '../appliance/api/shapes.ts';
import {exitCodes} from '../appliance/exit-codes.ts';
import {describe, type Failure} from '../appliance/failure.ts';
import {type Wish, wishesFor} from '../appliance/job.ts';
import {no, ok, type Result, unreachable} from '../appliance/result.ts';
import type {Readiness, Trouble} from './box.ts';

export interface Refused extends Problem {
  readonly status: number;
  /** Header fields that go with it: what is allowed, when to come back. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Carries a Refused out of a parser or a middleware, up to the one place that answers with it. */
export class NotAnswered extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.what);
    this.name = 'NotAnswered';
    this.refused = refused;
  }
}

const described = 'GET /api/openapi.json describes what is taken.';

export const problems = {
  notFound: (): Refused => ({
    status: 404,
    code: 'not-found',
    what: 'There is nothing here by that name.',
    fix: 'GET /api/openapi.json lists what there is.',
  }),
  /** The same words whether it never was, is gone, or is somebody else's. */
  noSuchJob: (): Refused => ({
    status: 404,
    code: 'no-such-job',
    what: 'There is no such job.',
    fix: 'GET /api/jobs lists the jobs there are.',
  }),
  /** Only to those who can see it all the same. */
  readOnly: (): Refused => ({
    status: 403,
    code: 'read-only',
    what: 'This job is shared with you: you can look at it and take its files, and nothing else.',
    fix: 'Ask its owner.',
  }),
  noSuchFile: (): Refused => ({
    status: 404,
    code: 'no-such-output',
    what: 'The job has no finished file of that name or number.',
    fix: 'GET /api/jobs/ID/files lists those it has.',
  }),
  noSuchMedia: (): Refused => ({
    status: 404,
    code: 'no-such-media',
    what: 'There is no such folder or file among those that this box shows.',
    fix: 'GET /api/files lists them; MEDIA_DIRS says which folders they lie in.',
  }),
  badKey: (): Refused => ({
    status: 400,
    code: 'bad-key',
    what: 'Idempotency-Key is not 1 to 100 visible characters.',
    fix: 'Send a random one, such as a UUID.',
  }),
  keyReused: (): Refused => ({
    status: 409,
    code: 'key-reused',
    what: 'This Idempotency-Key came with another request before.',
    fix: 'Use a new one for each thing that is to be done.',
  }),
  keyInUse: (): Refused => ({
    status: 409,
    code: 'key-in-use',
    what: 'The request that came first with this Idempotency-Key is still being answered.',
    fix: 'Ask again in a moment.',
    headers: {'Retry-After': '1'},
  }),
  importsOff: (): Refused => ({
    status: 403,
    code: 'imports-off',
    what: 'This box takes no words and speakers from outside (ENABLE_IMPORTS=0).',
    fix: 'Set ENABLE_IMPORTS=1, or lay subtitles beside the film before it is dubbed.',
  }),
  badImport: (detail: string): Refused => ({
    status: 422,
    code: 'bad-import',
    what: `Nothing was taken over: ${detail}.`,
    fix: 'Mend it and send it again; what the job had before is as it was.',
  }),
  editedMeanwhile: (others: readonly string[]): Refused => ({
    status: 409,
    code: 'edited-meanwhile',
    what: `${others.join(', ')} changed some of these lines since you looked: nothing of yours was saved over it.`,
    fix: 'Look at the lines again, then save yours or leave theirs.',
  }),
  /** `decided`: what each of them chose, in words. */
  decidedMeanwhile: (decided: readonly string[]): Refused => ({
    status: 409,
    code: 'edited-meanwhile',
    what: `Somebody decided this otherwise since you looked: ${decided.join('; ')}. Nothing of yours was saved over it.`,
    fix: 'Look at the speakers again, then save yours or leave theirs.',
  }),
  noSuchVoice: (voice: string): Refused => ({
    status: 422,
    code: 'no-such-voice',
    what: `No voice here goes by ${JSON.stringify(voice)} in the language of this dub.`,
    fix: 'GET /api/jobs/ID/speakers lists those that can be chosen.',
  }),
  noSeries: (): Refused => ({
    status: 409,
    code: 'no-series',
    what: 'Names and voices are saved for this film, and for no series: it is not known to be of one.',
    fix: 'Say which series it is of on its card (PUT /api/jobs/ID/card), then save them again.',
  }),
  oldReport: (): Refused => ({
    status: 409,
    code: 'old-report',
    what: 'This dub was made before lines could be edited here.',
    fix: 'Have it done again with a retry from the stage measure; it takes seconds.',
  }),
  notSaid: (): Refused => ({
    status: 503,
    code: 'not-said',
    what: 'No voice could say that now.',
    fix: 'Try again in a moment; where it goes on, the quality report says which voices there are.',
    headers: {'Retry-After': '2'},
  }),
  notRunning: (): Refused => ({
    status: 409,
    code: 'not-running',
    what: 'The film is not being dubbed at this moment.',
    fix: 'Once it is done it is among its files; until then it can be watched while its job runs.',
  }),
  enginesSilent: (): Refused => ({
    status: 503,
    code: 'engines-silent',
    what: 'The engines of this box do not answer now.',
    fix: 'Try again in a moment; on the box itself, dubstead engines says more.',
    headers: {'Retry-After': '5'},
  }),
  auditTooLong: (): Refused => ({
    status: 503,
    code: 'audit-too-long',
    what: 'The audit is too long to be checked while somebody waits.',
    fix: 'On the box itself, dubstead doctor checks it and takes its time.',
  }),
  noPoster: (): Refused => ({
    status: 404,
    code: 'no-poster',
    what: 'There is no picture of this film.',
    fix: 'It is made of the film itself, while that is kept; ask again later where many are asked for at once.',
  }),
  noReport: (): Refused => ({
    status: 404,
    code: 'no-report',
    what: 'The job has no quality report, or one that is over 8 MiB.',
    fix: 'It is there once the job is done; a large one is among its files: GET /api/jobs/ID/files.',
  }),
  noSuchStage: (): Refused => ({
    status: 400,
    code: 'no-such-stage',
    what: 'No stage of a job has that name.',
    fix: 'GET /api/jobs/ID/timeline names the stages that there are.',
  }),
  noSuchLink: (): Refused => ({
    status: 404,
    code: 'no-such-link',
    what: 'This link is not good, or not any more.',
    fix: 'Ask for a new one: POST /api/jobs/ID/link.',
  }),
  outputChanged: (): Refused => ({
    status: 404,
    code: 'output-changed',
    what: 'What lies in the place of the file is not what the job made.',
    fix: 'Put the file back as it was, or have the job done again with dubstead retry.',
  }),
  failedPrecondition: (): Refused => ({
    status: 412,
    code: 'file-changed',
    what: 'The file is not the one that the request names as its condition.',
    fix: 'Ask for it again without If-Match and If-Unmodified-Since.',
  }),
  noSuchRange: (size: number): Refused => ({
    status: 416,
    code: 'no-such-range',
    what: `The file is ${size} bytes long, and none of them is in the range.`,
    fix: 'Ask for a range within the file, or for all of it.',
    headers: {'Content-Range': `bytes */${size}`},
  }),
  wrongMethod: (method: string, allowed: string): Refused => ({
    status: 405,
    code: 'wrong-method',
    what: `${method} is not something that can be done here.`,
    fix: `Here there is ${allowed}.`,
    headers: {Allow: allowed},
  }),
  badRequest: (code: string, what: string): Refused => ({status: 400, code, what, fix: described}),
  /** The name as it was asked for; it is the client's own, and may hold anything. */
  unknownHost: (host: string): Refused => ({
    status: 421,
    code: 'unknown-host',
    what: `This box does not go by the name ${JSON.stringify(host.slice(0, 100))}.`,
    fix: 'Use its address or its host name, or set PUBLIC_BASE_URL to the name it is reached by.',
  }),
  notServed: (mode: string): Refused => ({
    status: 403,
    code: 'not-served',
    what: `This box does not serve where this comes from (REMOTE_ACCESS_MODE=${mode}).`,
    fix: 'Connect from the same network, or through a VPN into it.',
  }),
  noAssertion: (): Refused => ({
    status: 403,
    code: 'no-assertion',
    what: 'This did not come through Cloudflare Access (REMOTE_ACCESS_MODE=cloudflare).',
    fix: 'Open the address that Cloudflare serves; check CLOUDFLARE_ISSUER and CLOUDFLARE_AUDIENCE.',
  }),
  uriTooLong: (limit: number): Refused => ({
    status: 414,
    code: 'address-too-long',
    what: `The address is over ${limit} characters long.`,
    fix: 'Ask for less at once.',
  }),
  bodyTooLarge: (limit: number): Refused => ({
    status: 413,
    code: 'body-too-large',
    what: `The body is over ${limit} bytes long.`,
    fix: described,
  }),
  notJson: (): Refused => ({
    status: 415,
    code: 'not-json',
    what: 'The body is not sent as JSON.',
    fix: 'Send it as Content-Type: application/json, in UTF-8, not compressed.',
  }),
  notAcceptable: (): Refused => ({
    status: 406,
    code: 'event-stream-only',
    what: 'This answers with an event stream alone, and the request takes none.',
    fix: 'Send Accept: text/event-stream.',
  }),
  socketOnly: (): Refused => ({
    status: 426,
    code: 'socket-only',
    what: 'This answers with a WebSocket alone, and the request asks for none.',
    fix: 'Open it as a WebSocket; GET /api/jobs/events is the same as an event stream.',
    headers: {Upgrade: 'websocket'},
  }),
  unknownCaller: (): Refused => ({
    status: 401,
    code: 'unknown-caller',
    what: 'This is only for people the box knows.',
    fix: 'Log in, or send a key.',
  }),
  noCsrf: (): Refused => ({
    status: 403,
    code: 'no-csrf',
    what: 'This change was not shown to come from a page of this box.',
    fix: 'Send the csrf cookie again as X-CSRF-Token, from a page of this box; scripts use a key instead.',
  }),
  unknownOrigin: (origin: string): Refused => ({
    status: 403,
    code: 'unknown-origin',
    what: `A page of ${JSON.stringify(origin.slice(0, 100))} is not one that may ask this box.`,
    fix: 'Add its address to CORS_ORIGINS if it may.',
  }),
  notAllowed: (permission: string): Refused => ({
    status: 403,
    code: 'not-allowed',
    what: `This needs the permission ${permission}, which you do not have.`,
    fix: 'Ask an admin of the box.',
  }),
  tooOften: (waitMs: number): Refused => ({
    status: 429,
    code: 'too-often',
    what: 'This was asked too often.',
    fix: `Ask again in ${secondsOf(waitMs)} s.`,
    headers: {'Retry-After': secondsOf(waitMs)},
  }),
  tooManyStreams: (limit: number): Refused => ({
    status: 503,
    code: 'too-many-streams',
    what: `${limit} event streams are open already.`,
    fix: 'Close one, or try again later.',
    headers: {'Retry-After': '5'},
  }),
  /** Says nothing of what it was: that is in the daemon's log, under the same number. */
  bug: (requestId: string): Refused => ({
    status: 500,
    code: 'bug',
    what: `A fault in Dubstead itself (request ${requestId}).`,
    fix: 'The daemon’s log has the details under that number; please report it.',
  }),
} as const;

export function notReady(readiness: Exclude<Readiness, {is: 'ready'}>): Refused {
  switch (readiness.is) {
    case 'starting':
    case 'draining':
      return ofTrouble({reason: readiness.is});
    case 'unwell':
      return {status: 503, code: 'unwell', what: readiness.what, fix: readiness.fix};
    default:
      return unreachable(readiness);
  }
}

/** What was answered, as a client is told of it. */
export function shown<T, S>(answer: Result<T, Trouble>, show: (value: T) => S): Result<S, Refused> {
  return answer.ok ? ok(show(answer.value)) : no(ofTrouble(answer.why));
}

export function ofTrouble(trouble: Trouble): Refused {
  switch (trouble.reason) {
    case 'no-such-job':
      return problems.noSuchJob();
    case 'output-gone':
      return {
        status: 404,
        code: 'output-gone',
        what: 'The file is not where finished dubs lie.',
        fix: 'It was moved, renamed or deleted there: put it back, or have the job done again with dubstead retry.',
      };
    case 'output-changed':
      return problems.outputChanged();
    case 'not-now':
      return notNow(trouble);
    case 'no-such-saved':
      return {
        status: 404,
        code: 'no-such-preset',
        what: 'There is no preset and no series of that name.',
        fix: 'GET /api/presets and GET /api/series list those there are.',
      };
    case 'saved-by-another':
      return {
        status: 403,
        code: 'read-only',
        what: 'Somebody else saved this and shares it: you can use it, and not change it.',
        fix: 'Ask its owner, or save one of your own.',
      };
    case 'name-taken':
      return {
        status: 409,
        code: 'name-taken',
        what: `You have saved something by the name ${JSON.stringify(trouble.name)} already.`,
        fix: 'Choose another name, or change that one.',
      };
    case 'hard-delete-off':
      return {
        status: 403,
        code: 'hard-delete-off',
        what: 'This box purges nothing on demand (ENABLE_HARD_DELETE=0).',
        fix: 'Delete the job: its files go when its days in the trash are over. Or set ENABLE_HARD_DELETE=1.',
      };
    case 'no-such-plan':
      return {
        status: 404,
        code: 'no-such-plan',
        what: 'There is no such plan: it was never made, is over, or was carried out.',
        fix: 'Make a new one: POST /api/purge/plan.',
      };
    case 'count-differs':
      return {
        status: 409,
        code: 'count-differs',
        what: `The plan is of ${trouble.planned} files, not of ${trouble.said}: nothing was removed.`,
        fix: 'Look at the plan again, and say the number of files that it lists.',
      };
    case 'said-off':
      return {
        status: 403,
        code: 'said-off',
        what: 'This box keeps nothing of what is said in films to be searched (SEARCH_TRANSCRIPTS=0).',
        fix: 'Search by name with q, or have an admin set SEARCH_TRANSCRIPTS=1.',
      };
    case 'over-cap':
      return {
        status: 409,
        code: 'over-cap',
        what: `${trouble.what}: ${trouble.used} of ${trouble.allowed} are used.`,
        fix: 'Wait until some have ended, or delete some.',
      };
    case 'no-such-stage':
      return problems.noSuchStage();
    case 'no-such-media':
      return problems.noSuchMedia();
    case 'draining':
      return {
        status: 503,
        code: 'draining',
        what: 'The box is draining: what runs is finished and nothing new is taken.',
        fix: 'Try again when it is up again.',
        headers: {'Retry-After': '30'},
      };
    case 'starting':
      return {
        status: 503,
        code: 'starting',
        what: 'The box is starting and takes no work yet.',
        fix: 'Try again in a moment.',
        headers: {'Retry-After': '1'},
      };
    case 'inbox-offline':
      return {
        status: 503,
        code: 'inbox-offline',
        what: `The inbox ${trouble.folder} is offline: ${trouble.why}.`,
        fix: 'Mount it again; what lay in it is looked for by itself then.',
      };
    case 'not-stored':
      return {
        status: 507,
        code: 'not-stored',
        what: `The change could not be stored, so it was not made: ${trouble.detail}.`,
        fix: 'Free space where the box keeps its state, then try again.',
      };
    case 'failed':
      return ofFailure(trouble.failure);
    default:
      return unreachable(trouble);
  }
}

export function ofFailure(failure: Failure): Refused {
  const {what, fix, exit} = describe(failure);
  return {status: statusOf(failure, exit), code: failure.reason, what, fix};
}

/** A failure's exit code tells a refusal, which is about the input, from trouble of the box's own. */
function statusOf(failure: Failure, exit: number): number {
  if (failure.reason === 'disk-full') return 507;
  if (failure.reason === 'busy') return 409;
  if (failure.reason === 'stopped') return 503;
  return exit === exitCodes.refused ? 422 : 500;
}

const doing: Readonly<Record<Wish | 'purge' | 'change', string>> = {
  change: 'changed',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
  retry: 'tried again',
  delete: 'deleted',
  restore: 'restored',
  purge: 'purged',
};

function notNow({job, wish}: Extract<Trouble, {reason: 'not-now'}>): Refused {
  const now = wishesFor(job.state);
  return {
    status: 409,
    code: 'not-now',
    what: `Job ${job.id} is ${job.state.is} and cannot be ${doing[wish]}.`,
    fix:
      now.length === 0
        ? 'Wait until it has come to rest.'
        : `What can be done with it now: ${now.join(', ')}.`,
  };
}

function secondsOf(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}
