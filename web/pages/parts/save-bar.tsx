/**
 * Owns the bar below the editor: one save for lines and speakers, what becomes of two people's changes of the same, and having it
 * dubbed again. Never says what may be changed.
 */
import {useMemo, useState} from 'preact/hooks';
import type {LinesShown} from '../../../appliance/api/line-shapes.ts';
import type {JobDetail, Problem} from '../../../appliance/api/shapes.ts';
import type {SpeakersShown} from '../../../appliance/api/speaker-shapes.ts';
import type {Passage} from '../../../appliance/passages.ts';
import {useAround, useWords} from '../around.tsx';
import {type Drafts, rowsOf} from '../lines.ts';
import {changesOf, type SpeakerDrafts} from '../speakers.ts';
import {words} from '../views/edit.words.ts';
import {words as speakerWords} from './speakers.words.ts';

/** What is typed and not saved. */
export interface Unsaved {
  readonly lines: Drafts;
  /** All that there are to be; null where nobody touched them. */
  readonly passages: readonly Passage[] | null;
  readonly speakers: SpeakerDrafts;
  /** For the series. */
  readonly remember: boolean;
}

export const nothing: Unsaved = {lines: new Map(), passages: null, speakers: new Map(), remember: false};

export function countOf({lines, passages, speakers, remember}: Unsaved): number {
  const changes = lines.size + speakers.size + (passages === null ? 0 : 1);
  return changes === 0 && remember ? 1 : changes;
}

/** Of lines and of speakers, each as they were when the first change was begun: what others save after it is news. */
export interface Revisions {
  readonly lines: number;
  readonly speakers: number;
}

export interface SaveBarParts {
  readonly job: JobDetail;
  readonly shown: LinesShown;
  readonly setShown: (shown: LinesShown) => void;
  readonly speakers: SpeakersShown | null;
  readonly setSpeakers: (speakers: SpeakersShown) => void;
  readonly unsaved: Unsaved;
  readonly setUnsaved: (unsaved: Unsaved) => void;
  readonly since: Revisions;
}

export function SaveBar(parts: SaveBarParts) {
  const {job, shown, speakers, unsaved, setUnsaved} = parts;
  const {call, say, again} = useAround();
  const text = useWords(words);
  const [busy, setBusy] = useState(false);
  const {isConflict, save, resolve} = useSaving(parts, setBusy);
  const pending = useMemo(() => {
    const lines = rowsOf(shown, new Map()).filter(({is}) => is === 'saved').length;
    return (
      lines + shown.passagesPending + (speakers?.speakers ?? []).filter(({isDubbed}) => !isDubbed).length
    );
  }, [shown, speakers]);
  const count = countOf(unsaved);
  const dubAgain = async (): Promise<void> => {
    setBusy(true);
    const answer = await call('jobs.retry', {params: {id: job.id}});
    setBusy(false);
    if (answer.ok) again();
    else say({is: 'trouble', why: answer.why});
  };
  if (count === 0 && pending === 0) return null;
  return (
    <section class="savebar" aria-label={text.save}>
      {isConflict ? (
        <>
          <button type="button" onClick={() => void resolve(false)}>
            {text.theirs}
          </button>
          <button type="button" class="main" onClick={() => void resolve(true)}>
            {text.mine}
          </button>
        </>
      ) : count > 0 ? (
        <>
          <span role="status">{text.unsaved(count)}</span>
          <button type="button" class="plain" onClick={() => setUnsaved(nothing)}>
            {text.drop}
          </button>
          <button type="button" class="main" disabled={busy} onClick={() => void save(unsaved, parts.since)}>
            {text.save}
          </button>
        </>
      ) : (
        <>
          <span role="status">{job.state.is === 'done' ? text.pending(pending) : text.dubbing}</span>
          {job.wishes.includes('retry') && (
            <button type="button" class="main" disabled={busy} onClick={() => void dubAgain()}>
              {text.dub}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function useSaving(
  {job, shown, setShown, setSpeakers, unsaved, setUnsaved}: SaveBarParts,
  setBusy: (busy: boolean) => void,
) {
  const {call, say} = useAround();
  const text = useWords(words);
  const remembered = useWords(speakerWords).remembered;
  const [isConflict, setConflict] = useState(false);
  const about = {params: {id: job.id}};
  const refused = (why: Problem): void => {
    setConflict(why.code === 'edited-meanwhile');
    say({is: 'trouble', why});
  };
  const saveLines = async ({lines, passages}: Unsaved, since: number): Promise<Problem | null> => {
    if (lines.size === 0 && passages === null) return null;
    const body = {since, edits: [...lines.values()], ...(passages !== null && {passages: [...passages]})};
    const answer = await call('lines.save', {...about, body});
    if (!answer.ok) return answer.why;
    setShown({...shown, ...answer.value});
    return null;
  };
  /** The names that the series remembers from now on, or why not. */
  const saveSpeakers = async (mine: Unsaved, since: number): Promise<readonly string[] | Problem> => {
    if (mine.speakers.size === 0 && !mine.remember) return [];
    const body = {since, speakers: changesOf(mine.speakers), remember: mine.remember};
    const answer = await call('speakers.save', {...about, body});
    return answer.ok ? answer.value.remembered : answer.why;
  };
  const save = async (mine: Unsaved, since: Revisions): Promise<void> => {
    setBusy(true);
    try {
      const trouble = await saveLines(mine, since.lines);
      if (trouble !== null) return refused(trouble);
      // Of two that are saved one after the other, what is saved is not typed any more.
      setUnsaved({...mine, lines: nothing.lines, passages: null});
      const names = await saveSpeakers(mine, since.speakers);
      if ('code' in names) return refused(names);
      setUnsaved(nothing);
      setConflict(false);
      const now = await call('speakers.get', about);
      if (now.ok) setSpeakers(now.value);
      say({is: 'done', text: names.length === 0 ? text.saved : remembered(names.join(', '))});
    } finally {
      setBusy(false);
    }
  };
  /** Theirs is looked at again; mine stays typed, and can be saved over it on purpose. */
  const resolve = async (keepsMine: boolean): Promise<void> => {
    const [lines, speakers] = await Promise.all([call('lines.get', about), call('speakers.get', about)]);
    if (!lines.ok) return say({is: 'trouble', why: lines.why});
    if (!speakers.ok) return say({is: 'trouble', why: speakers.why});
    setShown(lines.value);
    setSpeakers(speakers.value);
    setConflict(false);
    say(null);
    if (!keepsMine) return setUnsaved(nothing);
    await save(unsaved, {lines: lines.value.revision, speakers: speakers.value.revision});
  };
  return {isConflict, save, resolve};
}
