/** Owns one line while it is edited: its words, times, speaker and sound, and cutting and joining it. Never saves it. */
import {useId, useRef} from 'preact/hooks';
import type {Rewritten} from '../../../appliance/brief.ts';
import {useAround, useWords} from '../around.tsx';
import {fitOf, rounded, split} from '../lines.ts';
import {words} from '../views/edit.words.ts';
import {Select} from './form.tsx';
import {words as speakerWords} from './speakers.words.ts';
import {Timeline, type TimelineParts} from './timeline.tsx';

export interface LineEditorParts extends Pick<TimelineParts, 'levels' | 'stepSeconds' | 'others' | 'seek'> {
  readonly part: Rewritten;
  /** Languages of the film and of the dub. */
  readonly from: string;
  readonly to: string;
  /** By their ids, and what they are called. */
  readonly speakers: readonly (readonly [id: string, name: string])[];
  /** The id of somebody who says nothing yet. */
  readonly fresh: string;
  readonly nextStart: number | null;
  /** Seconds for a character. */
  readonly pace: number | null;
  readonly play: () => void;
  /** Has it said at once, as it is typed. */
  readonly hear: () => void;
  readonly change: (parts: readonly Rewritten[]) => void;
  /** Undefined where there is no next. */
  readonly join: (() => void) | undefined;
  /** Nobody has touched it: what is found or translated anew may change it. */
  readonly lock: boolean;
  /** Undefined where it is as it was. */
  readonly revert: (() => void) | undefined;
}

const nudge = 0.1;

export function LineEditor(parts: LineEditorParts) {
  const {part, from, to, speakers, fresh, nextStart, pace, play, hear, change, join, lock, revert} = parts;
  const text = useWords(words);
  const {somebody} = useWords(speakerWords);
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const set = (some: Partial<Rewritten>): void => change([{...part, ...some}]);
  const cut = (): void => {
    const halves = split(part, area.current?.selectionStart ?? 0);
    if (halves !== undefined) change(halves);
    area.current?.focus();
  };
  return (
    <div class="editor">
      <div class="field">
        <label for={`${id}-says`}>{text.says}</label>
        <textarea
          id={`${id}-says`}
          ref={area}
          lang={to}
          dir="auto"
          rows={3}
          maxLength={4000}
          value={part.translation}
          disabled={part.sound !== 'dub'}
          onInput={event => set({translation: event.currentTarget.value})}
        />
        <FitLine part={part} nextStart={nextStart} pace={pace} />
      </div>
      <div class="field">
        <label for={`${id}-said`}>{text.said}</label>
        <textarea
          id={`${id}-said`}
          lang={from}
          dir="auto"
          rows={2}
          maxLength={4000}
          value={part.text}
          onInput={event => set({text: event.currentTarget.value})}
        />
      </div>
      <Timeline {...parts} move={times => set(times)} />
      <div class="times">
        <Time
          label={text.begins}
          value={part.start}
          most={part.end - 0.2}
          least={0}
          set={start => set({start})}
        />
        <Time
          label={text.ends}
          value={part.end}
          least={part.start + 0.2}
          most={1_000_000}
          set={end => set({end})}
        />
      </div>
      <div class="row">
        <Select
          label={text.sound}
          name="sound"
          value={part.sound}
          options={(['dub', 'original', 'mute'] as const).map(each => [each, text.sounds[each]])}
          onPick={value => set({sound: value === 'mute' || value === 'original' ? value : 'dub'})}
        />
        <Select
          label={text.speaker}
          name="speaker"
          value={part.speaker}
          options={[...speakers, [fresh, somebody]]}
          onPick={speaker => set({speaker})}
        />
      </div>
      <div class="row actions">
        <button type="button" onClick={play}>
          {text.play}
        </button>
        {part.sound === 'dub' && (
          <button type="button" onClick={hear}>
            {text.hear}
          </button>
        )}
        <button type="button" title={text.cutHint} onClick={cut} disabled={part.sound !== 'dub'}>
          {text.cut}
        </button>
        {join !== undefined && (
          <button type="button" onClick={join}>
            {text.join}
          </button>
        )}
        {lock && (
          <button type="button" title={text.lockHint} onClick={() => set({})}>
            {text.lock}
          </button>
        )}
        {revert !== undefined && (
          <button type="button" class="plain" onClick={revert}>
            {text.back1}
          </button>
        )}
      </div>
    </div>
  );
}

function FitLine({part, nextStart, pace}: Pick<LineEditorParts, 'part' | 'nextStart' | 'pace'>) {
  const {language} = useAround();
  const text = useWords(words);
  const fit = fitOf(part, nextStart, pace);
  if (fit === null) return null;
  const shown = (seconds: number): string =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'second',
      unitDisplay: 'narrow',
      maximumFractionDigits: 1,
    }).format(seconds);
  return (
    <small class={`fit ${fit.is}`} role="status">
      {text.fit(shown(fit.seconds), shown(fit.room))}
      {fit.is !== 'fits' && ` · ${text[fit.is]}`}
    </small>
  );
}

export interface TimeParts {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly set: (seconds: number) => void;
}

/** Typed, or moved by a tenth of a second. */
export function Time({label, value, least, most, set}: TimeParts) {
  const text = useWords(words);
  const id = useId();
  const to = (seconds: number): void => {
    if (Number.isFinite(seconds)) set(rounded(Math.min(Math.max(seconds, least), most)));
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="nudge">
        <button type="button" aria-label={`${label}: ${text.earlier}`} onClick={() => to(value - nudge)}>
          −
        </button>
        <input
          id={id}
          type="number"
          inputMode="decimal"
          step={0.05}
          value={rounded(value)}
          onChange={event => to(event.currentTarget.valueAsNumber)}
        />
        <button type="button" aria-label={`${label}: ${text.later}`} onClick={() => to(value + nudge)}>
          +
        </button>
      </div>
    </div>
  );
}
