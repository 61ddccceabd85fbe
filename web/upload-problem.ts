/** Owns how a no about an upload becomes an answer. Never sends it. */
import {unreachable} from '../appliance/result.ts';
import type {Trouble} from './box.ts';
import {ofFailure, ofTrouble, type Refused} from './problem.ts';
import type {NameFault, UploadTrouble} from './upload-desk.ts';

const again = 'Ask with HEAD how much is there, and go on from that offset.';

export const uploadProblems = {
  /** The same words whether it never was, is gone, or is somebody else's. */
  noSuch: (): Refused => ({
    status: 404,
    code: 'no-such-upload',
    what: 'There is no such upload.',
    fix: 'GET /api/uploads lists your uploads; begin a new one with POST.',
  }),
  wrongVersion: (): Refused => ({
    status: 412,
    code: 'wrong-tus-version',
    what: 'The request does not say Tus-Resumable: 1.0.0.',
    fix: 'Use a client that speaks tus 1.0.0.',
    headers: {'Tus-Version': '1.0.0'},
  }),
  badHeader: (name: string, what: string): Refused => ({
    status: 400,
    code: 'bad-upload-header',
    what: `${name}: ${what}`,
    fix: 'Send it as tus 1.0.0 says: https://tus.io/protocols/resumable-upload.',
  }),
  notBytes: (): Refused => ({
    status: 415,
    code: 'not-offset-octet-stream',
    what: 'The bytes of an upload are not sent as what they are.',
    fix: 'Send them as Content-Type: application/offset+octet-stream, not compressed.',
  }),
} as const;

export function ofUploadTrouble(trouble: UploadTrouble | Trouble): Refused {
  switch (trouble.reason) {
    case 'no-such-upload':
      return uploadProblems.noSuch();
    case 'bad-upload-name':
    case 'empty-upload':
    case 'wrong-content':
    case 'wrong-digest':
    case 'no-film':
    case 'bad-sidecar':
      return {status: 422, code: trouble.reason, ...aboutContent(trouble)};
    case 'refused':
      return ofFailure(trouble.why);
    case 'upload-too-large':
    case 'over-quota':
    case 'no-room':
    case 'disk-filled':
      return aboutRoom(trouble);
    case 'wrong-offset':
    case 'wrong-checksum':
    case 'past-its-end':
    case 'broken-off':
    case 'not-whole':
    case 'completed':
      return aboutBytes(trouble);
    case 'no-such-job':
    case 'no-such-saved':
    case 'saved-by-another':
    case 'name-taken':
    case 'hard-delete-off':
    case 'said-off':
    case 'output-gone':
    case 'output-changed':
    case 'not-now':
    case 'over-cap':
    case 'no-such-media':
    case 'no-such-plan':
    case 'count-differs':
    case 'no-such-stage':
    case 'draining':
    case 'starting':
    case 'inbox-offline':
    case 'not-stored':
    case 'failed':
      return ofTrouble(trouble);
    default:
      return unreachable(trouble);
  }
}

type About<Reason extends UploadTrouble['reason']> = Extract<UploadTrouble, {readonly reason: Reason}>;

function aboutContent(
  trouble: About<
    'bad-upload-name' | 'empty-upload' | 'wrong-content' | 'wrong-digest' | 'no-film' | 'bad-sidecar'
  >,
): Pick<Refused, 'what' | 'fix'> {
  switch (trouble.reason) {
    case 'bad-upload-name':
      return {what: nameFaults[trouble.fault], fix: 'Rename the file, such as film.mp4, and begin again.'};
    case 'empty-upload':
      return {what: 'The file is empty.', fix: 'Choose the file again: it may not be there any more.'};
    case 'wrong-content':
      return {
        what: `What is in ${trouble.name} is not what its name says.`,
        fix: 'Give the file the ending of what it is, such as .mkv, and begin again.',
      };
    case 'wrong-digest':
      return {
        what: `What arrived has the SHA-256 ${trouble.found}, not the one that was announced.`,
        fix: 'The file changed while it was sent: begin again.',
      };
    case 'no-film':
      return {
        what: `${trouble.name} is no film.`,
        fix: 'Complete the upload of the film, and name this one among its sidecars.',
      };
    case 'bad-sidecar':
      return {
        what: `The sidecar ${trouble.id} is not a whole upload of subtitles.`,
        fix: 'Upload it to its end first, with a name that ends in .srt, .vtt, .ass or .ssa.',
      };
    default:
      return unreachable(trouble);
  }
}

const nameFaults: Readonly<Record<NameFault, string>> = {
  path: 'The name of the file is a path.',
  hidden: 'The name of the file starts with a dot.',
  'no-stem': 'The file has no name before its ending.',
  ending: 'The name of the file ends as no film does that Dubstead takes.',
  program: 'The name of the file has the ending of a program in it.',
  odd: 'The name of the file is empty, over 255 bytes long, or no text.',
};

function aboutRoom(trouble: About<'upload-too-large' | 'over-quota' | 'no-room' | 'disk-filled'>): Refused {
  switch (trouble.reason) {
    case 'upload-too-large':
      return {
        status: 413,
        code: 'upload-too-large',
        what: `The file is larger than ${megabytes(trouble.limitBytes)}.`,
        fix: 'Make it smaller, or have an admin raise MAX_UPLOAD_MB.',
      };
    case 'over-quota':
      return overQuota(trouble);
    case 'no-room':
      return {
        status: 507,
        code: 'no-room',
        what: `The box has no room for ${megabytes(trouble.neededBytes)}: ${megabytes(trouble.freeBytes)} can be given away.`,
        fix: 'Have an admin free space on the box, then begin again.',
      };
    case 'disk-filled':
      return {
        status: 507,
        code: 'disk-filled',
        what: 'The disk of the box is full.',
        fix: 'What came before is kept: go on when there is space again.',
        headers: {'Upload-Offset': String(trouble.offset)},
      };
    default:
      return unreachable(trouble);
  }
}

/** Not 409, which clients of tus try again by themselves. */
function overQuota({of, used, allowed}: About<'over-quota'>): Refused {
  if (of === 'kept')
    return {
      ...{status: 403, code: 'over-quota'},
      what: `${megabytes(used)} of ${megabytes(allowed)} are taken by your films, your dubs and your uploads under way.`,
      fix: 'Delete jobs and let them leave the trash, or have an admin allow more (DISK_PER_USER_GB).',
    };
  const what =
    of === 'uploads'
      ? `${used} of ${allowed} uploads at once are under way.`
      : `${megabytes(used)} of ${megabytes(allowed)} are taken by your uploads under way.`;
  return {status: 403, code: 'over-quota', what, fix: 'Finish one of them, or give one up with DELETE.'};
}

function aboutBytes(
  trouble: About<
    'wrong-offset' | 'wrong-checksum' | 'past-its-end' | 'broken-off' | 'not-whole' | 'completed'
  >,
): Refused {
  switch (trouble.reason) {
    case 'wrong-offset':
      return {
        ...{
          status: 409,
          code: 'wrong-offset',
          what: `The next byte is number ${trouble.offset}.`,
          fix: again,
        },
        headers: {'Upload-Offset': String(trouble.offset)},
      };
    case 'wrong-checksum':
      return {
        ...{status: 460, code: 'wrong-checksum', what: 'The bytes do not have the checksum they came with.'},
        fix: 'Nothing of them was kept: send them again.',
        headers: {'Upload-Offset': String(trouble.offset)},
      };
    case 'past-its-end':
      return {
        ...{status: 413, code: 'past-its-end', what: `The upload has ${trouble.length} bytes and no more.`},
        fix: again,
      };
    case 'broken-off':
      return {status: 423, code: 'broken-off', what: 'The request ended in the middle.', fix: again};
    case 'not-whole':
      return {
        ...{status: 409, code: 'not-whole', fix: again},
        what: `${trouble.offset} of ${trouble.length} bytes are there.`,
      };
    case 'completed':
      return {
        ...{status: 409, code: 'completed', what: `The upload is job ${trouble.job} already.`},
        fix: 'Ask for that job, or begin another upload.',
      };
    default:
      return unreachable(trouble);
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
