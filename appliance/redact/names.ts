/** Owns which names of fields stand for a secret, and which for what is said in a film. Never looks at a value. */

/** Anywhere in a name, however it is written together. */
const secretParts =
  /password|passwd|passphrase|passcode|secret|token|cookie|authori[sz]ation|credential|totp|apikey|privatekey|(?:recovery|setup|backup|login|pairing)code/;

/** Only as words of their own: a monkey holds no key. */
const secretWords: ReadonlySet<string> = new Set([
  ...['key', 'keys', 'seed', 'seeds', 'pass', 'pwd', 'pin', 'otp', 'auth', 'bearer', 'jwt'],
  ...['csrf', 'xsrf', 'sig', 'signature', 'hmac', 'salt', 'nonce'],
]);

/** As the last word, what is told is something about the secret: `keyId`, `tokenCount`, `ARTIFACTS_KEY_FILE`. */
const aboutWords: ReadonlySet<string> = new Set([
  ...['id', 'ids', 'name', 'names', 'kind', 'count', 'bytes', 'ms', 'seconds', 'at', 'limit'],
  ...['scope', 'scopes', 'file', 'path', 'expires', 'expired', 'expiry', 'created', 'revoked', 'used'],
]);

export interface Meaning {
  /** Its value is a secret: `password`, `ntfyToken`, `X-API-Key`, `--seed`. */
  readonly secret: boolean;
  /** How much beneath it may be the words of a film: all of it, the texts right there, or nothing. */
  readonly speaks: 'all' | 'text' | 'nothing';
}

/** The same few hundred names come again and again. */
const known = new Map<string, Meaning>();
const knownLimit = 2000;

export function meaningOf(name: string): Meaning {
  // Too long to be a name.
  if (name.length > 200) return {secret: true, speaks: 'all'};
  const before = known.get(name);
  if (before !== undefined) return before;
  const words = wordsOf(name);
  const meaning: Meaning = {secret: isSecret(words), speaks: speaksOf(words)};
  if (known.size >= knownLimit) known.clear();
  known.set(name, meaning);
  return meaning;
}

function isSecret(words: readonly string[]): boolean {
  if (words.length > 1 && aboutWords.has(words.at(-1) ?? '')) return false;
  return secretParts.test(words.join('')) || words.some(word => secretWords.has(word));
}

function speaksOf(words: readonly string[]): Meaning['speaks'] {
  if (/^(?:text|transcript|transcription)s?$/.test(words.at(-1) ?? '')) return 'all';
  // Also names of numbers and of objects: `line: 12`, `source: {name, bytes}`. `was` and `now` are an edit's.
  return /^(?:sources?|lines?|was|now|words)$/.test(words.join(' ')) ? 'text' : 'nothing';
}

function wordsOf(name: string): readonly string[] {
  return name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '');
}
