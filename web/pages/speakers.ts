/**
 * Owns who speaks in a dub while somebody edits it: as it was dubbed, as it was saved since, as it is being typed. Pure. Never
 * saves anything.
 */
import type {SpeakerShown, SpeakersShown} from '../../appliance/api/speaker-shapes.ts';
import type {SpeakerChange} from '../../appliance/speakers.ts';

/** As it is typed: a name may be empty, and end in a blank. */
export interface SpeakerDraft {
  readonly name: string;
  readonly voice: string | null;
}

export type SpeakerDrafts = ReadonlyMap<string, SpeakerDraft>;

export interface SpeakerRow {
  readonly id: string;
  readonly name: string;
  /** Null where it is left to the box. */
  readonly voice: string | null;
  /** What the series has for somebody of that name. */
  readonly seriesVoice: string | null;
  /** In which they were dubbed last. */
  readonly dubbed: string | null;
  readonly shown: SpeakerShown;
  readonly isDraft: boolean;
}

/** `others`: whom somebody gave a line to that is not saved yet. */
export function speakerRows(
  {speakers, series}: Pick<SpeakersShown, 'speakers' | 'series'>,
  drafts: SpeakerDrafts,
  others: Iterable<string>,
): readonly SpeakerRow[] {
  const known = new Set(speakers.map(({id}) => id));
  const fresh = [...new Set(others)].filter(id => !known.has(id)).map(blank);
  return [...speakers, ...fresh].map(shown => {
    const draft = drafts.get(shown.id);
    const name = draft?.name ?? shown.name ?? '';
    const isAsSaved = name.trim() === (shown.name ?? '');
    return {
      ...{id: shown.id, name, shown, dubbed: shown.voice, isDraft: draft !== undefined},
      voice: draft === undefined ? shown.chosen : draft.voice,
      seriesVoice: isAsSaved ? shown.seriesVoice : voiceIn(series, name),
    };
  });
}

function blank(id: string): SpeakerShown {
  return {
    ...{id, name: null, chosen: null, seriesVoice: null, voice: null, isDubbed: true},
    ...{gender: 'unknown', seconds: 0, line: null},
  };
}

function voiceIn(series: SpeakersShown['series'], name: string): string | null {
  const wanted = name.trim().normalize('NFC').toLowerCase();
  if (series === null || wanted === '') return null;
  return series.voices.find(each => each.name.normalize('NFC').toLowerCase() === wanted)?.voice ?? null;
}

/** The drafts after somebody typed; one that is as it was saved is none. */
export function withDraft(drafts: SpeakerDrafts, {shown}: SpeakerRow, draft: SpeakerDraft): SpeakerDrafts {
  const after = new Map(drafts);
  if (draft.name === (shown.name ?? '') && draft.voice === shown.chosen) after.delete(shown.id);
  else after.set(shown.id, draft);
  return after;
}

export function changesOf(drafts: SpeakerDrafts): SpeakerChange[] {
  return [...drafts].map(([speaker, {name, voice}]) => ({speaker, name: name.trim() || null, voice}));
}

/** What each is called where somebody picks one: two of the same name are told apart by their ids. */
export function calledBy(rows: readonly SpeakerRow[]): (id: string) => string {
  const names = new Map(rows.map(({id, name}) => [id, name.trim()]));
  const often = Map.groupBy(names.values(), name => name);
  return id => {
    const name = names.get(id) ?? '';
    if (name === '') return id;
    return (often.get(name)?.length ?? 0) > 1 ? `${name} (${id})` : name;
  };
}

/** In which voice their words are to be heard now; undefined as they were dubbed. */
export function voiceToHear(rows: readonly SpeakerRow[], id: string): string | undefined {
  const row = rows.find(each => each.id === id);
  const wanted = row?.voice ?? row?.seriesVoice ?? null;
  return wanted === null || wanted === row?.dubbed ? undefined : wanted;
}

/** An id that nobody has. */
export function freshSpeaker(taken: Iterable<string>): string {
  const ids = new Set(taken);
  for (let number = 1; ; number++) if (!ids.has(`S${number}`)) return `S${number}`;
}
