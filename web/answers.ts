/** Owns what the web needs of whoever remembers answers, so that a request that comes twice is done once. Never HTTP. */
import type {Digest} from '../appliance/digest.ts';
import type {UserName} from '../appliance/job.ts';

export interface OnceAsk {
  readonly user: UserName;
  /** What the client calls it by. */
  readonly key: string;
  /** Of everything that was asked. */
  readonly request: Digest;
}

export type Turn =
  /** Nobody asked before: whoever gets this ends it, once. */
  | {readonly is: 'first'; end(answer: string | null): Promise<void>}
  | {readonly is: 'again'; readonly answer: string}
  /** Something else was asked by the same key. */
  | {readonly is: 'reused'}
  /** The one that came first is not answered yet. */
  | {readonly is: 'in-use'};

export interface Answers {
  begin(ask: OnceAsk): Turn;
}
