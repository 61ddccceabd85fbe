/**
 * Owns what secrets look like inside a text, whatever the field is called. Never decides how long a text may be: every
 * pattern here takes time in proportion to the text, or has its own bound.
 */

export const hidden = '[redacted]';

const names = [
  'password|passwd|passphrase|passcode|secret|token|credentials?|totp|seed',
  '(?:api|private|[a-z0-9]_)[_ -]?key|(?:recovery|setup|backup|login|pairing)[_-]?code',
].join('|');

/** Quoted, quoted inside a quoted text, or up to the next space: rather too much than half of it. */
const value = `(?:"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|\\\\{1,3}"[^"\\\\]*|(?:[^\\s"'&\\\\]|\\\\(?!["']))+)`;

const shapes: readonly (readonly [shape: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, hidden],
  // A header is secret to the end of its line.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["'\\]{0,3}\s{0,3}[:=])[^\r\n]*/gi, `$1$2 ${hidden}`],
  [/\b(bearer)(\s{1,4}|%20)[^\s"'\\,;<>]+/gi, `$1$2${hidden}`],
  // Plain words follow "basic" too; a coded pair has capitals, digits or padding.
  [/\b([Bb]asic|BASIC|[Dd]igest|[Nn]egotiate)(\s{1,4})(?=\S*[A-Z0-9=])[\w.~+/=-]{6,}/g, `$1$2${hidden}`],
  // Keys of ours, then session secrets and refresh tokens: long ones only, as films may be called dr_no.
  [/(?<=\b|%3[Dd]|\\[nrt])dp_[\w-]{4,}/g, `dp_${hidden}`],
  [/(?<=\b|%3[Dd]|\\[nrt])(d[rs]_)[\w-]{20,}/g, `$1${hidden}`],
  // Signed and encrypted JSON: {" is eyJ in base 64.
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g, hidden],
  [/\$argon2(?:id|i|d)\$[^\s"'\\]+/g, hidden],
  // Who is named before the host of an address, also when the password holds a slash.
  [/\/\/[^\s/?#]*@/g, `//${hidden}@`],
  [/\/\/[^\s/?#:@[\]]{1,200}:(?!\d{1,5}[/?#])[^\s@]{0,300}@/g, `//${hidden}@`],
  // Short names mean something only in a query: `?key=…`, `&sig=…`, `#code=…`.
  [
    /([?&;#](?:[\w.-]{0,40}[_.-])?(?:key|sig|signature|auth|code|pass|pwd|pin|otp|sid|session|jwt|ticket)=)[^&#\s"'<>]*/gi,
    `$1${hidden}`,
  ],
  // `NTFY_TOKEN=…`, `"password": "…"`, `--secret …`.
  [
    new RegExp(
      `((?:${names})[\\w-]{0,40}["'\\\\]{0,3}\\s{0,3}(?:[=:]|%3D)\\s{0,3})(?!\\[redacted)${value}`,
      'gi',
    ),
    `$1${hidden}`,
  ],
  [new RegExp(`(--[\\w-]{0,40}(?:${names})\\s{1,3})(?!\\[redacted)${value}`, 'gi'), `$1${hidden}`],
];

/** Every shape above has one of these in it; most texts have none. */
const suspicious = /[=:@%]|--|d[prs]_|eyJ|\$argon2|bearer|basic|digest|negotiate/i;

export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  let clean = text;
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean;
}
