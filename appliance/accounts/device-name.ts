/** Owns what a device is called in the list of logins. Never tells one device from another. */

/** The first that fits: many browsers claim to be others as well. */
const browsers: readonly (readonly [sign: RegExp, name: string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//, 'Safari'],
];

const systems: readonly (readonly [sign: RegExp, name: string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bLinux\b/, 'Linux'],
];

const lookedAt = 500;

/**
 * "Firefox on Android" from a User-Agent header, "curl" from a program's. Made of words of ours, or of letters, digits,
 * dots and dashes of theirs: nothing in it can upset a screen.
 */
export function deviceName(userAgent: string | undefined): string {
  const agent = (userAgent ?? '').slice(0, lookedAt);
  const browser = nameOf(browsers, agent);
  const system = nameOf(systems, agent);
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  const program = /^[A-Za-z][\w.-]{0,39}/.exec(agent)?.[0];
  if (program !== undefined && program !== 'Mozilla') return program;
  return system === undefined ? 'Unknown device' : `Unknown program on ${system}`;
}

function nameOf(signs: typeof browsers, agent: string): string | undefined {
  return signs.find(([sign]) => sign.test(agent))?.[1];
}
