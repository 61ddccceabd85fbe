/**
 * Owns how long a request may take to arrive: all of it within a time, or, for the few that may be as long as a film,
 * each piece of it. Never says who may take longer, nor what becomes of one that is late.
 */
import type {IncomingMessage} from 'node:http';

interface Wait {
  timer: NodeJS.Timeout;
  readonly late: () => void;
}

const waits = new WeakMap<IncomingMessage, Wait>();

/** `late` is called once, when not all of the request is there in time. */
export function awaitWhole(request: IncomingMessage, ms: number, late: () => void): void {
  const wait: Wait = {timer: setTimeout(late, ms), late};
  waits.set(request, wait);
  const over = (): void => clearTimeout(wait.timer);
  request.once('end', over);
  request.once('close', over);
}

/**
 * The bytes of a request, each piece there until the next is asked for. Each may now take so long, and the whole any time. Whoever
 * stops reading leaves the connection as it is, so that there can be an answer.
 */
export async function* patientPieces(request: IncomingMessage, ms: number): AsyncGenerator<Buffer> {
  const wait = waits.get(request);
  if (wait !== undefined) {
    clearTimeout(wait.timer);
    wait.timer = setTimeout(wait.late, ms);
  }
  for await (const piece of request.iterator({destroyOnReturn: false})) {
    wait?.timer.refresh();
    yield piece;
    letGo(piece);
  }
}

/**
 * What a piece was in is free at once. Left to the garbage collector, a film takes as much memory as it finds, or a third
 * of the processor.
 */
function letGo({buffer, byteLength}: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}
