/**
 * Owns PCM in WAV files: reads any stretch of one without loading it, writes short ones. Never resamples, never
 * mixes channels. Samples are −1 to 1, interleaved; a frame is one sample of every channel.
 */
import {type FileHandle, open} from 'node:fs/promises';

type Coding = 'int16' | 'float32';

interface Layout {
  readonly coding: Coding;
  readonly sampleRate: number;
  readonly channels: number;
  readonly dataAt: number;
  readonly dataBytes: number;
}

type Format = Pick<Layout, 'coding' | 'sampleRate' | 'channels'>;

const sampleBytes = {int16: 2, float32: 4} as const satisfies Record<Coding, number>;
const int16Steps = 32768;
/** What a writer that cannot seek back leaves where a size belongs (ffmpeg into a pipe, RF64). */
const unknownSize = 0xffffffff;
const chunkLimit = 1000;
const channelLimit = 64;
const framesAPiece = 1 << 16;

export class Wav {
  readonly sampleRate: number;
  readonly channels: number;
  /** Whole frames in the file, whatever its header claims. */
  readonly frames: number;
  readonly #file: FileHandle;
  readonly #layout: Layout;
  #closed: Promise<void> | undefined;

  constructor(file: FileHandle, layout: Layout) {
    this.#file = file;
    this.#layout = layout;
    this.sampleRate = layout.sampleRate;
    this.channels = layout.channels;
    this.frames = Math.floor(layout.dataBytes / frameBytes(layout));
  }

  /** The frames from `startFrame` on, fewer or none where the file ends first. */
  async read(startFrame: number, frames: number): Promise<Float32Array> {
    const start = Math.min(Math.max(0, Math.floor(startFrame)), this.frames);
    const count = Math.min(Math.max(0, Math.floor(frames)), this.frames - start);
    const bytesAFrame = frameBytes(this.#layout);
    const samples = new Float32Array(count * this.channels);
    // Piece by piece: the bytes of a long stretch, held beside its samples, would be half as much again.
    const bytes = new Uint8Array(Math.min(count, framesAPiece) * bytesAFrame);
    let read = 0;
    while (read < count) {
      const piece = bytes.subarray(0, (count - read) * bytesAFrame);
      const filled = await fill(this.#file, piece, this.#layout.dataAt + (start + read) * bytesAFrame);
      const frames = Math.floor(filled / bytesAFrame);
      decode(
        bytes.subarray(0, frames * bytesAFrame),
        this.#layout.coding,
        samples.subarray(read * this.channels),
      );
      read += frames;
      if (filled < piece.length) break;
    }
    return samples.subarray(0, read * this.channels);
  }

  close(): Promise<void> {
    this.#closed ??= this.#file.close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Opens 16-bit or float32 PCM. Throws an Error that names the file and what is wrong with it. */
export async function openWav(path: string): Promise<Wav> {
  const file = await open(path, 'r');
  try {
    return new Wav(file, await readLayout(file));
  } catch (cause) {
    await file.close();
    throw new Error(`${path} cannot be read as WAV: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** Writes 16-bit PCM; what is beyond −1 to 1 is clipped. */
export async function writeWav(
  path: string,
  samples: Float32Array,
  sampleRate: number,
  channels: number,
): Promise<void> {
  if (samples.length % channels !== 0)
    throw new Error(`${samples.length} samples do not fill ${channels} channels`);
  await writeWavPieces(path, {samples: samples.length, sampleRate, channels}, [samples]);
}

/** The same from pieces of any length that are made one by one; a piece may be used again for the next. */
export async function writeWavPieces(
  path: string,
  {
    samples,
    sampleRate,
    channels,
  }: {
    /** Of all pieces, all channels. */
    readonly samples: number;
    readonly sampleRate: number;
    readonly channels: number;
  },
  pieces: Iterable<Float32Array> | AsyncIterable<Float32Array>,
): Promise<void> {
  await using file = await open(path, 'w');
  await file.writeFile(header(samples * 2, sampleRate, channels));
  const integers = new Int16Array(Math.max(1, Math.min(samples, framesAPiece * channels)));
  let written = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += integers.length) {
      const part = piece.subarray(at, at + integers.length);
      encode(part, integers);
      await file.writeFile(new Uint8Array(integers.buffer, 0, part.length * 2));
    }
    written += piece.length;
  }
  if (written !== samples) throw new Error(`${written} samples came for ${path} instead of ${samples}`);
}

/** Walks the chunks up to `data`: what stands after it (tags, mostly) is of no interest. */
async function readLayout(file: FileHandle): Promise<Layout> {
  const {size: fileBytes} = await file.stat();
  const riff = await bytesAt(file, 0, 12);
  const kind = riff === undefined ? '' : tag(riff, 0);
  if (riff === undefined || (kind !== 'RIFF' && kind !== 'RF64') || tag(riff, 8) !== 'WAVE') {
    throw new Error('it does not start with RIFF and WAVE');
  }
  const riffBytes = riff.getUint32(4, true);
  let format: Format | undefined;
  let at = 12;
  for (let chunks = 0; chunks < chunkLimit; chunks++) {
    const head = await bytesAt(file, at, 8);
    if (head === undefined) throw new Error('it has no data chunk');
    const name = tag(head, 0);
    const bytes = head.getUint32(4, true);
    at += 8;
    if (name === 'data') {
      if (format === undefined) throw new Error('its samples come before their format');
      return {...format, dataAt: at, dataBytes: dataBytes({claimed: bytes, riffBytes, left: fileBytes - at})};
    }
    if (name === 'fmt ') format = readFormat(await bytesAt(file, at, Math.min(bytes, 40)));
    at += bytes + (bytes % 2);
  }
  throw new Error(`it has over ${chunkLimit} chunks before its samples`);
}

/** A writer that never came back to fill in sizes leaves 0 or all ones; then the data runs to the end of the file. */
function dataBytes(of: {
  readonly claimed: number;
  readonly riffBytes: number;
  readonly left: number;
}): number {
  const unfinished = of.riffBytes === 0 || of.riffBytes === unknownSize;
  if (of.claimed === unknownSize || (of.claimed === 0 && unfinished)) return of.left;
  return Math.min(of.claimed, of.left);
}

function readFormat(chunk: DataView | undefined): Format {
  if (chunk === undefined || chunk.byteLength < 16) throw new Error('its format chunk is cut off');
  const given = chunk.getUint16(0, true);
  const extensible = given === 0xfffe && chunk.byteLength >= 26;
  const code = extensible ? chunk.getUint16(24, true) : given;
  const channels = chunk.getUint16(2, true);
  const sampleRate = chunk.getUint32(4, true);
  const bits = chunk.getUint16(14, true);
  if (channels < 1 || channels > channelLimit) throw new Error(`it claims ${channels} channels`);
  if (sampleRate < 1) throw new Error('it claims a sample rate of 0');
  if (code === 1 && bits === 16) return {coding: 'int16', channels, sampleRate};
  if (code === 3 && bits === 32) return {coding: 'float32', channels, sampleRate};
  throw new Error(
    `its samples are of format ${code} with ${bits} bits; only 16-bit and float32 PCM are read`,
  );
}

/** Exactly that many bytes, or undefined when the file ends first. */
async function bytesAt(file: FileHandle, at: number, bytes: number): Promise<DataView | undefined> {
  const into = new Uint8Array(bytes);
  return (await fill(file, into, at)) === bytes ? new DataView(into.buffer) : undefined;
}

async function fill(file: FileHandle, into: Uint8Array, at: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const {bytesRead} = await file.read(into, filled, into.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Views on the buffer instead of a DataView: ten times faster, and every machine Node runs on is little-endian. */
function decode(bytes: Uint8Array<ArrayBuffer>, coding: Coding, into: Float32Array): void {
  if (coding === 'float32') {
    into.set(new Float32Array(bytes.buffer, 0, bytes.length / 4));
    return;
  }
  const integers = new Int16Array(bytes.buffer, 0, bytes.length / 2);
  for (let i = 0; i < integers.length; i++) into[i] = (integers[i] ?? 0) / int16Steps;
}

function encode(samples: Float32Array, into: Int16Array): void {
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] ?? 0) * int16Steps);
    into[i] = Math.min(int16Steps - 1, Math.max(-int16Steps, scaled));
  }
}

function header(bytes: number, sampleRate: number, channels: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(44));
  const put = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  };
  put(0, 'RIFF');
  view.setUint32(4, 36 + bytes, true);
  put(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  put(36, 'data');
  view.setUint32(40, bytes, true);
  return new Uint8Array(view.buffer);
}

function frameBytes(layout: Format): number {
  return sampleBytes[layout.coding] * layout.channels;
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map(i => view.getUint8(at + i)));
}
