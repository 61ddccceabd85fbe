/** Owns the header fields of every answer, whatever it is about. Nothing here depends on the request. */

/** Nothing of the API is a page, and neither is any no: a browser that is made to show an answer runs and loads nothing from it. */
const always = [
  [
    'Content-Security-Policy',
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
] as const;

/**
 * A page runs and loads what is the box's own, and of what stands in the page itself only what has these digests; a player makes
 * blobs.
 */
export function pageHeaders(inline?: {readonly style: string; readonly script: string}): readonly Header[] {
  const own = (digest?: string): string => (digest === undefined ? "'self'" : `'self' '${digest}'`);
  const policy = [
    ...["default-src 'none'", `script-src ${own(inline?.script)}`, `style-src ${own(inline?.style)}`],
    ...["img-src 'self'", "media-src 'self' blob:", "connect-src 'self'", "form-action 'self'"],
    ...["base-uri 'none'", "manifest-src 'self'", "worker-src 'self'", "frame-ancestors 'none'"],
  ];
  return [
    ['Content-Security-Policy', policy.join('; ')],
    ['Cache-Control', 'no-cache'],
  ];
}

export type Header = readonly [name: string, value: string];

export function answerHeaders(requestId: string): readonly Header[] {
  return [...always, ['X-Request-Id', requestId]];
}

/** The whole answer to what is not even HTTP, or came too slowly to be a request. */
export function bareAnswer(status: string, problem: object, requestId: string): string {
  const body = JSON.stringify({error: problem});
  const head: readonly Header[] = [
    ...answerHeaders(requestId),
    ['Connection', 'close'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ];
  const lines = head.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status}`, ...lines, '', body].join('\r\n');
}
