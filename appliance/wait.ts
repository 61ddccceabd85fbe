/** Owns every reason why a queued job does not run, as data, and how much of it may be told. Never words, never a decision. */
import {z} from 'zod';
import {At} from './job.ts';
import {unreachable} from './result.ts';

const count = z.number().int();
const bytes = z.number();
/** `mostBytes` is what it could have if no other job ran. */
const shortage = {freeBytes: bytes, neededBytes: bytes, mostBytes: bytes};

export const Wait = z.discriminatedUnion('is', [
  z.object({is: z.literal('queue-paused')}),
  /** The daemon is going down, or was asked to let its jobs end. */
  z.object({is: z.literal('draining')}),
  /** Where its work or its dub belongs is not there: a disk that is not mounted. */
  z.object({is: z.literal('folder-away'), path: z.string()}),
  /** Its worker was lost a moment ago. */
  z.object({is: z.literal('resting'), until: At, lost: count}),
  z.object({is: z.literal('owner-cap'), running: count, cap: count}),
  /** `ahead` jobs start before it; 0 for the next one. */
  z.object({is: z.literal('behind'), ahead: count, running: count}),
  z.object({is: z.literal('processors'), freeSlots: count, neededSlots: count, mostSlots: count}),
  z.object({is: z.literal('memory'), ...shortage}),
  z.object({is: z.literal('gpu'), ...shortage}),
  z.object({is: z.literal('low-disk'), minimumBytes: bytes, ...shortage}),
]);
export type Wait = Readonly<z.infer<typeof Wait>>;

/** What its sentence says and no more: of what a machine has in all, only that it is too little. */
export function told(wait: Wait): Wait {
  switch (wait.is) {
    case 'behind':
      return wait.ahead > 0 ? {...wait, running: 0} : wait;
    case 'processors':
      return {...wait, mostSlots: wait.neededSlots <= wait.mostSlots ? wait.neededSlots : wait.mostSlots};
    case 'memory':
    case 'gpu':
      return wait.neededBytes <= wait.mostBytes ? {...wait, mostBytes: wait.neededBytes} : wait;
    case 'low-disk':
      return {...wait, mostBytes: wait.neededBytes <= wait.mostBytes ? wait.neededBytes : 0};
    case 'queue-paused':
    case 'draining':
    case 'folder-away':
    case 'resting':
    case 'owner-cap':
      return wait;
    default:
      return unreachable(wait);
  }
}
