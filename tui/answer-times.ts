/** Owns how long the daemon may take over what takes long, the same from every verb and screen; in milliseconds. */
export const answerTimes = {
  /** To look through a large box. */
  plan: 600_000,
  /** To remove a great many files. */
  carry: 1_800_000,
  sweep: 1_800_000,
  /** To check years of an audit; the daemon ends it before. */
  verify: 150_000,
} as const;
