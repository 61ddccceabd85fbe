/**
 * Owns how much goes over the machine's network: the kernel's counters of two readings, a second. Never reads them, and
 * never knows whose bytes they are.
 */

export interface Flow {
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
}

interface Counters {
  readonly received: number;
  readonly sent: number;
}

interface Reading {
  readonly atMs: number;
  readonly byInterface: ReadonlyMap<string, Counters>;
}

/** Two readings that are closer to each other tell of a burst and not of a flow: the flow of before stands. */
const leastMs = 1000;

export class Traffic {
  #before: Reading | undefined;
  #flow: Flow | null = null;

  /** `/proc/net/dev` as it is at that moment of a clock that never jumps; null while there is nothing to compare with. */
  heard(text: string | undefined, atMs: number): Flow | null {
    const byInterface = countersIn(text);
    if (byInterface === undefined) {
      this.#before = undefined;
      this.#flow = null;
      return null;
    }
    const before = this.#before;
    if (before !== undefined && atMs - before.atMs < leastMs) return this.#flow;
    const now = {atMs, byInterface};
    this.#before = now;
    this.#flow = before === undefined ? null : flowBetween(before, now);
    return this.#flow;
  }
}

/** An interface that is new, or whose counters began anew, has nothing to compare with. */
function flowBetween(before: Reading, now: Reading): Flow {
  let [received, sent] = [0, 0];
  for (const [name, counters] of now.byInterface) {
    const was = before.byInterface.get(name);
    if (was === undefined || was.received > counters.received || was.sent > counters.sent) continue;
    received += counters.received - was.received;
    sent += counters.sent - was.sent;
  }
  const seconds = (now.atMs - before.atMs) / 1000;
  return {receivedBytesPerSecond: received / seconds, sentBytesPerSecond: sent / seconds};
}

/** Of each interface but the machine's own; undefined when that is no table of them. */
function countersIn(text: string | undefined): ReadonlyMap<string, Counters> | undefined {
  const lines = [...(text ?? '').matchAll(/^ *([^\s:]+): *(\d+(?: +\d+){8,})/gm)];
  if (lines.length === 0) return undefined;
  const counters = new Map<string, Counters>();
  for (const [, name = '', numbers = ''] of lines) {
    const [received = 0, , , , , , , , sent = 0] = numbers.split(/ +/).map(Number);
    if (name !== 'lo') counters.set(name, {received, sent});
  }
  return counters;
}
