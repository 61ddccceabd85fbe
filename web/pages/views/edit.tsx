/** Owns editing a dub: seeing and hearing each line, changing it, who speaks it and how. Saving it is its bar's. */
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {z} from 'zod';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {LinesShown} from '../../../appliance/api/line-shapes.ts';
import type {FilesShown, JobDetail, Problem} from '../../../appliance/api/shapes.ts';
import type {SpeakersShown} from '../../../appliance/api/speaker-shapes.ts';
import type {Rewritten} from '../../../appliance/brief.ts';
import type {JobId} from '../../../appliance/job.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {clockText, percentText} from '../format.ts';
import {askBeforeLeaving} from '../leaving.ts';
import {type Drafts, joinNext, type LineRow, paceOf, rowsOf} from '../lines.ts';
import type {Place} from '../page.ts';
import {Select, Trouble} from '../parts/form.tsx';
import {StateLine} from '../parts/job.tsx';
import {LineEditor} from '../parts/line-editor.tsx';
import {countOf, nothing, SaveBar, type Unsaved} from '../parts/save-bar.tsx';
import {Speakers} from '../parts/speakers.tsx';
import {calledBy, freshSpeaker, type SpeakerRow, speakerRows, voiceToHear, withDraft} from '../speakers.ts';
import {words} from './edit.words.ts';

interface Model {
  readonly job: JobDetail;
  readonly files: z.infer<typeof FilesShown>;
  /** From a finding: the line to begin with. */
  readonly line: number | null;
}

export const page = definePage<Model>({
  title: ({job}, language) => words[language].title(job.card.name),
  load,
  View: Edit,
  heard,
});

async function load(call: Call, {params, query}: Place) {
  const about = {params: {id: (params['id'] ?? '') as JobId}};
  const answer = await all([call('jobs.get', about), call('jobs.files', about)]);
  if (!answer.ok) return answer;
  const [job, files] = answer.value;
  const line = Number(query.get('line') ?? Number.NaN);
  return {ok: true as const, value: {job, files, line: Number.isInteger(line) ? line : null}};
}

function heard(model: Model, event: BoxEvent): Model | 'stale' {
  const {job} = model;
  if (event.is === 'reset') return 'stale';
  if (event.is === 'job' && event.job.id === job.id) return 'stale';
  if (event.is !== 'progress' || event.id !== job.id || job.state.is !== 'running') return model;
  return {...model, job: {...job, state: {...job.state, progress: event}}};
}

/** Lines and speakers come by themselves: a film has more of them than a page should carry. */
function useDub(job: JobDetail) {
  const {call} = useAround();
  const [shown, setShown] = useState<LinesShown | null>(null);
  const [speakers, setSpeakers] = useState<SpeakersShown | null>(null);
  const [why, setWhy] = useState<Problem | null>(null);
  // A dub that was made again has other lines.
  const version = job.state.is === 'done' ? job.state.at : null;
  useEffect(() => {
    if (version === null) return;
    setWhy(null);
    const about = {params: {id: job.id}};
    void call('lines.get', about).then(answer => (answer.ok ? setShown(answer.value) : setWhy(answer.why)));
    // Which voices there are may take a moment to hear: lines do not wait for it.
    void call('speakers.get', about).then(answer =>
      answer.ok ? setSpeakers(answer.value) : setWhy(other => other ?? answer.why),
    );
  }, [call, job.id, version]);
  return {shown, setShown, speakers, setSpeakers, why};
}

const pageSize = 100;

function Edit({model: {job, files, line}}: {readonly model: Model}) {
  const {call, say} = useAround();
  const text = useWords(words);
  const {shown, setShown, speakers, setSpeakers, why} = useDub(job);
  const [unsaved, putUnsaved] = useState<Unsaved>(nothing);
  const [since, setSince] = useState({lines: 0, speakers: 0});
  const setUnsaved = (next: Unsaved): void => {
    const {lines, speakers: typed, remember} = unsaved;
    setSince(begun => ({
      lines: lines.size === 0 ? (shown?.revision ?? 0) : begun.lines,
      speakers: typed.size === 0 && !remember ? (speakers?.revision ?? 0) : begun.speakers,
    }));
    putUnsaved(next);
  };
  const video = useRef<HTMLVideoElement>(null);
  const film = files.variants.find(({variant}) => variant === 'phone') ?? files.variants[0];
  useGuard(countOf(unsaved) > 0);
  const people = useMemo(() => {
    const others = [...unsaved.lines.values()].flatMap(({becomes}) =>
      (becomes ?? []).map(each => each.speaker),
    );
    return speakerRows(speakers ?? {speakers: [], series: null}, unsaved.speakers, [
      ...(shown?.lines ?? []).map(({speaker}) => speaker),
      ...others,
    ]);
  }, [speakers, unsaved, shown]);
  const called = useMemo(() => calledBy(people), [people]);
  const hear = async (said: string, speaker: string): Promise<void> => {
    video.current?.pause();
    const voice = voiceToHear(people, speaker);
    const answer = await call('lines.preview', {
      params: {id: job.id},
      body: {text: said.slice(0, 600), speaker, ...(voice === undefined ? {} : {voice})},
    });
    if (answer.ok) await playWav(answer.value.wav);
    else say({is: 'trouble', why: answer.why});
  };
  return (
    <article class="edit">
      <p>
        <a href={`/watch/${job.id}`}>{text.back}</a>
      </p>
      <h1>
        {text.heading}: <bdi>{job.card.name}</bdi>
      </h1>
      {film !== undefined && (
        // biome-ignore lint/a11y/useMediaCaption: its lines are the page
        <video
          class="pinned"
          ref={video}
          controls
          playsinline
          preload="metadata"
          src={film.url}
          aria-label={job.card.name}
        />
      )}
      {job.state.is !== 'done' && (
        <div class="card">
          <StateLine job={job} />
        </div>
      )}
      <Trouble why={why} />
      {shown === null && why === null && job.state.is === 'done' && <p class="quiet">{text.loading}</p>}
      {shown !== null && speakers !== null && (
        <Speakers
          {...{rows: people, shown: speakers, called}}
          remember={unsaved.remember}
          setRemember={remember => setUnsaved({...unsaved, remember})}
          change={(row, draft) => setUnsaved({...unsaved, speakers: withDraft(unsaved.speakers, row, draft)})}
          hear={row => void hear(wordsFor(row, shown), row.id)}
        />
      )}
      {shown !== null && (
        <Lines
          shown={shown}
          first={line}
          drafts={unsaved.lines}
          setDrafts={lines => setUnsaved({...unsaved, lines})}
          speakers={people.map(({id}) => [id, called(id)] as const)}
          play={(from, to) => playPart(video.current, from, to)}
          seek={at => seekTo(video.current, at)}
          hear={part => hear(part.translation, part.speaker)}
        />
      )}
      {shown !== null && (
        <SaveBar {...{job, shown, setShown, speakers, setSpeakers, unsaved, setUnsaved, since}} />
      )}
    </article>
  );
}

/** Their own first words; of who has none yet, those of anybody. */
function wordsFor({shown: {line}}: SpeakerRow, {lines}: LinesShown): string {
  return line?.translation || (lines.find(({translation}) => translation !== '')?.translation ?? '');
}

function seekTo(video: HTMLVideoElement | null, at: number): void {
  if (video !== null) video.currentTime = at;
}

/** Base64 in, sound out. */
async function playWav(wav: string): Promise<void> {
  const bytes = Uint8Array.from(atob(wav), each => each.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], {type: 'audio/wav'}));
  const audio = new Audio(url);
  audio.addEventListener('ended', () => URL.revokeObjectURL(url));
  await audio.play().catch(() => undefined);
}

/** One line, and a breath on either side. */
function playPart(video: HTMLVideoElement | null, from: number, to: number): void {
  if (video === null) return;
  const stop = (): void => {
    if (video.currentTime < to + 0.3) return;
    video.pause();
    video.removeEventListener('timeupdate', stop);
  };
  video.currentTime = Math.max(0, from - 0.3);
  video.addEventListener('timeupdate', stop);
  // What a browser does not let begin by itself begins with its own button.
  void video.play().catch(() => undefined);
}

/** What was typed is not lost to a slip of the thumb. */
function useGuard(isOn: boolean): void {
  const text = useWords(words);
  useEffect(() => {
    askBeforeLeaving(isOn ? text.leave : null);
    if (!isOn) return;
    const guard = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', guard);
    return () => {
      askBeforeLeaving(null);
      removeEventListener('beforeunload', guard);
    };
  }, [isOn, text.leave]);
}

interface LinesParts {
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

function Lines({shown, first, drafts, setDrafts, speakers, play, seek, hear}: LinesParts) {
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
