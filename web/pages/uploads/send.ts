/**
 * Owns sending one file to the box, from wherever the box says it goes on: tus 1.0, by its own client, which is fetched when a first
 * file goes out. Never decides when, and never makes a job.
 */
import type {DetailedError, HttpRequest, Upload} from 'tus-js-client';
import type {Problem} from '../../../appliance/api/shapes.ts';
import {csrf} from '../http.ts';
import type {Part} from './bring.ts';

export type Sent =
  | {readonly is: 'whole'}
  /** By whoever gave the signal. */
  | {readonly is: 'stopped'}
  /** Network or box are away. */
  | {readonly is: 'broken'}
  | {readonly is: 'refused'; readonly why: Problem};

export interface SendParts {
  readonly part: Part;
  readonly file: File;
  readonly signal: AbortSignal;
  /** Where it is, once the box has given it a place. */
  readonly placed: (url: string) => void;
  readonly progressed: (sent: number) => void;
}

/** So much is sent again when the network is lost in the middle, and so much a proxy may have to hold. */
const chunkSize = 8 << 20;
/** What is longer away is waited for by whoever asked. */
const retryDelays = [0, 500, 1500, 3000];

export async function send({part, file, signal, placed, progressed}: SendParts): Promise<Sent> {
  const tus = await import('tus-js-client').catch(() => null);
  if (tus === null) return {is: 'broken'};
  if (signal.aborted) return {is: 'stopped'};
  return new Promise(resolve => {
    const upload: Upload = new tus.Upload(file, {
      ...{endpoint: '/api/uploads', uploadUrl: part.url, chunkSize, retryDelays},
      metadata: {filename: file.name},
      // Where uploads are is kept elsewhere, and goes at logout.
      storeFingerprintForResuming: false,
      onBeforeRequest: (request: HttpRequest) => request.setHeader('X-CSRF-Token', csrf()),
      onUploadUrlAvailable: () => {
        if (upload.url !== null) placed(upload.url);
      },
      onProgress: progressed,
      onSuccess: () => resolve({is: 'whole'}),
      onError: error => resolve(sentOf(error)),
    });
    signal.addEventListener('abort', () => {
      void upload.abort();
      resolve({is: 'stopped'});
    });
    upload.start();
  });
}

/** Gives an upload up; one that is gone already is no trouble, and what stays is given up by the box in time. */
export async function drop(url: string): Promise<void> {
  const headers = {'Tus-Resumable': '1.0.0', 'X-CSRF-Token': csrf()};
  await fetch(url, {method: 'DELETE', headers}).catch(() => undefined);
}

/** How large a file may be, in bytes; null where the box sets no limit, or says nothing. */
export async function limitBytes(): Promise<number | null> {
  try {
    const {headers} = await fetch('/api/uploads', {method: 'OPTIONS', headers: {'Tus-Resumable': '1.0.0'}});
    const limit = headers.get('Tus-Max-Size');
    return limit === null ? null : Number(limit);
  } catch {
    return null;
  }
}

function sentOf(error: Error | DetailedError): Sent {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  // What another request brings, a box that is busy or on its way up, and no answer at all.
  if (answer === null || [409, 423, 429].includes(answer.getStatus())) return {is: 'broken'};
  const why = problemIn(answer.getBody());
  if (why !== null && (answer.getStatus() < 500 || answer.getStatus() === 507)) return {is: 'refused', why};
  return {is: 'broken'};
}

/** A proxy's own no is none of ours. */
function problemIn(text: string): Problem | null {
  try {
    const {code, what, fix} = JSON.parse(text).error;
    return {code: String(code), what: String(what), fix: String(fix)};
  } catch {
    return null;
  }
}
