/** Owns the lines of a dub as a list that opens: which are shown, what becomes of each, what to look at. Never plays or saves one. */
import {useMemo, useState} from 'preact/hooks';
import type {LinesShown} from '../../../appliance/api/line-shapes.ts';
import type {Rewritten} from '../../../appliance/brief.ts';
import {useAround, useWords} from '../around.tsx';
import {clockText, percentText} from '../format.ts';
import {type Drafts, joinNext, type LineRow, paceOf, rowsOf} from '../lines.ts';
import {freshSpeaker} from '../speakers.ts';
import {words} from '../views/edit.words.ts';
import {Select} from './form.tsx';
import {LineEditor} from './line-editor.tsx';

const pageSize = 100;

export interface ScriptParts {
  readonly shown: LinesShown;
  readonly first: number | null;
  readonly drafts: Drafts;
  readonly setDrafts: (drafts: Drafts) => void;
  /** By their ids, and what they are called. */
  readonly speakers: readonly (readonly [id: string, name: string])[];
  readonly play: (from: number, to: number) => void;
  readonly seek: (at: number) => void;
  readonly hear: (part: Rewritten) => Promise<void>;
}

type Filter = 'all' | 'look' | 'edited';
/** Below this a line was hardly heard. */
const unsure = 0.4;

export function Script({shown, first, drafts, setDrafts, speakers, play, seek, hear}: ScriptParts) {
  const text = useWords(words);
  const [filter, setFilter] = useState<Filter>('all');
  const rows = useMemo(() => rowsOf(shown, drafts), [shown, drafts]);
  const wanted = shown.lines.find(({number}) => number === first)?.anchor;
  const [open, setOpen] = useState(rows.find(({anchor}) => anchor === wanted)?.key ?? null);
  const at = Math.max(
    0,
    rows.findIndex(({key}) => key === open),
  );
  const [count, setCount] = useState(Math.max(pageSize, at + 20));
  const found = useMemo(() => findingsOf(shown), [shown]);
  const fitting = rows.filter(row => isShown(row, filter, found));
  const put = (more: Drafts): void => setDrafts(new Map([...drafts, ...more]));
  const fresh = freshSpeaker(speakers.map(([id]) => id));
  const levels = useMemo(() => Uint8Array.from(atob(shown.wave.levels), each => each.charCodeAt(0)), [shown]);
  const pace = useMemo(() => paceOf(shown.lines), [shown]);
  const gap = shown.to === 'ja' || shown.to === 'zh' ? '' : ' ';
  return (
    <>
      <Select
        label={text.show}
        name="show"
        value={filter}
        options={(['all', 'look', 'edited'] as const).map(each => [each, text.filters[each]])}
        onPick={value => setFilter(value === 'look' || value === 'edited' ? value : 'all')}
      />
      {fitting.length === 0 && <p class="empty">{text.none}</p>}
      <ol class="script">
        {fitting.slice(0, count).map(row => (
          <li key={row.key} class={row.is}>
            <Row
              row={row}
              speaker={speakers.find(([id]) => id === row.wanted[0]?.speaker)?.[1]}
              isOpen={row.key === open}
              toggle={() => {
                setOpen(row.key === open ? null : row.key);
                if (row.key !== open) seek(row.wanted[0]?.start ?? row.anchor.start);
              }}
              findings={found.get(row.key) ?? []}
              editor={(part, index) => (
                <LineEditor
                  part={part}
                  {...{levels, speakers, fresh, pace, seek, from: shown.from, to: shown.to}}
                  stepSeconds={shown.wave.stepSeconds}
                  others={rows.flatMap(each => each.wanted).filter(each => each !== part)}
                  nextStart={nextStartOf(rows, row, index)}
                  play={() => play(part.start, part.end)}
                  hear={() => void hear(part)}
                  change={parts =>
                    put(
                      new Map([
                        [row.key, {anchor: row.anchor, becomes: row.wanted.toSpliced(index, 1, ...parts)}],
                      ]),
                    )
                  }
                  join={
                    joinNext(rows, row.key, index, gap) === undefined
                      ? undefined
                      : () => put(joinNext(rows, row.key, index, gap) ?? new Map())
                  }
                  lock={row.is === 'as-found'}
                  revert={row.is === 'as-found' ? undefined : () => setDrafts(reverted(row, shown, drafts))}
                />
              )}
            />
          </li>
        ))}
      </ol>
      {fitting.length > count && (
        <button type="button" class="wide" onClick={() => setCount(count + pageSize)}>
          {text.more}
        </button>
      )}
    </>
  );
}

/** A draft is dropped; what was saved is taken back by a draft that says so. */
function reverted({key, anchor}: LineRow, {edits}: LinesShown, drafts: Drafts): Drafts {
  const after = new Map(drafts);
  const isSaved = edits.some(
    edit => edit.anchor.start === anchor.start && edit.anchor.source === anchor.source,
  );
  if (after.has(key) || !isSaved) after.delete(key);
  else after.set(key, {anchor, becomes: null});
  return after;
}

function nextStartOf(rows: readonly LineRow[], row: LineRow, index: number): number | null {
  const inside = row.wanted[index + 1];
  if (inside !== undefined) return inside.start;
  return rows.slice(rows.indexOf(row) + 1).find(({wanted}) => wanted.length > 0)?.wanted[0]?.start ?? null;
}

function findingsOf({lines, findings}: LinesShown): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const keys = new Map(
    rowsOf({lines, edits: []}, new Map()).flatMap(row =>
      row.dubbed.map(({number}) => [number, row.key] as const),
    ),
  );
  for (const {line, what, severity} of findings) {
    const key = line === undefined || severity === 'note' ? undefined : keys.get(line);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), what]);
  }
  return found;
}

function isShown(row: LineRow, filter: Filter, found: ReadonlyMap<string, readonly string[]>): boolean {
  if (filter === 'all') return true;
  if (filter === 'edited') return row.is !== 'as-found';
  const isOdd = row.dubbed.some(
    ({state, confidence}) => state === 'over' || (confidence !== null && confidence < unsure),
  );
  return isOdd || found.has(row.key);
}

interface RowParts {
  readonly row: LineRow;
  /** What whoever says it is called. */
  readonly speaker: string | undefined;
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly findings: readonly string[];
  readonly editor: (part: Rewritten, index: number) => preact.VNode;
}

function Row({row, speaker, isOpen, toggle, findings, editor}: RowParts) {
  const {language} = useAround();
  const text = useWords(words);
  const [dubbed] = row.dubbed;
  const confidence = dubbed?.confidence ?? null;
  return (
    <>
      <button type="button" class="line" aria-expanded={isOpen} onClick={toggle}>
        <span class="when">{clockText(row.wanted[0]?.start ?? row.anchor.start)}</span>
        <span class="words">
          {row.wanted.length === 0 && <s dir="auto">{row.anchor.source}</s>}
          {row.wanted.map(({start, translation, text: said, sound}) => (
            <span key={start} class={`spoken ${sound}`} dir="auto">
              {sound === 'dub' ? translation : said || translation}
            </span>
          ))}
          <span class="quiet">
            {[
              speaker,
              row.wanted.length === 0 ? text.gone : undefined,
              dubbed === undefined ? undefined : text.states[dubbed.state],
              text.is[row.is],
              confidence !== null && confidence < unsure
                ? text.unsure(percentText(confidence, language))
                : undefined,
            ]
              .filter(each => each !== undefined && each !== '')
              .join(' · ')}
          </span>
          {findings.map(what => (
            <span key={what} class="finding">
              {what}
            </span>
          ))}
        </span>
      </button>
      {isOpen && row.wanted.map((part, i) => <div key={`${part.start}-${i}`}>{editor(part, i)}</div>)}
      {isOpen && row.wanted.length === 0 && <p class="quiet">{text.gone}</p>}
    </>
  );
}
