/** Owns the route to what fills the disks of the box. As data, like all rows. */
import {z} from 'zod';
import {At} from '../job.ts';
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';
import {shapes} from './shapes.ts';

const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative();

/**
 * `uploads` are films that people brought in; `intermediates` the work between film and dub; `outputs` finished dubs;
 * `models` what engines know; `trash` all of deleted jobs.
 */
export const FilledKind = z.enum(['uploads', 'intermediates', 'outputs', 'logs', 'models', 'trash', 'other']);
export type FilledKind = z.infer<typeof FilledKind>;

export const Filled = z.object({kind: FilledKind, bytes, files: count});
export type Filled = z.infer<typeof Filled>;

export const Trend = z.object({
  /** By which what is used grows; negative where it shrinks. */
  bytesPerDay: z.number(),
  /** When nothing would be free any more; null where it does not grow, or for years to come. */
  fullAt: At.nullable(),
});
export type Trend = z.infer<typeof Trend>;

export const DiskFilled = z.object({
  /** `data`, `dubs`, `inbox`: the first that lies on it. */
  what: z.string().max(200),
  path: z.string().max(4096),
  totalBytes: bytes,
  freeBytes: bytes,
  low: z.boolean(),
  /** Largest first; what others keep on the same disk is not in it. Empty until it was measured. */
  filled: z.array(Filled).max(FilledKind.options.length),
  /** Null until some hours are known. */
  trend: Trend.nullable(),
});
export type DiskFilled = z.infer<typeof DiskFilled>;

export const StorageShown = z.object({
  /** When it was last looked through; null until it was. */
  measured: At.nullable(),
  /** False where there was more than one look goes through: the rest is not counted. */
  whole: z.boolean(),
  disks: z.array(DiskFilled).max(20),
});
export type StorageShown = z.infer<typeof StorageShown>;

for (const [id, shape] of Object.entries({DiskFilled, StorageShown})) shapes.add(shape, {id});

export const storageRows = {
  'storage.get': {
    ...plainGet,
    path: '/api/storage',
    summary: 'The disks, what fills them, and when they will be full as it goes now.',
    permission: 'read:box',
    object: 'none',
    bucket: 'detail',
    answer: {is: 'json', schema: StorageShown},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type StorageRows = typeof storageRows;
