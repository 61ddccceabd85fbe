/**
 * Owns what somebody who asks for a file is to get, by the header fields of the request: all of it, a part, or nothing,
 * because they have it or asked on a condition that does not hold. RFC 9110, sections 13 and 14. Never touches a file.
 */
import type {IncomingHttpHeaders} from 'node:http';
import {readHttpDate} from './http-date.ts';

export interface Representation {
  readonly size: number;
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export type Wanted =
  | {readonly is: 'whole'}
  /** Both ends are in it. */
  | {readonly is: 'part'; readonly from: number; readonly to: number}
  | {readonly is: 'not-modified'}
  | {readonly is: 'failed-precondition'}
  | {readonly is: 'unsatisfiable'};

type Field =
  | ('range' | 'if-range' | 'if-match' | 'if-none-match')
  | ('if-modified-since' | 'if-unmodified-since');

/** The fields of a request that count here; what came more than once is joined or left out by Node. */
export type Conditions = {readonly [Name in Field]?: IncomingHttpHeaders[Name]};

/** A range that anybody means is shorter by far; each of a thousand would have to be looked at. */
const rangeLimit = 200;
/** Last-Modified has no finer step: what is younger may change again within it. */
const dateStepMs = 1000;

/** `now` in milliseconds since 1970. */
export function wantedOf(method: string, headers: Conditions, file: Representation, now: number): Wanted {
  const isRead = method === 'GET' || method === 'HEAD';
  if (!mayGoOn(headers, file, now)) return {is: 'failed-precondition'};
  if (isKnown(headers, file, {isRead, now})) return {is: isRead ? 'not-modified' : 'failed-precondition'};
  const {range} = headers;
  if (method !== 'GET' || range === undefined || !isOfThis(headers['if-range'], file, now))
    return {is: 'whole'};
  return partOf(range, file.size);
}

/** If-Match, and only without it If-Unmodified-Since. */
function mayGoOn(headers: Conditions, {etag, modified}: Representation, now: number): boolean {
  const match = headers['if-match'];
  if (match !== undefined) {
    return isAny(match) || tagsIn(match).some(tag => !tag.isWeak && tag.text === etag);
  }
  const since = readDate(headers['if-unmodified-since'], now);
  return since === undefined || secondOf(modified) <= since;
}

/** If-None-Match, and only without it If-Modified-Since. */
function isKnown(
  headers: Conditions,
  {etag, modified}: Representation,
  {isRead, now}: {readonly isRead: boolean; readonly now: number},
): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) return isAny(match) || tagsIn(match).some(({text}) => text === etag);
  const since = isRead ? readDate(headers['if-modified-since'], now) : undefined;
  return since !== undefined && secondOf(modified) <= since;
}

/** If-Range: whether the client's other parts are of this very file. */
function isOfThis(field: Conditions['if-range'], {etag, modified}: Representation, now: number): boolean {
  if (field === undefined || field === etag) return true;
  if (typeof field !== 'string') return false;
  // A weak or another tag is no date either.
  return readDate(field, now) === secondOf(modified) && now - secondOf(modified) >= dateStepMs;
}

function partOf(range: string, size: number): Wanted {
  if (range.length > rangeLimit) return {is: 'whole'};
  const [, list] = /^bytes=(.*)$/i.exec(range) ?? [];
  const specs = (list ?? '')
    .split(',')
    .map(trimmed)
    .filter(spec => spec !== '');
  const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(specs[0] ?? '') ?? [];
  if (specs.length !== 1 || (first === '' && last === '')) return {is: 'whole'};
  return first === '' ? ending(BigInt(last), size) : between(BigInt(first), last, size);
}

function ending(bytes: bigint, size: number): Wanted {
  if (bytes === 0n) return {is: 'unsatisfiable'};
  // An empty file has no last byte to name.
  if (size === 0) return {is: 'whole'};
  return {is: 'part', from: bytes >= BigInt(size) ? 0 : size - Number(bytes), to: size - 1};
}

/** As bigints: of two numbers over 2^53 it would be lost which is greater. */
function between(from: bigint, last: string, size: number): Wanted {
  const to = last === '' ? undefined : BigInt(last);
  if (to !== undefined && to < from) return {is: 'whole'};
  if (from >= BigInt(size)) return {is: 'unsatisfiable'};
  const end = to === undefined || to >= BigInt(size) ? size - 1 : Number(to);
  return {is: 'part', from: Number(from), to: end};
}

interface Tag {
  /** With its quotes. */
  readonly text: string;
  readonly isWeak: boolean;
}

/** The tags at the front of a list; what does not parse as one ends it. */
function tagsIn(field: string): readonly Tag[] {
  const tag = /[ \t,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/gy;
  return [...field.matchAll(tag)].map(([, weak, text = '']) => ({text, isWeak: weak !== undefined}));
}

function isAny(field: string): boolean {
  return trimmed(field) === '*';
}

function readDate(field: string | undefined, now: number): number | undefined {
  return field === undefined ? undefined : readHttpDate(field, now);
}

function secondOf(moment: number): number {
  return moment - (moment % dateStepMs);
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
}
