/** Owns how good a dub came out, for people: a verdict, pictures, figures with what they are held against, and the lines to look at. */
import {useState} from 'preact/hooks';
import type {MetricShown, QualityShown} from '../../../appliance/api/quality-shapes.ts';
import type {JobDetail} from '../../../appliance/api/shapes.ts';
import type {JobId} from '../../../appliance/job.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {bytesText, clockText} from '../format.ts';
import type {Place} from '../page.ts';
import {words} from './quality.words.ts';

interface Model {
  readonly job: JobDetail;
  readonly quality: QualityShown;
  /** Whether who looks may change lines. */
  readonly isMine: boolean;
}

const firstFindings = 50;

export const page = definePage<Model>({
  title: ({job}, language) => words[language].title(job.card.name),
  load,
  View: Quality,
});

async function load(call: Call, {params, me}: Place) {
  const about = {params: {id: (params['id'] ?? '') as JobId}};
  const answer = await all([call('jobs.get', about), call('jobs.quality', about)]);
  if (!answer.ok) return answer;
  const [job, quality] = answer.value;
  const isMine = me !== null && me.role !== 'viewer' && (me.name === job.owner || me.role === 'admin');
  return {ok: true as const, value: {job, quality, isMine}};
}

function Quality({model: {job, quality, isMine}}: {readonly model: Model}) {
  const text = useWords(words);
  const groups = Map.groupBy(quality.metrics, ({group}) => group);
  return (
    <article>
      <p>
        <a href={`/watch/${job.id}`}>{text.back}</a>
      </p>
      <h1>
        {text.heading}: <bdi>{job.card.name}</bdi>
      </h1>
      <p class={`verdict ${quality.verdict}`}>
        <strong>{text.verdicts[quality.verdict]}</strong> {quality.summary}
      </p>
      <Findings job={job} quality={quality} isMine={isMine} />
      <Rungs quality={quality} />
      <Loudness quality={quality} />
      {[...groups].map(([group, metrics]) => (
        <section key={group}>
          <h2>{text.groups[group]}</h2>
          <ul class="metrics">
            {metrics.map(metric => (
              <li key={metric.key}>
                <Metric metric={metric} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <section>
        <h2>{text.engines}</h2>
        <ul class="plain">
          {quality.engines
            .filter(({settled}) => settled !== null)
            .map(({kind, settled}) => (
              <li key={kind}>
                {kind}: {settled}
              </li>
            ))}
        </ul>
        {quality.notes.map(note => (
          <p key={note}>{note}</p>
        ))}
      </section>
    </article>
  );
}

/** No meaning by colour alone: the word stands beside it. */
function Metric({metric: {name, value, unit, target, verdict, about, note}}: {readonly metric: MetricShown}) {
  const {language} = useAround();
  const text = useWords(words);
  const number = new Intl.NumberFormat(language, {maximumFractionDigits: 2});
  const amount = (some: number): string =>
    unit === 'bytes' ? bytesText(some, language) : `${number.format(some)} ${unit}`;
  return (
    <div class={`metric ${verdict}`}>
      <p class="quiet">{name}</p>
      <p class="value">{value === null ? '–' : amount(value)}</p>
      {target !== null && (
        <p>
          <strong>{text.verdicts[verdict]}</strong> · <small>{text.target(target)}</small>
        </p>
      )}
      {note !== null && <p class="quiet">{note}</p>}
      <details>
        <summary>{text.about}</summary>
        <p>{about}</p>
      </details>
    </div>
  );
}

function Findings({job, quality: {findings}, isMine}: Model) {
  const text = useWords(words);
  const [count, setCount] = useState(firstFindings);
  const worth = findings.filter(({severity}) => severity !== 'note');
  return (
    <section>
      <h2>{text.findings}</h2>
      {worth.length === 0 && <p>{text.none}</p>}
      <ul class="lines">
        {worth.slice(0, count).map(({line, what, severity}, i) => (
          <li key={i} class={severity}>
            {line === undefined ? (
              <p>{what}</p>
            ) : isMine ? (
              <a href={`/edit/${job.id}?line=${line}`}>
                {text.toLine(line)}: {what}
              </a>
            ) : (
              <p>
                {text.toLine(line)}: {what}
              </p>
            )}
          </li>
        ))}
      </ul>
      {worth.length > count && (
        <button type="button" onClick={() => setCount(count + firstFindings)}>
          {text.more}
        </button>
      )}
    </section>
  );
}

const rungNames = ['voice', 'simpler-voice', 'original'] as const;

function Rungs({quality: {rungs}}: {readonly quality: QualityShown}) {
  const text = useWords(words);
  const most = Math.max(1, ...rungNames.map(name => rungs[name]));
  return (
    <section>
      <h2>{text.rungsTitle}</h2>
      <dl class="bars">
        {rungNames.map(name => (
          <div key={name}>
            <dt>{text.rungs[name]}</dt>
            <dd>
              <meter min={0} max={most} value={rungs[name]}>
                {rungs[name]}
              </meter>
              {rungs[name]}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const width = 640;
const height = 160;
/** What is shown of it, in LUFS: a whisper to a shout. */
const range = {low: -50, high: -5} as const;

function Loudness({quality: {loudness, duration}}: {readonly quality: QualityShown}) {
  const {language} = useAround();
  const text = useWords(words);
  const {lufs, targetLufs} = loudness;
  const y = (level: number): number =>
    ((range.high - Math.min(range.high, Math.max(range.low, level))) / (range.high - range.low)) * height;
  const target = new Intl.NumberFormat(language).format(targetLufs);
  const step = width / Math.max(1, lufs.length);
  // A gap where it is silent.
  const line = lufs
    .map((level, i) => {
      if (level === null) return '';
      const before = lufs[i - 1];
      return `${before === null || before === undefined ? 'M' : 'L'}${((i + 0.5) * step).toFixed(1)} ${y(level).toFixed(1)}`;
    })
    .join('');
  return (
    <figure class="curve">
      <figcaption>
        <h2>{text.loudness}</h2>
        <p class="quiet">{text.loudnessAbout(target)}</p>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height + 16}`} role="img" aria-label={text.loudness}>
        <path class="target" d={`M0 ${y(targetLufs)}H${width}`} />
        <path class="level" d={line} />
        <text x={2} y={height + 13}>
          0:00
        </text>
        <text x={width - 2} y={height + 13} text-anchor="end">
          {clockText(duration)}
        </text>
      </svg>
    </figure>
  );
}
