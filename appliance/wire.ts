/**
 * Owns the wire between a job process and who started it: NDJSON over one duplex socket on file descriptor 3. Both
 * sides parse what they read as hostile: a line that is too long or does not parse ends the conversation.
 */
import type {Duplex} from 'node:stream';
import {z} from 'zod';
import {Digest} from './digest.ts';
import {Failure} from './failure.ts';
import {Order} from './order.ts';

export const wireVersion = 1;

/** However long a step takes, the other side hears something this often. */
export const aliveEveryMs = 5000;

/** A line longer than this is refused on both sides. */
export const lineLimitBytes = 1 << 20;

const text = z.string().max(4096);
const share = z.number().min(0).max(1);

export const Command = z.discriminatedUnion('do', [
  z.object({v: z.literal(wireVersion), do: z.literal('dub'), order: Order}),
  z.object({
    v: z.literal(wireVersion),
    do: z.literal('edit'),
    out: text,
    title: text.nullable(),
    line: z.number().int().positive(),
    text: text.min(1),
  }),
  z.object({
    v: z.literal(wireVersion),
    do: z.literal('recast'),
    out: text,
    title: text.nullable(),
    speaker: text.min(1),
    /** Left out, it stays as it is; null is none, and a voice that is found. */
    name: text.nullable().optional(),
    voice: text.nullable().optional(),
  }),
  z.object({v: z.literal(wireVersion), do: z.literal('engines')}),
  /** Somebody wants to watch the film that is being dubbed. */
  z.object({v: z.literal(wireVersion), do: z.literal('preview')}),
  z.object({v: z.literal(wireVersion), do: z.literal('stop')}),
]);
export type Command = z.infer<typeof Command>;

export const EngineState = z.object({
  name: text,
  kind: text,
  about: text,
  ready: z.boolean(),
  /** Version when ready, the reason when not. */
  detail: text,
});
export type EngineState = z.infer<typeof EngineState>;

export const Output = z.object({
  /** What it is, in words for people. */
  kind: text,
  path: text,
  bytes: z.number().int().nonnegative(),
  /** What the file holds, so that who started the job need not take its word. */
  digest: Digest,
});
export type Output = z.infer<typeof Output>;

export const Event = z.discriminatedUnion('is', [
  z.object({is: z.literal('alive')}),
  z.object({is: z.literal('skipped'), stage: text, why: text}),
  z.object({is: z.literal('started'), node: text, stage: text}),
  z.object({
    is: z.literal('finished'),
    node: text,
    stage: text,
    how: z.enum(['ran', 'reused', 'degraded']),
    why: text,
    seconds: z.number().nonnegative(),
    cpuSeconds: z.number().nonnegative(),
    peakBytes: z.number().nonnegative(),
  }),
  z.object({
    is: z.literal('progress'),
    stage: text,
    /** Scenes whose dub is mixed, of how many; 0 of 0 until they are known. */
    scenesDone: z.number().int().nonnegative(),
    scenes: z.number().int().nonnegative(),
    done: share,
    /** Null while there is too little to judge by. */
    secondsLeft: z.number().nonnegative().nullable(),
  }),
  z.object({is: z.literal('note'), text}),
  z.object({
    is: z.literal('preview'),
    /** How far the dub can be heard already, from the film's beginning. */
    seconds: z.number().nonnegative(),
    /** Why there is none to be watched. */
    trouble: text.nullable(),
  }),
  z.object({
    is: z.literal('engines'),
    engines: z.array(EngineState).max(100),
    pairs: z.array(text).max(1000),
  }),
  z.object({
    is: z.literal('done'),
    outputs: z.array(Output).max(100),
    summary: z.array(text).max(40),
    /** How long the film is: with the time that it took, how fast this machine is. */
    filmSeconds: z.number().nonnegative().max(10_000_000).optional(),
  }),
  z.object({is: z.literal('edited'), line: z.number().int(), was: text, now: text, source: text}),
  z.object({is: z.literal('recast'), speaker: text, name: text.nullable(), voice: text.nullable()}),
  z.object({is: z.literal('failed'), failure: Failure}),
]);
export type Event = z.infer<typeof Event>;

export type EventOf<Kind extends Event['is']> = Extract<Event, {is: Kind}>;

const tooLong = `a line of over ${lineLimitBytes} bytes on the wire`;

/** Sends one message; false asks the caller to wait for `drain`, as streams do. */
export function send(socket: Duplex, message: Command | Event): boolean {
  if (socket.destroyed || socket.writableEnded) return true;
  const line = `${JSON.stringify(message)}\n`;
  if (Buffer.byteLength(line) > lineLimitBytes) throw new Error(tooLong);
  return socket.write(line);
}

/** Reads messages until the other side ends. Throws on a line that is too long or does not parse. */
export async function* receive<T>(socket: Duplex, schema: z.ZodType<T>): AsyncGenerator<T> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      if (end >= lineLimitBytes) throw new Error(tooLong);
      yield schema.parse(JSON.parse(rest.toString('utf8', 0, end)));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > lineLimitBytes) throw new Error(tooLong);
  }
}
