/** Owns what the web needs of the folders of films that the box shows: numbers and names, never a path of the box. */
import type {MediaEntry, MediaPage} from '../appliance/api/media-shapes.ts';
import type {Result} from '../appliance/result.ts';
import type {JobNow, SubmitAsk, Trouble} from './box.ts';

export interface MediaListAsk {
  /** From 1 on. */
  readonly folder: number;
  /** Null is the folder itself. */
  readonly path: string | null;
  readonly after: string | null;
  readonly limit: number;
}

export interface MediaAsk extends Omit<SubmitAsk, 'path'> {
  readonly folder: number;
  /** From that folder on, as the sidecars are. */
  readonly file: string;
}

export interface Media {
  readonly folders: MediaPage['folders'];
  list(
    ask: MediaListAsk,
  ): Promise<Result<{readonly entries: readonly MediaEntry[]; readonly more: boolean}, Trouble>>;
  submit(ask: MediaAsk, signal: AbortSignal): Promise<Result<{readonly made: boolean} & JobNow, Trouble>>;
}
