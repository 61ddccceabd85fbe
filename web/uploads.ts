/** Owns what the routes of uploads do: header fields become questions to the desk, its answers header fields again. */
import type {IncomingMessage} from 'node:http';
import {may} from '../appliance/api/permissions.ts';
import type {Rows} from '../appliance/api/rows.ts';
import type {uploadRows} from '../appliance/api/upload-rows.ts';
import type {UploadShown} from '../appliance/api/upload-shapes.ts';
import {Digest} from '../appliance/digest.ts';
import {describe, told} from '../appliance/failure.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {Handlers, TusAnswer} from './handler.ts';
import {httpDate} from './http-date.ts';
import {patientPieces} from './patience.ts';
import {problems, type Refused} from './problem.ts';
import {showDetail} from './show.ts';
import {readChecksum, readCount, readMetadata, tusAbilities, tusVersion} from './tus.ts';
import type {AppendAsk, BeginAsk, UploadNow} from './upload-desk.ts';
import {ofUploadTrouble, uploadProblems} from './upload-problem.ts';

/** No byte of an upload for so long, and the request is over; what came is kept. */
const idleMs = 60_000;

export function aboutUploads(box: Box): Handlers<Pick<Rows, keyof typeof uploadRows>> {
  const desk = box.uploads;
  const limit = desk.limitBytes === null ? {} : {'Tus-Max-Size': String(desk.limitBytes)};
  return {
    'uploads.list': {answer: ({caller}) => ok({uploads: desk.open(caller.user).map(shown)})},
    'uploads.abilities': {tus: () => ok({status: 204, headers: {...tusAbilities, ...limit}, object: null})},
    'uploads.begin': {
      tus: spoken(async ({caller}, {headers}) => {
        const asked = readBegin(headers);
        if (!asked.ok) return asked;
        const begun = await desk.begin({...asked.value, owner: caller.user});
        if (!begun.ok) return no(ofUploadTrouble(begun.why));
        const {id} = begun.value;
        return ok({status: 201, headers: {Location: urlOf(id), ...expiry(begun.value)}, object: id});
      }),
    },
    'uploads.look': {
      tus: spoken(async ({caller, params}) => {
        const found = await desk.look({owner: caller.user, id: params.upload});
        if (!found.ok) return no(ofUploadTrouble(found.why));
        const {length, metadata} = found.value;
        const said = metadata === '' ? {} : {'Upload-Metadata': metadata};
        return ok({
          ...{status: 200, object: null},
          headers: {'Upload-Length': String(length), ...said, ...progress(found.value)},
        });
      }),
    },
    'uploads.append': {
      tus: spoken(async ({caller, params}, request) => {
        const asked = readAppend(request);
        if (!asked.ok) return asked;
        const appended = await desk.append({...asked.value, owner: caller.user, id: params.upload});
        if (!appended.ok) return no(ofUploadTrouble(appended.why));
        return ok({status: 204, headers: progress(appended.value), object: null});
      }),
    },
    'uploads.drop': {
      tus: spoken(async ({caller, params}) => {
        const dropped = await desk.drop({owner: caller.user, id: params.upload});
        if (!dropped.ok) return no(ofUploadTrouble(dropped.why));
        return ok({status: 204, headers: {}, object: params.upload});
      }),
    },
    'uploads.complete': {
      answer: async ({caller, params, body, signal}) => {
        const {idempotencyKey, like, ...rest} = body;
        if (rest.priority !== 0 && !may(caller, 'rank:job')) return no(problems.notAllowed('rank:job'));
        const answer = await desk.complete({
          ...{
            ...rest,
            like: like ?? null,
            key: idempotencyKey ?? null,
            owner: caller.user,
            id: params.upload,
            signal,
          },
        });
        if (!answer.ok) return no(ofUploadTrouble(answer.why));
        const {made, job, film} = answer.value;
        const now = box.job(job.id) ?? {job, waits: null, progress: null};
        return ok({made, film, job: showDetail(now, {withPaths: caller.came.is === 'socket'})});
      },
      about: ({params}, answer) => `${params.upload}${answer === null ? '' : ` to ${answer.job.id}`}`,
    },
  };
}

type Maybe<T> = T | Promise<T>;

/** Whoever does not speak this version is told so, before anything else. */
function spoken<A>(
  answer: (ask: A, request: IncomingMessage) => Maybe<Result<TusAnswer, Refused>>,
): (ask: A, request: IncomingMessage) => Maybe<Result<TusAnswer, Refused>> {
  return (ask, request) =>
    request.headers['tus-resumable'] === tusVersion
      ? answer(ask, request)
      : no(uploadProblems.wrongVersion());
}

function readBegin(headers: IncomingMessage['headers']): Result<Omit<BeginAsk, 'owner'>, Refused> {
  const length = readCount(textOf(headers['upload-length']));
  if (length === undefined) return no(uploadProblems.badHeader('Upload-Length', 'it is no number of bytes.'));
  const metadata = textOf(headers['upload-metadata']) ?? '';
  const fields = readMetadata(metadata);
  if (fields === undefined)
    return no(uploadProblems.badHeader('Upload-Metadata', 'it is no list of names and Base64, or too long.'));
  const name = fields.get('filename') ?? fields.get('name');
  if (name === undefined)
    return no(uploadProblems.badHeader('Upload-Metadata', 'it says no filename, or one that is no UTF-8.'));
  const digest = fields.get('sha256') === undefined ? ok(null) : readDigest(fields.get('sha256'));
  return digest.ok ? ok({name, length, metadata, digest: digest.value}) : digest;
}

function readDigest(text: string | undefined): Result<Digest, Refused> {
  const digest = Digest.safeParse(text?.toLowerCase());
  return digest.success
    ? ok(digest.data)
    : no(uploadProblems.badHeader('Upload-Metadata', 'sha256 is not 64 hexadecimal digits.'));
}

function readAppend(request: IncomingMessage): Result<Omit<AppendAsk, 'owner' | 'id'>, Refused> {
  const {headers} = request;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (headers['content-type'] !== 'application/offset+octet-stream' || encoding !== 'identity')
    return no(uploadProblems.notBytes());
  const offset = readCount(textOf(headers['upload-offset']));
  if (offset === undefined) return no(uploadProblems.badHeader('Upload-Offset', 'it is no number of bytes.'));
  const given = textOf(headers['upload-checksum']);
  const checksum = given === undefined ? null : readChecksum(given);
  if (checksum === undefined)
    return no(uploadProblems.badHeader('Upload-Checksum', 'it is no sha256 and its Base64.'));
  return ok({
    ...{offset, checksum, bytes: readCount(headers['content-length']) ?? null},
    pieces: patientPieces(request, idleMs),
    breakOff: () => void request.destroy(),
  });
}

/** Node joins what comes twice, or makes a list of it: neither is what the protocol names. */
function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function progress(upload: UploadNow): Record<string, string> {
  return {'Upload-Offset': String(upload.offset), ...expiry(upload)};
}

function expiry({expires}: UploadNow): Record<string, string> {
  return {'Upload-Expires': httpDate(expires)};
}

function urlOf(id: UploadNow['id']): string {
  return `/api/uploads/${id}`;
}

function shown({id, name, length, offset, begun, expires, film, refused: why}: UploadNow): UploadShown {
  return {id, name, length, offset, begun, expires, url: urlOf(id), film, refused: refusalOf(why)};
}

function refusalOf(why: UploadNow['refused']): UploadShown['refused'] {
  if (why === null) return null;
  const {what, fix} = describe(why);
  return {code: why.reason, what, fix, because: told(why)};
}
