/** Owns how programs of this project end, as a number for whoever started them. */
export const exitCodes = {done: 0, usage: 2, refused: 3, engineMissing: 4, failed: 5, stopped: 130} as const;
