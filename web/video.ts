/** Owns the ways a finished film can be watched, and which of them suits who asks. Never opens a file. */
import {extname} from 'node:path';
import type {VariantShown} from '../appliance/api/shapes.ts';
import type {Job} from '../appliance/job.ts';
import type {Output} from '../appliance/wire.ts';
import {addressOf, outputsOf, sortOf} from './files.ts';

export type Variant = VariantShown['variant'];

const variantOfEnding: Readonly<Record<string, Variant>> = {
  '.m3u8': 'hls',
  '.mp4': 'phone',
  '.mkv': 'master',
};

/** Safari plays HLS by itself, and does it best; nobody else does, and a phone film plays everywhere. */
const orders: Readonly<Record<'apple' | 'other', readonly Variant[]>> = {
  apple: ['hls', 'phone', 'master'],
  other: ['phone', 'master', 'hls'],
};

/** The best first. */
export function variantsFor(job: Job, agent: string | undefined): VariantShown[] {
  const order = orders[/\b(?:iPhone|iPad|iPod)\b/.test(agent ?? '') ? 'apple' : 'other'];
  const found = outputsOf(job).flatMap(output => {
    const variant = variantOf(output);
    if (variant === undefined) return [];
    const {kind, bytes} = output;
    // A playlist's own length says nothing of what it leads to.
    return [
      {
        variant,
        kind,
        type: sortOf(output).type,
        bytes: variant === 'hls' ? null : bytes,
        url: urlOf(job, output),
      },
    ];
  });
  return found.toSorted((a, b) => order.indexOf(a.variant) - order.indexOf(b.variant));
}

/** The file of a variant; undefined when the job has none. */
export function outputOf(job: Job, variant: Variant): Output | undefined {
  return outputsOf(job).find(output => variantOf(output) === variant);
}

export function streamUrl({id}: Pick<Job, 'id'>): string {
  return `/files/${id}/hls/master.m3u8`;
}

function urlOf(job: Job, output: Output): string {
  return variantOf(output) === 'hls' ? streamUrl(job) : addressOf(job, output);
}

function variantOf({path}: Output): Variant | undefined {
  return variantOfEnding[extname(path).toLowerCase()];
}
