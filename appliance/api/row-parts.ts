/** Owns the parts that many rows are made of, so that one kind of route is declared one way. Never a row. */
import {z} from 'zod';
import {JobId} from '../job.ts';
import type {AuditEvent, BodySchema} from './row.ts';
import {JobLine} from './shapes.ts';

export const none = z.strictObject({});
export const theJob = z.strictObject({id: JobId});

/** A change is a few fields; a film comes another way. */
const smallBodyBytes = 64 * 1024;
export const small = <S extends BodySchema>(schema: S) => ({schema, limitBytes: smallBodyBytes});

export const priority = z.number().int().min(-100).max(100);

export const plainGet = {method: 'GET', audit: null, params: none, query: none, body: null} as const;

/** A wish about a job: no body, and the answer is the job as it is now. */
export function wish<const A extends AuditEvent>(audit: A, summary: string) {
  return {
    method: 'POST',
    summary,
    permission: 'change:job',
    object: 'own-job',
    bucket: 'change',
    audit,
    params: theJob,
    query: none,
    body: null,
    answer: {is: 'json', schema: JobLine},
  } as const;
}
