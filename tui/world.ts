/** Owns what a verb may look at and speak to while it runs. The command line's root makes one, and so does each test. */
import type {ApiClient} from '../appliance/api/client.ts';
import type {Sources} from '../appliance/config/sources.ts';
import {printable} from './clean.ts';
import type {Screen} from './view.ts';

export interface World {
  readonly screen: Screen;
  /** For what went wrong, beside what was asked for. */
  readonly complaints: Pick<Screen, 'write'>;
  /** What somebody at the terminal types in answer to that; null where nobody sits. Throws the signal's reason. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Aborted by the first signal to stop. */
  readonly signal: AbortSignal;
  /** Starts Node anew with these arguments, in the place of this process. */
  readonly become: (argv: readonly string[]) => never;
  readonly clock: Clock;
  /** Where settings may be written. */
  readonly sources: Sources;
  /** A verb that needs no daemon does not load what speaks to one. */
  readonly connect: (socket: string) => Promise<ApiClient>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  /** The time zone that times are told in; to know it takes 8 MB, so few ask. */
  readonly zone: () => string;
}

export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Lines for people, each cleaned once more: nothing from outside steers the terminal, whoever wrote the view. */
export function say({write}: Pick<Screen, 'write'>, lines: readonly string[]): void {
  write(lines.map(line => `${printable(line)}\n`).join(''));
}

const plainColumns = 80;
const mostColumns = 120;

/** How wide sentences and fields are: eyes do not follow a line of 200 columns. */
export function columnsOf({isTerminal, columns}: Screen): number {
  return isTerminal ? Math.min(columns(), mostColumns) : plainColumns;
}

/** How wide a table is: what reads it from a pipe wants whole cells. */
export function tableColumnsOf({isTerminal, columns}: Screen): number {
  return isTerminal ? columns() : Number.POSITIVE_INFINITY;
}
