/** Owns one film: to watch it, to take it along, to share it, and what is written on it. */
import type {z} from 'zod';
import type {BoxEvent} from '../../../appliance/api/events.ts';
import type {FilesShown, JobDetail} from '../../../appliance/api/shapes.ts';
import type {JobId} from '../../../appliance/job.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {bytesText, languageText} from '../format.ts';
import type {Place} from '../page.ts';
import {Field, Form} from '../parts/form.tsx';
import {Icon} from '../parts/icon.tsx';
import {StateLine, Wishes} from '../parts/job.tsx';
import {Player} from '../parts/player.tsx';
import {useGrowing, WhileDubbed} from '../parts/while-dubbed.tsx';
import {words} from './watch.words.ts';

type Files = z.infer<typeof FilesShown>;

interface Model {
  readonly job: JobDetail;
  readonly files: Files;
  /** Seconds. */
  readonly startAt: number;
}

export const page = definePage<Model>({
  title: ({job}) => job.card.name,
  load,
  View: Watch,
  heard,
});

async function load(call: Call, {params, query}: Place) {
  // What is no job's id is told so by the box.
  const about = {params: {id: (params['id'] ?? '') as JobId}};
  const answer = await all([
    call('jobs.get', about),
    call('jobs.files', about),
    call('jobs.watched_by', about),
  ]);
  if (!answer.ok) return answer;
  const [job, files, {watched}] = answer.value;
  // Who has seen nearly all of it begins again.
  const left = watched !== null && watched.seconds < watched.duration * 0.95 ? watched.seconds : 0;
  const asked = Number(query.get('t') ?? Number.NaN);
  return {
    ok: true as const,
    value: {job, files, startAt: Number.isFinite(asked) ? Math.max(0, asked) : left},
  };
}

function heard(model: Model, event: BoxEvent): Model | 'stale' {
  const {job} = model;
  switch (event.is) {
    case 'reset':
      return 'stale';
    case 'job':
      return event.job.id === job.id ? 'stale' : model;
    case 'progress':
      if (event.id !== job.id || job.state.is !== 'running') return model;
      return {...model, job: {...job, state: {...job.state, progress: event}}};
    default:
      return model;
  }
}

function Watch({model}: {readonly model: Model}) {
  const {me, language, again} = useAround();
  const text = useWords(words);
  const {job, files, startAt} = model;
  const {card, from, to, owner} = job;
  const growing = useGrowing(job);
  const variants = files.variants.length > 0 ? files.variants : growing.variants;
  const isMine = me !== null && (me.name === owner || me.role === 'admin');
  const pair =
    from === null
      ? text.into(languageText(to, language))
      : text.fromTo(languageText(from, language), languageText(to, language));
  return (
    <article class="watch">
      {variants.length > 0 && (
        <Player id={job.id} name={card.name} variants={variants} files={files.files} startAt={startAt} />
      )}
      {files.variants.length === 0 && (
        <div class="card">
          <StateLine job={job} />
          <WhileDubbed job={job} growing={growing} />
        </div>
      )}
      <div class="row between">
        <h1 dir="auto">{card.name}</h1>
        {isMine && <Wishes job={job} changed={again} />}
      </div>
      <p class="quiet">
        {pair}
        {me?.name !== owner && ` · ${text.by(owner)}`}
      </p>
      {files.files.length > 0 && <Downloads job={job} files={files} />}
      {isMine && me?.role !== 'viewer' && job.state.is === 'done' && (
        <p>
          <a class="button" href={`/edit/${job.id}`}>
            <Icon name="edit" />
            {text.lines}
          </a>
        </p>
      )}
      {isMine && me?.role !== 'viewer' && <Sharing job={job} />}
      {isMine && me?.role !== 'viewer' && <CardForm job={job} />}
      {job.summary.length > 0 && (
        <details class="fold">
          <summary>{text.summary}</summary>
          <ul class="plain">
            {job.summary.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p>
            <a href={`/quality/${job.id}`}>{text.quality}</a>
          </p>
        </details>
      )}
      <details class="fold">
        <summary>{text.qr}</summary>
        <img
          class="square"
          src={`/api/jobs/${job.id}/qrcode`}
          alt={text.qrAlt}
          loading="lazy"
          width="240"
          height="240"
        />
      </details>
    </article>
  );
}

function Downloads({job, files}: {readonly job: JobDetail; readonly files: Files}) {
  const {call, language, say} = useAround();
  const text = useWords(words);
  const whole = files.files.filter(({type}) => !type.includes('mpegurl'));
  const openElsewhere = async (file: string): Promise<void> => {
    const answer = await call('jobs.link', {params: {id: job.id}, body: {file}});
    if (answer.ok) location.href = `vlc://${answer.value.url}`;
    else say({is: 'trouble', why: answer.why});
  };
  const film = files.variants.find(({variant}) => variant !== 'hls');
  const linked = whole.find(({url}) => url === film?.url);
  return (
    <details class="fold">
      <summary>{text.files}</summary>
      <ul class="lines">
        {whole.map(({url, name, kind, bytes}) => (
          <li key={url}>
            <a href={`${url}?download=1`} download>
              <Icon name="download" />
              <span dir="auto">{name}</span>
            </a>
            <small>
              {kind} · {bytesText(bytes, language)}
            </small>
          </li>
        ))}
      </ul>
      {linked !== undefined && (
        <button type="button" onClick={() => void openElsewhere(linked.file)}>
          {text.vlc}
        </button>
      )}
    </details>
  );
}

function Sharing({job}: {readonly job: JobDetail}) {
  const {call, say, again} = useAround();
  const text = useWords(words);
  const share = async (isShared: boolean): Promise<void> => {
    const body = {visibility: isShared ? ('shared' as const) : ('private' as const)};
    const answer = await call('jobs.card', {params: {id: job.id}, body});
    if (!answer.ok) say({is: 'trouble', why: answer.why});
    again();
  };
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={job.card.visibility === 'shared'}
        onChange={event => void share(event.currentTarget.checked)}
      />
      {text.shared}
    </label>
  );
}

function CardForm({job}: {readonly job: JobDetail}) {
  const {call, say, again} = useAround();
  const text = useWords(words);
  const isAway = job.card.archived !== null;
  const archive = async (): Promise<void> => {
    const answer = await call(isAway ? 'jobs.unarchive' : 'jobs.archive', {params: {id: job.id}});
    if (!answer.ok) say({is: 'trouble', why: answer.why});
    again();
  };
  return (
    <details class="fold">
      <summary>{text.edit}</summary>
      <Form
        label={text.save}
        send={async typed => {
          const title = typed('title').trim();
          const tags = typed('tags')
            .split(/[,、，]/)
            .map(tag => tag.trim())
            .filter(tag => tag !== '');
          const body = {title: title === '' ? null : title, tags, notes: typed('notes')};
          const answer = await call('jobs.card', {params: {id: job.id}, body});
          if (!answer.ok) return answer.why;
          say({is: 'done', text: text.saved});
          again();
          return null;
        }}
      >
        <Field label={text.titleField} name="title" value={job.card.name} maxLength={200} />
        <Field label={text.tags} hint={text.tagsHint} name="tags" value={job.card.tags.join(', ')} isExact />
        <div class="field">
          <label for="notes">{text.notes}</label>
          <textarea id="notes" name="notes" rows={4} maxLength={4000} defaultValue={job.notes} />
        </div>
      </Form>
      {job.state.is === 'done' && (
        <button type="button" class="plain" onClick={() => void archive()}>
          {isAway ? text.unarchive : text.archive}
        </button>
      )}
    </details>
  );
}
