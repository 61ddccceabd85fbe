/** Owns what the header fields of tus 1.0 say. Pure: never sees a request whole, nor an upload. */
import {Digest} from '../appliance/digest.ts';

export const tusVersion = '1.0.0';

export const tusAbilities: Readonly<Record<string, string>> = {
  'Tus-Version': tusVersion,
  'Tus-Extension': 'creation,expiration,termination,checksum',
  'Tus-Checksum-Algorithm': 'sha256',
};

/** A number of bytes as a header says it; undefined when it is none. */
export function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}

/** Of all of it, so that it can be kept and given back. */
const metadataLimit = 4096;
const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** `key base64,key base64,key`; undefined when it is not that, or a key comes twice. Values that are no text are left out. */
export function readMetadata(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  const seen = new Set<string>();
  if (text.length > metadataLimit) return undefined;
  for (const field of text === '' ? [] : text.split(',')) {
    const [, key, value = ''] = /^ *([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/]*={0,2}))? *$/.exec(field) ?? [];
    if (key === undefined || seen.has(key)) return undefined;
    seen.add(key);
    const decoded = readText(Buffer.from(value, 'base64'));
    if (decoded !== undefined) fields.set(key, decoded);
  }
  return fields;
}

function readText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `sha256 base64`; undefined for another algorithm, or what is no digest. */
export function readChecksum(text: string): Digest | undefined {
  const [, value] = /^sha256 ([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
  return value === undefined ? undefined : Digest.parse(Buffer.from(value, 'base64').toString('hex'));
}
