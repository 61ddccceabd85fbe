/**
 * Owns a signal that is aborted with the first of several. Unlike AbortSignal.any it leaves no trace in them once it is
 * let go: a login lives for months, and is followed by thousands of requests.
 */
export interface Linked extends Disposable {
  readonly signal: AbortSignal;
}

export function linked(signals: readonly (AbortSignal | null | undefined)[]): Linked {
  const own = new AbortController();
  const abort = (): void => own.abort();
  const sources = signals.filter(signal => signal != null);
  for (const source of sources) source.addEventListener('abort', abort);
  if (sources.some(({aborted}) => aborted)) abort();
  return {
    signal: own.signal,
    [Symbol.dispose]() {
      for (const source of sources) source.removeEventListener('abort', abort);
    },
  };
}

/** What a feed gives until the first of the signals. */
export async function* feedUntil<T>(
  signals: readonly (AbortSignal | null)[],
  feed: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  using ends = linked(signals);
  yield* feed(ends.signal);
}
