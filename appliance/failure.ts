/** Owns every way a dub can fail, as data, and the one place where that becomes a sentence. */

import {z} from 'zod';
import {exitCodes} from './exit-codes.ts';
import {unreachable} from './result.ts';

/** Holds a path of any length that Linux takes. */
const text = z.string().max(4096);
const bytes = z.number().nonnegative();

/** The input is not something to dub: nothing was made, nothing is left. */
export const Refusal = z.discriminatedUnion('reason', [
  z.object({reason: z.literal('no-such-file'), path: text}),
  z.object({reason: z.literal('is-a-folder'), path: text}),
  z.object({reason: z.literal('not-a-file'), path: text}),
  z.object({reason: z.literal('unreadable'), path: text, detail: text}),
  z.object({reason: z.literal('empty-file'), path: text}),
  z.object({reason: z.literal('not-media'), path: text, detail: text}),
  z.object({reason: z.literal('playlist'), path: text, format: text}),
  z.object({reason: z.literal('truncated'), path: text, detail: text}),
  z.object({reason: z.literal('no-video'), path: text}),
  z.object({reason: z.literal('no-audio'), path: text}),
  z.object({reason: z.literal('no-duration'), path: text}),
  z.object({reason: z.literal('no-speech'), path: text}),
  z.object({reason: z.literal('unsupported-pair'), from: text, to: text, pairs: z.array(text)}),
  z.object({reason: z.literal('same-language'), language: text}),
  z.object({reason: z.literal('too-long'), path: text, seconds: z.number(), mostSeconds: z.number()}),
  z.object({reason: z.literal('bad-subtitles'), path: text, line: z.number().int(), detail: text}),
  z.object({
    ...{reason: z.literal('disk-full'), path: text, neededBytes: bytes, freeBytes: bytes},
    /** There are bytes, but no more files can be made. */
    noInodes: z.boolean().optional(),
  }),
  z.object({reason: z.literal('not-writable'), path: text, detail: text}),
  z.object({reason: z.literal('nothing-to-edit'), path: text}),
  z.object({reason: z.literal('which-to-edit'), path: text, titles: z.array(text)}),
  z.object({reason: z.literal('no-such-line'), line: z.number().int(), lines: z.number().int()}),
  z.object({reason: z.literal('no-such-speaker'), speaker: text, speakers: z.array(text)}),
  z.object({reason: z.literal('no-such-voice'), voice: text, voices: z.array(text)}),
]);
export type Refusal = z.infer<typeof Refusal>;

export const Failure = z.discriminatedUnion('reason', [
  ...Refusal.options,
  z.object({
    reason: z.literal('engine-missing'),
    kind: text,
    engines: z.array(z.object({name: text, why: text})),
  }),
  z.object({reason: z.literal('tool-failed'), tool: text, stage: text, exit: text, stderr: text}),
  z.object({reason: z.literal('bad-output'), path: text, detail: text}),
  z.object({reason: z.literal('busy'), path: text, pid: z.number().int()}),
  z.object({reason: z.literal('worker-lost'), exit: text, stderr: text}),
  z.object({
    reason: z.literal('limit'),
    limit: z.enum(['job', 'stage', 'silence', 'processor', 'memory', 'file']),
    /** Seconds of the first four; bytes of memory and of a file. */
    allowed: z.number().nonnegative(),
    /** What ran into it, where that is known. */
    node: text.nullable(),
  }),
  z.object({reason: z.literal('wire-broken'), detail: text}),
  z.object({reason: z.literal('stopped')}),
  z.object({reason: z.literal('bug'), detail: text}),
]);
export type Failure = z.infer<typeof Failure>;

/** Carries a Failure through code that has nothing to say about it, up to the edge that describes it. */
export class Failed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(describe(failure).what, options);
    this.name = 'Failed';
    this.failure = failure;
  }
}

/** What its sentences say, and no more: this may go wherever they may. */
export function told(failure: Failure): Failure {
  const {reason} = failure;
  if (reason === 'tool-failed' || reason === 'worker-lost')
    return {...failure, stderr: lastLine(failure.stderr)};
  if (reason === 'limit' && failure.limit !== 'stage') return {...failure, node: null};
  if (reason === 'disk-full' && failure.noInodes) return {...failure, neededBytes: 0, freeBytes: 0};
  return failure;
}

export interface Description {
  /** What happened, to what. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
  readonly exit: (typeof exitCodes)[keyof typeof exitCodes];
}

export function describe(failure: Failure): Description {
  if (isRefusal(failure)) return {...describeRefusal(failure), exit: exitCodes.refused};
  return describeTrouble(failure);
}

const refusals: ReadonlySet<string> = new Set(Refusal.options.map(({shape}) => shape.reason.value));

function isRefusal(failure: Failure): failure is Refusal {
  return refusals.has(failure.reason);
}

function describeTrouble(failure: Exclude<Failure, Refusal>): Description {
  const {failed} = exitCodes;
  switch (failure.reason) {
    case 'engine-missing':
      return {
        what: `No engine is ready as ${failure.kind}: ${failure.engines.map(e => `${e.name} (${e.why})`).join('; ')}.`,
        fix: 'Run scripts/setup, then dubstead engines to see what each one needs.',
        exit: exitCodes.engineMissing,
      };
    case 'tool-failed':
      return {
        what: `${failure.tool} failed in ${failure.stage} (${failure.exit}): ${lastLine(failure.stderr)}`,
        fix: 'Try again: finished work is kept. If it fails again, the source may be damaged where it stopped.',
        exit: failed,
      };
    case 'bad-output':
      return {
        what: `The finished ${failure.path} did not pass its check: ${failure.detail}.`,
        fix: 'Nothing was replaced. Try again; if it fails again, the source may be damaged there.',
        exit: failed,
      };
    case 'busy':
      return {
        what: `${failure.path} is being worked on by process ${failure.pid}.`,
        fix: 'Wait for it to end, or choose another --out folder.',
        exit: failed,
      };
    case 'worker-lost':
      return {
        what: `The job process ended without an answer (${failure.exit}). ${lastLine(failure.stderr)}`.trim(),
        fix: 'Try again: it goes on from the last finished step.',
        exit: failed,
      };
    case 'limit':
      return {...describeLimit(failure), exit: failed};
    case 'wire-broken':
      return {
        what: `The job process was ended: it ${failure.detail}.`,
        fix: 'Retry the job. If it happens again, please report it with the log of the job.',
        exit: failed,
      };
    case 'stopped':
      return {
        what: 'Stopped.',
        fix: 'Try again: it goes on from the last finished step.',
        exit: exitCodes.stopped,
      };
    case 'bug':
      return {
        what: `A fault in Dubstead itself: ${failure.detail}`,
        fix: 'Please report it with the command you ran.',
        exit: failed,
      };
    default:
      return unreachable(failure);
  }
}

function describeLimit({limit, allowed, node}: Extract<Failure, {reason: 'limit'}>): {
  readonly what: string;
  readonly fix: string;
} {
  const kept = 'Retry the job: it goes on from the last finished step.';
  switch (limit) {
    case 'job':
      return {
        what: `The job took longer than ${duration(allowed)}.`,
        fix: `${kept} JOB_HOURS_MAX allows more.`,
      };
    case 'stage':
      return {
        what: `${node ?? 'One step'} took longer than ${duration(allowed)}.`,
        fix: `${kept} STAGE_MINUTES_MAX allows more.`,
      };
    case 'silence':
      return {
        what: `Nothing was heard from the job process for ${duration(allowed)}.`,
        fix: `${kept} On a very slow machine JOB_HEARTBEAT_SECONDS allows more.`,
      };
    case 'processor':
      return {
        what: `A process of the job used more than ${duration(allowed)} of processor time.`,
        fix: `${kept} JOB_HOURS_MAX allows more.`,
      };
    case 'memory':
      return {
        what: `The job needed more than its ${megabytes(allowed)} of memory.`,
        fix: 'JOB_MEMORY_MB allows more, where the machine has it; the preset fast takes less.',
      };
    case 'file':
      return {
        what: `A file of the job grew beyond ${megabytes(allowed)}.`,
        fix: 'Check the source: it may claim to be far longer than it is.',
      };
    default:
      return unreachable(limit);
  }
}

function describeRefusal(refusal: Refusal): {readonly what: string; readonly fix: string} {
  switch (refusal.reason) {
    case 'no-such-file':
      return {what: `There is no file ${refusal.path}.`, fix: 'Check the path; quote it if it has spaces.'};
    case 'is-a-folder':
      return {what: `${refusal.path} is a folder.`, fix: 'Name the video files in it.'};
    case 'not-a-file':
      return {what: `${refusal.path} is not a regular file.`, fix: 'Name a video file.'};
    case 'unreadable':
      return {what: `${refusal.path} cannot be read: ${refusal.detail}.`, fix: 'Check its permissions.'};
    case 'empty-file':
      return {what: `${refusal.path} is empty.`, fix: 'Copy it again: the copy may have been cut off.'};
    case 'not-media':
      return {
        what: `${refusal.path} is not a video that can be read: ${refusal.detail}.`,
        fix: 'Dubstead takes MP4, MKV, WebM, MOV, AVI, MPEG and TS files.',
      };
    case 'playlist':
      return {
        what: `${refusal.path} is a playlist (${refusal.format}), not a video.`,
        fix: 'Playlists can point at other files and are never opened. Name the video itself.',
      };
    case 'truncated':
      return {
        what: `${refusal.path} is cut off or damaged: ${refusal.detail}.`,
        fix: 'Copy or download it again, then try once more.',
      };
    case 'no-video':
      return {
        what: `${refusal.path} has no picture.`,
        fix: 'Dubstead dubs videos: name a file with a video stream.',
      };
    case 'no-audio':
      return {what: `${refusal.path} has no sound.`, fix: 'There is nothing to dub in a silent video.'};
    case 'no-duration':
      return {
        what: `${refusal.path} has no length.`,
        fix: 'The recording may never have been finished; save it again.',
      };
    case 'no-speech':
      return {
        what: `No speech was found in ${refusal.path}.`,
        fix: 'If people do speak in it, give their words with --subs FILE.',
      };
    case 'unsupported-pair':
      return {
        what: `No translator here goes from ${refusal.from} to ${refusal.to}.`,
        fix: `Pairs that work here: ${refusal.pairs.join(', ') || 'none'}. Or give the translation with --subs FILE.`,
      };
    case 'too-long':
      return {
        what: `${refusal.path} is ${minutes(refusal.seconds)} long; ${minutes(refusal.mostSeconds)} are taken at most.`,
        fix: 'Cut it into parts, or raise MAX_VIDEO_MIN.',
      };
    case 'same-language':
      return {
        what: `The video is in ${refusal.language} already.`,
        fix: 'Choose another --to, or say what it is spoken in with --from.',
      };
    case 'bad-subtitles':
      return {
        what: `${refusal.path} does not parse at line ${refusal.line}: ${refusal.detail}.`,
        fix: 'Mend that line, or leave the file out to have the speech recognised.',
      };
    case 'disk-full':
      if (refusal.noInodes)
        return {
          what: `${refusal.path} has no inodes left: there is room, but not for one more file.`,
          fix: 'Delete files on that disk (df -i shows how many there are), or choose another output folder (--out, or OUTPUT_DIR of the daemon).',
        };
      return {
        what: `${refusal.path} has ${megabytes(refusal.freeBytes)} free; this dub needs about ${megabytes(refusal.neededBytes)}.`,
        fix: 'Free some space, or choose another output folder (--out, or OUTPUT_DIR of the daemon).',
      };
    case 'not-writable':
      return {
        what: `${refusal.path} cannot be written to: ${refusal.detail}.`,
        fix: 'Change its permissions, or choose another output folder (--out, or OUTPUT_DIR of the daemon).',
      };
    case 'nothing-to-edit':
      return {
        what: `There is no dub in ${refusal.path} to edit.`,
        fix: 'Make it first with dubstead dub FILE --out DIR.',
      };
    case 'which-to-edit':
      return {
        what: `${refusal.path} holds more than one dub.`,
        fix: `Say which with --title: ${refusal.titles.join(', ')}.`,
      };
    case 'no-such-line':
      return {
        what: `There is no line ${refusal.line}: this dub has ${refusal.lines}.`,
        fix: 'The report numbers the lines.',
      };
    case 'no-such-speaker':
      return {
        what: `Nobody in this dub is called ${refusal.speaker}.`,
        fix: `Say which with --speaker: ${refusal.speakers.join(', ')}.`,
      };
    case 'no-such-voice':
      return {
        what: `There is no voice ${refusal.voice} here for the language of this dub.`,
        fix: `Choose one with --voice: ${refusal.voices.join(', ')}.`,
      };
    default:
      return unreachable(refusal);
  }
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

/** In the largest unit that leaves a number people read at a glance. */
function duration(seconds: number): string {
  const [amount, unit] =
    seconds >= 7200
      ? [seconds / 3600, 'hours']
      : seconds >= 120
        ? [seconds / 60, 'minutes']
        : [seconds, 'seconds'];
  return `${Number(amount.toFixed(1))} ${unit}`;
}

function minutes(seconds: number): string {
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function megabytes(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.ceil(count / 1e6)} MB`;
}
