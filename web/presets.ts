/** Owns what the routes of presets and series do: asks whoever keeps them. */
import type {z} from 'zod';
import type {Sight} from '../appliance/api/permissions.ts';
import type {PresetRows} from '../appliance/api/preset-rows.ts';
import type {Job, UserName} from '../appliance/job.ts';
import type {PresetBody, SavedId, SavedPreset, SavedSeries, SeriesBody} from '../appliance/library/preset.ts';
import {ok, type Result} from '../appliance/result.ts';
import type {Box, Trouble} from './box.ts';
import type {Handlers} from './handler.ts';
import {shown} from './problem.ts';

/** One table of what people saved: their own, and what others share with them. */
export interface Saved<Row, Body> {
  list(sight: Sight): Row[];
  save(owner: UserName, body: Body): Promise<Result<Row, Trouble>>;
  change(id: SavedId, body: Body, sight: Sight): Promise<Result<Row, Trouble>>;
  remove(id: SavedId, sight: Sight): Promise<Result<{readonly id: SavedId}, Trouble>>;
}

/** A series as a film of it is spoken. */
export interface SeriesVoices {
  readonly name: string;
  /** By the name of who has it. */
  readonly voices: Readonly<Record<string, string>>;
}

export interface Presets {
  readonly presets: Saved<SavedPreset, z.output<typeof PresetBody>>;
  readonly series: Saved<SavedSeries, z.output<typeof SeriesBody>>;
  /** That the film is of, as its owner has it, saved or not; null for a film of none. */
  seriesOf(job: Job): SeriesVoices | null;
  /** Over what the series had under these names; it is begun where nothing was saved of it. */
  rememberVoices(job: Job, voices: SeriesVoices['voices']): Promise<Result<SavedSeries, Trouble>>;
}

export function aboutPresets(box: Box): Handlers<PresetRows> {
  const {presets, series} = box.saved;
  return {
    'presets.list': {answer: ({sight}) => ok({presets: presets.list(sight)})},
    'presets.save': {
      answer: async ({caller, body}) => shown(await presets.save(caller.user, body), row => row),
      about: ({body}, row) => row?.id ?? body.name,
    },
    'presets.change': {
      answer: async ({params, body, sight}) =>
        shown(await presets.change(params.preset, body, sight), row => row),
      about: ({params}) => params.preset,
    },
    'presets.remove': {
      answer: async ({params, sight}) => shown(await presets.remove(params.preset, sight), gone => gone),
      about: ({params}) => params.preset,
    },
    'series.list': {answer: ({sight}) => ok({series: series.list(sight)})},
    'series.save': {
      answer: async ({caller, body}) => shown(await series.save(caller.user, body), row => row),
      about: ({body}, row) => row?.id ?? body.name,
    },
    'series.change': {
      answer: async ({params, body, sight}) =>
        shown(await series.change(params.series, body, sight), row => row),
      about: ({params}) => params.series,
    },
    'series.remove': {
      answer: async ({params, sight}) => shown(await series.remove(params.series, sight), gone => gone),
      about: ({params}) => params.series,
    },
  };
}
