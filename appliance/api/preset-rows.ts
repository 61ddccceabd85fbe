/** Owns the routes of what people save to dub by again, as data: presets and series. */
import {z} from 'zod';
import {PresetBody, SavedId, SavedPreset, SavedSeries, SeriesBody} from '../library/preset.ts';
import type {AuditEvent, Fields, Row} from './row.ts';
import {none, plainGet, small} from './row-parts.ts';

const Removed = z.object({id: SavedId});

function change<const A extends AuditEvent, S extends Fields>(audit: A, body: S) {
  return {
    permission: 'edit:library',
    object: 'own',
    bucket: 'change',
    audit,
    query: none,
    body: small(body),
  } as const;
}

const removal = {
  method: 'DELETE',
  permission: 'edit:library',
  object: 'own',
  bucket: 'change',
  query: none,
  body: null,
  answer: {is: 'json', schema: Removed},
} as const;

const list = {...plainGet, permission: 'read:job', object: 'own', bucket: 'list'} as const;

export const presetRows = {
  'presets.list': {
    ...list,
    path: '/api/presets',
    summary: 'The caller’s own presets, and those that others share.',
    answer: {is: 'json', schema: z.object({presets: z.array(SavedPreset).max(10_000)})},
  },
  'presets.save': {
    ...change('library.preset_saved', PresetBody),
    method: 'POST',
    path: '/api/presets',
    summary: 'Saves options under a name.',
    params: none,
    answer: {is: 'json', schema: SavedPreset},
  },
  'presets.change': {
    ...change('library.preset_changed', PresetBody),
    method: 'PUT',
    path: '/api/presets/:preset',
    summary: 'Puts another preset in the place of one.',
    params: z.strictObject({preset: SavedId}),
    answer: {is: 'json', schema: SavedPreset},
  },
  'presets.remove': {
    ...removal,
    path: '/api/presets/:preset',
    summary: 'Forgets a preset; jobs that were made by it stay what they are.',
    audit: 'library.preset_removed',
    params: z.strictObject({preset: SavedId}),
  },
  'series.list': {
    ...list,
    path: '/api/series',
    summary: 'What the caller saved of series, and what others share.',
    answer: {is: 'json', schema: z.object({series: z.array(SavedSeries).max(10_000)})},
  },
  'series.save': {
    ...change('library.series_saved', SeriesBody),
    method: 'POST',
    path: '/api/series',
    summary: 'Saves what is to be the same in a series; its films are known by their names.',
    params: none,
    answer: {is: 'json', schema: SavedSeries},
  },
  'series.change': {
    ...change('library.series_changed', SeriesBody),
    method: 'PUT',
    path: '/api/series/:series',
    summary: 'Puts another in the place of what was saved of a series.',
    params: z.strictObject({series: SavedId}),
    answer: {is: 'json', schema: SavedSeries},
  },
  'series.remove': {
    ...removal,
    path: '/api/series/:series',
    summary: 'Forgets what was saved of a series; its jobs stay what they are.',
    audit: 'library.series_removed',
    params: z.strictObject({series: SavedId}),
  },
} as const satisfies Readonly<Record<string, Row>>;

export type PresetRows = typeof presetRows;
