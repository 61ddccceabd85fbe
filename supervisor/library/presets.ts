/**
 * Owns what people saved to dub by again: who has which, under which name, and which options a film gets by it. What is
 * somebody else's and not shared is not there.
 */
import {randomBytes} from 'node:crypto';
import {freshLetters} from '../../appliance/accounts/code.ts';
import {type Sight, sees} from '../../appliance/api/permissions.ts';
import type {Job, JobOptions, UserName} from '../../appliance/job.ts';
import {episodeOf} from '../../appliance/library/card.ts';
import {episodeIn} from '../../appliance/library/episode.ts';
import {folded} from '../../appliance/library/folded.ts';
import {
  mostWords,
  SavedId,
  SavedName,
  type SavedOptions,
  type SavedSeries,
  SeriesBody,
  settledOptions,
} from '../../appliance/library/preset.ts';
import {no, ok, type Result} from '../../appliance/result.ts';
import {keyOfName} from '../../appliance/speakers.ts';
import type {Draft} from '../../appliance/store/draft.ts';
import type {SubmitAsk, Trouble} from '../../web/box.ts';
import type {Presets, Saved, SeriesVoices} from '../../web/presets.ts';
import type {BoxStore, BoxTables} from '../state.ts';
import {stored} from '../stored.ts';

type Table = 'presets' | 'series';
type Row<K extends Table> = BoxTables[K];
type Body<K extends Table> = Omit<Row<K>, 'id' | 'owner' | 'at'>;

/** Of one person, of each kind. */
const savedLimit = 500;
const listLimit = 10_000;

const freshId = (): SavedId => SavedId.parse(freshLetters(10, randomBytes));

function tooMany(used: number): Trouble {
  return {reason: 'over-cap', what: 'There may be no more saved of one person', used, allowed: savedLimit};
}

/** Null for a film of no series, or of one that nothing can be saved of under its name. */
function seriesNameOf(job: Job): string | null {
  return SavedName.safeParse(episodeOf(job)?.series).data ?? null;
}

class SavedTable<K extends Table> implements Saved<Row<K>, Body<K>> {
  readonly #store: BoxStore;
  readonly #table: K;
  readonly #now: () => number;
  readonly #make: (body: Body<K>, own: Pick<Row<K>, 'id' | 'owner' | 'at'>) => Row<K>;

  constructor(
    store: BoxStore,
    table: K,
    now: () => number,
    make: (body: Body<K>, own: Pick<Row<K>, 'id' | 'owner' | 'at'>) => Row<K>,
  ) {
    this.#store = store;
    this.#table = table;
    this.#now = now;
    this.#make = make;
  }

  list(sight: Sight): Row<K>[] {
    const seen = [...this.#store.all(this.#table).values()].filter(row => sees(sight, row.owner, row.shared));
    return seen.slice(0, listLimit);
  }

  /** By its name: one's own before what others share. */
  named(user: UserName, name: string): Row<K> | undefined {
    const wanted = folded(name);
    const found = this.list({is: 'own', user}).filter(row => folded(row.name) === wanted);
    return found.find(({owner}) => owner === user) ?? found[0];
  }

  save(owner: UserName, body: Body<K>): Promise<Result<Row<K>, Trouble>> {
    return this.#put({id: freshId(), owner}, body);
  }

  async change(id: SavedId, body: Body<K>, sight: Sight): Promise<Result<Row<K>, Trouble>> {
    const refused = this.#refusal(id, sight);
    const owner = this.#store.get(this.#table, id)?.owner;
    if (refused !== undefined || owner === undefined) return no(refused ?? {reason: 'no-such-saved'});
    return this.#put({id, owner}, body);
  }

  async remove(id: SavedId, sight: Sight): Promise<Result<{readonly id: SavedId}, Trouble>> {
    const refused = this.#refusal(id, sight);
    if (refused !== undefined) return no(refused);
    return stored(async () => {
      await this.#store.commit(draft => draft.delete(this.#table, id));
      return ok({id});
    });
  }

  #refusal(id: SavedId, sight: Sight): Trouble | undefined {
    const row = this.#store.get(this.#table, id);
    if (row === undefined || !sees(sight, row.owner, row.shared)) return {reason: 'no-such-saved'};
    return sees(sight, row.owner) ? undefined : {reason: 'saved-by-another'};
  }

  #put(
    own: {readonly id: SavedId; readonly owner: UserName},
    body: Body<K>,
  ): Promise<Result<Row<K>, Trouble>> {
    return stored(() =>
      this.#store.commit((draft): Result<Row<K>, Trouble> => {
        const others = this.#of(draft, own.owner).filter(({id}) => id !== own.id);
        if (others.some(({name}) => folded(name) === folded(body.name)))
          return no({reason: 'name-taken', name: body.name});
        if (others.length >= savedLimit) return no(tooMany(others.length));
        return ok(draft.put(this.#table, own.id, this.#make(body, {...own, at: this.#now()})));
      }),
    );
  }

  #of(draft: Draft<BoxTables>, owner: UserName): readonly Row<K>[] {
    return [...draft.all(this.#table)].flatMap(([, row]) => (row.owner === owner ? [row] : []));
  }
}

/** A film as it came, and what was said of it. */
export interface Asked {
  readonly owner: UserName;
  readonly fileName: string;
  /** The name of a preset or a series that it is to be dubbed by; null for none. */
  readonly like: string | null;
}

export class HomePresets implements Presets {
  readonly presets: SavedTable<'presets'>;
  readonly series: SavedTable<'series'>;
  readonly #store: BoxStore;
  readonly #box: JobOptions;
  readonly #now: () => number;

  constructor(store: BoxStore, box: JobOptions, now: () => number) {
    this.presets = new SavedTable(store, 'presets', now, (body, own) => ({...body, ...own}));
    this.series = new SavedTable(store, 'series', now, (body, own) => ({...body, ...own}));
    this.#store = store;
    this.#box = box;
    this.#now = now;
  }

  /** No when there is nothing of the name that was given. */
  options(asked: Asked, wishes: SubmitAsk['options']): Result<JobOptions, Trouble> {
    const {owner, like} = asked;
    const preset = like === null ? undefined : this.#like(owner, like);
    if (like !== null && preset === undefined) return no({reason: 'no-such-saved'});
    return ok(
      settledOptions({box: this.#usual(owner), series: this.#seriesOf(asked), preset, asked: wishes}),
    );
  }

  /** For a film of the inbox: a folder may bear the name of a preset or series, and need not. */
  optionsInFolder({owner, fileName}: Omit<Asked, 'like'>, folder: string | undefined): JobOptions {
    const preset = folder === undefined ? undefined : this.#like(owner, folder);
    return settledOptions({
      box: this.#usual(owner),
      series: this.#seriesOf({owner, fileName}),
      preset,
      asked: {},
    });
  }

  seriesOf(job: Job): SeriesVoices | null {
    const name = seriesNameOf(job);
    if (name === null) return null;
    const series = this.series.named(job.owner, name);
    return series?.owner === job.owner ? series : {name, voices: {}};
  }

  rememberVoices(job: Job, voices: SeriesVoices['voices']): Promise<Result<SavedSeries, Trouble>> {
    const name = seriesNameOf(job);
    if (name === null) return Promise.resolve(no({reason: 'no-such-saved'}));
    return stored(() =>
      this.#store.commit((draft): Result<SavedSeries, Trouble> => {
        const own = [...draft.all('series')].flatMap(([, row]) => (row.owner === job.owner ? [row] : []));
        const known = own.find(row => folded(row.name) === folded(name));
        if (known === undefined && own.length >= savedLimit) return no(tooMany(own.length));
        const after = {...known?.voices};
        for (const [who, voice] of Object.entries(voices)) after[keyOfName(after, who) ?? who] = voice;
        const words = Object.keys(after).length;
        if (words > mostWords)
          return no({
            reason: 'over-cap',
            what: 'A series has no more voices',
            used: words,
            allowed: mostWords,
          });
        const id = known?.id ?? freshId();
        const begun = known ?? {...SeriesBody.parse({name}), id, owner: job.owner};
        return ok(draft.put('series', id, {...begun, voices: after, at: this.#now()}));
      }),
    );
  }

  /** As the box is set, and over that as its owner likes it. */
  #usual(owner: UserName): JobOptions {
    const asked = this.#store.get('users', owner)?.preferences.options ?? {};
    return settledOptions({box: this.#box, series: undefined, preset: undefined, asked});
  }

  #like(owner: UserName, name: string): SavedOptions | undefined {
    return (this.presets.named(owner, name) ?? this.series.named(owner, name))?.options;
  }

  /** Only of what the owner saved: another's series of the same name is none of this film's. */
  #seriesOf({owner, fileName}: Omit<Asked, 'like'>): SavedOptions | undefined {
    const name = episodeIn(fileName)?.series;
    const series = name === undefined ? undefined : this.series.named(owner, name);
    return series?.owner === owner ? series.options : undefined;
  }
}
