/** Owns what an ffmpeg must have been built with, for whoever uses it and whoever looks after it. Never starts one. */

/** A dub needs all of these. */
export const neededFilters: readonly string[] = [
  'amultiply',
  'ebur128',
  'alimiter',
  'rubberband',
  'ametadata',
];
export const neededEncoders: readonly string[] = ['libx264', 'aac', 'flac', 'mov_text', 'webvtt'];

/** A film in high dynamic range is brought to a phone's with these, and looks pale without. */
export const toneFilters: readonly string[] = ['zscale', 'tonemap'];

/** Those that a listing of `ffmpeg -filters` or `-encoders` does not have. */
export function missingFrom(listed: string, wanted: readonly string[]): readonly string[] {
  const names = new Set(listed.split('\n').map(line => line.trim().split(/\s+/)[1]));
  return wanted.filter(name => !names.has(name));
}
