/** Owns whether a file begins as its ending says. What else is in it is for the job to see, in its jail. */

/** So many bytes tell every kind of film; a shorter file is judged by all of it. */
export const headBytes = 1024;

type Test = (head: Buffer) => boolean;

const latin = (head: Buffer, from: number, length: number): string =>
  head.toString('latin1', from, from + length);

const begins =
  (...bytes: readonly number[]): Test =>
  head =>
    bytes.every((byte, at) => head[at] === byte);

/** The first box; QuickTime of before 2002 has no `ftyp`. */
const isIso: Test = head => /^(?:ftyp|moov|mdat|free|skip|wide|pnot)$/.test(latin(head, 4, 4));
const isMatroska = begins(0x1a, 0x45, 0xdf, 0xa3);
const isAvi: Test = head => latin(head, 0, 4) === 'RIFF' && /^AVI[ X\x19]$/.test(latin(head, 8, 4));
/** A pack, or the sequence header of bare video. */
const isProgram: Test = head => begins(0, 0, 1, 0xba)(head) || begins(0, 0, 1, 0xb3)(head);
const isFlv: Test = head => latin(head, 0, 3) === 'FLV';
const isAsf = begins(0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11);
const isOgg: Test = head => latin(head, 0, 4) === 'OggS';
const isMxf = begins(0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01);

/** Packets of 188 bytes, each with a sync byte; of 192 with four bytes of time before it. */
const isTransport: Test = head =>
  [
    {first: 0, every: 188},
    {first: 4, every: 192},
  ].some(({first, every}) => {
    for (let at = first; at < Math.min(head.length, headBytes); at += every)
      if (head[at] !== 0x47) return false;
    return head.length > first;
  });

/** UTF-16 has zeros in it and says so at its start. */
const isText: Test = head =>
  begins(0xff, 0xfe)(head) || begins(0xfe, 0xff)(head) || (head.length > 0 && !head.includes(0));

const any =
  (...tests: readonly Test[]): Test =>
  head =>
    tests.some(test => test(head));

const isMpeg = any(isProgram, isTransport);

const tests: Readonly<Record<string, Test>> = {
  ...{mp4: isIso, m4v: isIso, mov: isIso, qt: isIso, '3gp': isIso, '3g2': isIso, f4v: any(isIso, isFlv)},
  ...{mkv: isMatroska, webm: isMatroska, avi: isAvi, divx: isAvi, flv: isFlv, mxf: isMxf},
  ...{mpg: isMpeg, mpeg: isMpeg, mpe: isMpeg, vob: isProgram},
  ...{ts: isTransport, m2ts: isTransport, mts: isTransport, m2t: isTransport},
  ...{wmv: isAsf, asf: isAsf, ogv: isOgg, ogm: isOgg},
  ...{srt: isText, vtt: isText, ass: isText, ssa: isText},
};

/** `name` has an ending that is taken. */
export function isAsNamed(name: string, head: Buffer): boolean {
  const ending = name
    .slice(name.lastIndexOf('.') + 1)
    .trim()
    .toLowerCase();
  return tests[ending]?.(head) === true;
}
