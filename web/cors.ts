/** Owns what a page of another address may ask and read, where CORS_ORIGINS lists it: with a key, never with cookies. */
import type {Header} from './headers.ts';

const asked = [
  ...['Authorization', 'Content-Type', 'Range', 'If-Range', 'If-Match', 'If-None-Match', 'Last-Event-ID'],
  ...[
    'Idempotency-Key',
    'Tus-Resumable',
    'Upload-Length',
    'Upload-Offset',
    'Upload-Metadata',
    'Upload-Checksum',
  ],
];
const read = [
  ...[
    'Accept-Ranges',
    'Content-Disposition',
    'Content-Range',
    'ETag',
    'Location',
    'Retry-After',
    'X-Request-Id',
  ],
  ...[
    'Tus-Resumable',
    'Tus-Version',
    'Tus-Extension',
    'Tus-Max-Size',
    'Upload-Length',
    'Upload-Offset',
    'Upload-Expires',
  ],
];

/** None for a page of our own, which needs none, and for one that is not listed. */
export function corsHeaders(origin: string | undefined, origins: ReadonlySet<string>): readonly Header[] {
  if (origins.size === 0) return [];
  const vary: Header = ['Vary', 'Origin'];
  if (origin === undefined || !origins.has(origin)) return [vary];
  return [
    vary,
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Expose-Headers', read.join(', ')],
    ['Cross-Origin-Resource-Policy', 'cross-origin'],
  ];
}

/** The answer to a browser that asks beforehand. */
export function preflightHeaders(methods: string): readonly Header[] {
  return [
    ['Access-Control-Allow-Methods', methods],
    ['Access-Control-Allow-Headers', asked.join(', ')],
    ['Access-Control-Max-Age', '600'],
  ];
}
