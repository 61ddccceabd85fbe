/** Owns AAC frames as ADTS carries them (ISO/IEC 13818-7, 6.2): where each one ends, what is in it. Pure. */

const headerBytes = 7;

/** Splits a whole ADTS stream into its frames. Throws when it is not one, or is cut off. */
export function adtsFrames(stream: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const bytes = frameLength(stream, at);
    if (bytes < headerBytes || at + bytes > stream.length)
      throw new Error(`no whole ADTS frame at byte ${at}`);
    frames.push(stream.subarray(at, at + bytes));
    at += bytes;
  }
  return frames;
}

/** What MP4 and Matroska hold of a frame: all but its header, which is longer where it carries a checksum. */
export function bareFrame(frame: Uint8Array): Uint8Array {
  const hasChecksum = ((frame[1] ?? 0) & 1) === 0;
  return frame.subarray(headerBytes + (hasChecksum ? 2 : 0));
}

/** Thirteen bits across three bytes of the header; 0 where there is no header. */
function frameLength(stream: Uint8Array, at: number): number {
  const [sync = 0, kind = 0, , high = 0, middle = 0, low = 0] = stream.subarray(at, at + headerBytes);
  if (sync !== 0xff || (kind & 0xf0) !== 0xf0) return 0;
  return ((high & 3) << 11) | (middle << 3) | (low >> 5);
}
