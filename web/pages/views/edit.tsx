/** Owns editing a dub: seeing and hearing each line, changing it, who speaks it and how. Saving it is its bar's. */
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {z} from 'zod';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {LinesShown} from '../../../appliance/api/line-shapes.ts';
import type {FilesShown, JobDetail, Problem} from '../../../appliance/api/shapes.ts';
import type {SpeakersShown} from '../../../appliance/api/speaker-shapes.ts';
import type {JobId} from '../../../appliance/job.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {askBeforeLeaving} from '../leaving.ts';
import type {Place} from '../page.ts';
import {Trouble} from '../parts/form.tsx';
import {StateLine} from '../parts/job.tsx';
import {Passages} from '../parts/passages.tsx';
import {countOf, nothing, SaveBar, type Unsaved} from '../parts/save-bar.tsx';
import {Script} from '../parts/script.tsx';
import {Speakers} from '../parts/speakers.tsx';
import {calledBy, type SpeakerRow, speakerRows, voiceToHear, withDraft} from '../speakers.ts';
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

function Edit({model: {job, files, line}}: {readonly model: Model}) {
  const {call, say} = useAround();
  const text = useWords(words);
  const {shown, setShown, speakers, setSpeakers, why} = useDub(job);
  const [unsaved, putUnsaved] = useState<Unsaved>(nothing);
  const [since, setSince] = useState({lines: 0, speakers: 0});
  const setUnsaved = (next: Unsaved): void => {
    const {lines, passages, speakers: typed, remember} = unsaved;
    setSince(begun => ({
      lines: lines.size === 0 && passages === null ? (shown?.revision ?? 0) : begun.lines,
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
        <Passages
          list={unsaved.passages ?? shown.passages}
          isDraft={unsaved.passages !== null}
          duration={shown.duration}
          now={() => video.current?.currentTime ?? 0}
          change={passages => setUnsaved({...unsaved, passages})}
          play={(from, to) => playPart(video.current, from, to)}
        />
      )}
      {shown !== null && (
        <Script
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
