/** Owns the section of those who speak: what each is called, in which voice, and whether the series remembers it. Never saves it. */
import {useId} from 'preact/hooks';
import type {SpeakersShown} from '../../../appliance/api/speaker-shapes.ts';
import type {Voice} from '../../../appliance/say.ts';
import {useWords} from '../around.tsx';
import {clockText} from '../format.ts';
import type {SpeakerDraft, SpeakerRow} from '../speakers.ts';
import {Fold} from './fold.tsx';
import {words} from './speakers.words.ts';

export interface SpeakersParts {
  readonly rows: readonly SpeakerRow[];
  readonly shown: SpeakersShown;
  readonly called: (id: string) => string;
  readonly remember: boolean;
  readonly setRemember: (remember: boolean) => void;
  readonly change: (row: SpeakerRow, draft: SpeakerDraft) => void;
  readonly hear: (row: SpeakerRow) => void;
}

export function Speakers({rows, shown, called, remember, setRemember, change, hear}: SpeakersParts) {
  const text = useWords(words);
  const id = useId();
  const {series, voices} = shown;
  return (
    <Fold id="speakers" title={text.heading} note={rows.map(row => called(row.id)).join(', ')}>
      {series !== null && (
        <datalist id={`${id}-names`}>
          {series.voices.map(({name}) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      <ul class="speakers">
        {rows.map(row => (
          <li key={row.id} class={row.isDraft ? 'draft' : undefined}>
            <Row
              {...{row, voices, called, hear}}
              names={`${id}-names`}
              change={draft => change(row, draft)}
            />
          </li>
        ))}
      </ul>
      {series !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            onChange={event => setRemember(event.currentTarget.checked)}
          />
          <span>
            {text.remember(series.name)}
            <br />
            <small>{text.rememberHint}</small>
          </span>
        </label>
      )}
    </Fold>
  );
}

interface RowParts extends Pick<SpeakersParts, 'called' | 'hear'> {
  readonly row: SpeakerRow;
  readonly voices: readonly Voice[];
  /** Of the list of names that the series has. */
  readonly names: string;
  readonly change: (draft: SpeakerDraft) => void;
}

function Row({row, voices, names, called, change, hear}: RowParts) {
  const text = useWords(words);
  const id = useId();
  const {shown, name, voice} = row;
  const who = called(row.id);
  const facts = [
    who === row.id ? row.id : `${who} · ${row.id}`,
    text.genders[shown.gender],
    shown.seconds > 0 ? clockText(shown.seconds) : '',
    row.isDraft ? text.draft : shown.isDubbed ? '' : text.waiting,
  ];
  return (
    <>
      <p class="quiet">{facts.filter(fact => fact !== '').join(' · ')}</p>
      <div class="row">
        <div class="field">
          <label for={`${id}-name`}>{text.name(row.id)}</label>
          <input
            id={`${id}-name`}
            list={names}
            dir="auto"
            autocomplete="off"
            maxLength={60}
            value={name}
            onInput={event => change({name: event.currentTarget.value, voice})}
          />
        </div>
        <div class="field">
          <label for={`${id}-voice`}>{text.voice(who)}</label>
          <select
            id={`${id}-voice`}
            value={voice ?? ''}
            onChange={event => change({name, voice: event.currentTarget.value || null})}
          >
            <Options row={row} voices={voices} />
          </select>
        </div>
        <button type="button" aria-label={text.hearWho(who)} onClick={() => hear(row)}>
          {text.hear}
        </button>
      </div>
      <p dir="auto">{shown.line?.translation ?? <span class="quiet">{text.silent}</span>}</p>
    </>
  );
}

/** Those that sound like the speaker come first. */
function Options({row, voices}: Pick<RowParts, 'row' | 'voices'>) {
  const text = useWords(words);
  const labelOf = (id: string): string => voices.find(each => each.id === id)?.label ?? id;
  const own = row.shown.gender;
  const genders = (['female', 'male', 'unknown'] as const).toSorted(
    (a, b) => Number(b === own) - Number(a === own),
  );
  const isGone = row.voice !== null && !voices.some(({id}) => id === row.voice);
  return (
    <>
      <option value="">
        {row.seriesVoice !== null
          ? text.series(labelOf(row.seriesVoice))
          : row.dubbed !== null && row.shown.chosen === null && row.shown.seriesVoice === null
            ? text.found(labelOf(row.dubbed))
            : text.automatic}
      </option>
      {isGone && row.voice !== null && <option value={row.voice}>{text.gone(row.voice)}</option>}
      {genders.map(gender => {
        const those = voices.filter(each => each.gender === gender);
        if (those.length === 0) return null;
        return (
          <optgroup key={gender} label={text.groups[gender]}>
            {those.map(({id, label}) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </optgroup>
        );
      })}
    </>
  );
}
