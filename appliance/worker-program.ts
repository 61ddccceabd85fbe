/**
 * Owns how a job process is started, whoever starts it: the same way everywhere, so that what Node has compiled for one
 * serves all. Never starts one.
 */

/**
 * Sound passes through in large short-lived pieces: young garbage is collected before it adds up. One thread beside
 * the main one for collecting and compiling instead of four: each holds memory of its own.
 */
export const workerFlags: readonly string[] = [
  ...['--max-semi-space-size=2', '--max-old-space-size=256', '--v8-pool-size=1'],
  '--disable-warning=ExperimentalWarning',
];

/**
 * One arena: sound is allocated by many threads, and each would keep what it freed. And what is large goes back to the
 * system when it is let go of, instead of leaving holes that nothing else fits in.
 */
export const workerEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
