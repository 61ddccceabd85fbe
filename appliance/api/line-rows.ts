/** Owns the routes to the lines of a dub, to who speaks them, and to what people make of both. As data, like all rows. */
import {LinePreview, LineSaid, LinesChange, LinesSaved, LinesShown} from './line-shapes.ts';
import {QualityShown} from './quality-shapes.ts';
import type {Row} from './row.ts';
import {none, plainGet, small, theJob} from './row-parts.ts';
import {SpeakersChange, SpeakersSaved, SpeakersShown} from './speaker-shapes.ts';

export const lineRows = {
  'lines.get': {
    ...plainGet,
    path: '/api/jobs/:id/lines',
    summary: 'The lines of a dub as they were last dubbed, and what people made of them since.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: LinesShown},
  },
  'jobs.quality': {
    ...plainGet,
    path: '/api/jobs/:id/quality',
    summary: 'How good a finished dub came out: figures with their targets, and what to look at.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: QualityShown},
  },
  'lines.preview': {
    method: 'POST',
    path: '/api/jobs/:id/lines/preview',
    summary:
      'Has a few words said in the voice of one of the job’s speakers, or in another that they could have, to hear them before they are dubbed.',
    permission: 'change:job',
    object: 'own-job',
    bucket: 'change',
    audit: null,
    params: theJob,
    query: none,
    body: small(LinePreview),
    answer: {is: 'json', schema: LineSaid},
  },
  'lines.save': {
    method: 'PUT',
    path: '/api/jobs/:id/lines',
    summary:
      'Saves other words, times or cuts of lines; refused where somebody else has changed one of them meanwhile. POST /api/jobs/ID/retry dubs what changed.',
    permission: 'change:job',
    object: 'own-job',
    bucket: 'change',
    audit: 'job.lines_edited',
    params: theJob,
    query: none,
    body: {schema: LinesChange, limitBytes: 2 << 20},
    answer: {is: 'json', schema: LinesSaved},
  },
  'speakers.get': {
    ...plainGet,
    path: '/api/jobs/:id/speakers',
    summary: 'Who speaks in a dub, by which name and in which voice, and the voices that they can have.',
    permission: 'read:job',
    object: 'job',
    bucket: 'detail',
    params: theJob,
    answer: {is: 'json', schema: SpeakersShown},
  },
  'speakers.save': {
    method: 'PUT',
    path: '/api/jobs/:id/speakers',
    summary:
      'Saves names and voices of speakers, and keeps them for the series where that is wanted; refused where somebody else has decided one of them otherwise meanwhile. POST /api/jobs/ID/retry dubs what changed.',
    permission: 'change:job',
    object: 'own-job',
    bucket: 'change',
    audit: 'job.speakers_saved',
    params: theJob,
    query: none,
    body: small(SpeakersChange),
    answer: {is: 'json', schema: SpeakersSaved},
  },
} as const satisfies Readonly<Record<string, Row>>;
