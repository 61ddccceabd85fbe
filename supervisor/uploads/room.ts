/** Owns whether one more upload may begin: pure, from what is under way and what is free. */
import type {Usage} from '../../appliance/api/usage-shapes.ts';
import type {UserName} from '../../appliance/job.ts';
import type {UploadTrouble} from '../../web/upload-desk.ts';
import type {UploadRow} from './row.ts';

export interface UploadLimits {
  /** Of one file, and of all that one user has under way; null is no limit. */
  readonly bytes: number | null;
  readonly bytesPerUser: number | null;
  /** What they keep already, and may keep; left out where there is no limit. */
  readonly kept?: {readonly used: number; readonly allowed: number};
  readonly perUser: number;
  /** After the last of it came. */
  readonly expireMs: number;
  /** Stays free whatever is uploaded. */
  readonly keepFreeBytes: number;
}

/** With what one person may have. */
export function limitsWith(
  limits: UploadLimits,
  {sourceBytes, outputBytes, quotas}: Pick<Usage, 'sourceBytes' | 'outputBytes' | 'quotas'>,
): UploadLimits {
  const {uploadMb, keptBytes} = quotas;
  const bytesPerUser = uploadMb === null ? null : uploadMb * 1_000_000;
  const kept = keptBytes === null ? {} : {kept: {used: sourceBytes + outputBytes, allowed: keptBytes}};
  return {...limits, bytesPerUser, ...kept};
}

/** Subtitles of the longest film are a few hundred kilobytes. */
const subtitlesLimitBytes = 16 << 20;

export interface Wish extends Pick<UploadRow, 'kind' | 'length'> {
  readonly owner: UserName;
}

export function refusalOf(
  {owner, kind, length}: Wish,
  limits: UploadLimits,
  {open, freeBytes}: {readonly open: readonly UploadRow[]; readonly freeBytes: number},
): UploadTrouble | null {
  const limitBytes = Math.min(limits.bytes ?? Infinity, kind === 'film' ? Infinity : subtitlesLimitBytes);
  if (length === 0) return {reason: 'empty-upload'};
  if (length > limitBytes) return {reason: 'upload-too-large', limitBytes};
  const own = open.filter(row => row.owner === owner);
  if (own.length >= limits.perUser)
    return {reason: 'over-quota', of: 'uploads', used: own.length, allowed: limits.perUser};
  const used = own.reduce((sum, row) => sum + row.length, 0);
  if (used + length > (limits.bytesPerUser ?? Infinity))
    return {reason: 'over-quota', of: 'bytes', used, allowed: limits.bytesPerUser ?? Infinity};
  const {kept} = limits;
  if (kept !== undefined && kept.used + used + length > kept.allowed)
    return {reason: 'over-quota', of: 'kept', used: kept.used + used, allowed: kept.allowed};
  const reserved = open.reduce((sum, row) => sum + row.length - row.offset, 0);
  const left = Math.max(0, freeBytes - reserved - limits.keepFreeBytes);
  return length > left ? {reason: 'no-room', neededBytes: length, freeBytes: left} : null;
}
