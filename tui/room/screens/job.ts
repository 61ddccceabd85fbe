/** Owns the screen of one job: its stages and why each ran, its log as it is written, how good it came out. Pure. */

import type {QualityShown} from '../../../appliance/api/quality-shapes.ts';
import type {JobLine, LogLine} from '../../../appliance/api/shapes.ts';
import {describeApiTrouble} from '../../../appliance/api/trouble.ts';
import {jobLines} from '../../views/job.ts';
import {padded} from '../../width.ts';
import {duration, size, timeOf, type Zone} from '../../words.ts';
import type {Holding} from '../asks.ts';
import {bar, spark} from '../bars.ts';
import type {Model} from '../model.ts';
import type {Screen} from '../pane.ts';
import {type Line, line, lines, paragraph, span} from '../text.ts';
import type {Tone} from '../theme.ts';
import {jobKeys} from './job-keys.ts';

const keys = jobKeys(({held, jobs, job}): readonly JobLine[] => {
  // Events keep the jobs as they are; what was asked of this one may be older.
  const one = (job === null ? undefined : jobs.byId.get(job)) ?? held.job?.value;
  return one === undefined || one === null ? [] : [one];
});

function overview(model: Model, columns: number): readonly Line[] {
  const {held, now, zone, job, paces} = model;
  const detail = held.job?.value;
  if (detail == null) return missing(held.job, columns);
  const pace = job === null ? undefined : paces.get(job);
  const moving =
    pace === undefined || detail.state.is !== 'running'
      ? []
      : [
          line(
            ' ',
            ...bar(pace.done, 24),
            `  ${pace.stage}`,
            pace.secondsLeft === null ? '' : `  ${duration(pace.secondsLeft)} left  `,
            span(spark(pace.paces, 24), 'busy'),
          ),
          line(),
        ];
  const timeline = held.timeline?.value ?? {entries: [], dropped: 0};
  const text = jobLines(detail, timeline, {now, zone, columns: columns - 2});
  return [...moving, ...text.map(words => line(` ${words}`))];
}

function missing(holding: Holding<unknown> | undefined, columns: number): readonly Line[] {
  if (holding?.trouble == null) return [line(), line(span(' Asking the daemon …', 'dim'))];
  const {what, fix} = describeApiTrouble(holding.trouble);
  return [line(), ...paragraph(` ${what} ${fix}`, columns, 'warn')];
}

function log({log: held, zone}: Model, columns: number): readonly Line[] {
  if (held === null) return [line(), line(span(' Asking the daemon …', 'dim'))];
  if (held.lines.length === 0) return [line(), line(span(' Nothing is in its log yet.', 'dim'))];
  const text = laidOut(held.lines, columns, zone);
  return held.isOver ? [...text, line(span('The job is over; this is all.', 'dim'))] : text;
}

let last: {lines: readonly LogLine[]; columns: number; zone: Zone; text: readonly Line[]} | undefined;

/** Thousands of lines take a tenth of a second, and a frame asks for them more than once. */
function laidOut(lines: readonly LogLine[], columns: number, zone: Zone): readonly Line[] {
  if (last?.lines === lines && last.columns === columns && last.zone === zone) return last.text;
  const wide = columns - 11;
  const text = lines.flatMap(({at, text}) =>
    text
      .trimEnd()
      .split(/\r?\n/)
      .flatMap(part => paragraph(part.replaceAll('\t', '  '), wide))
      .map((part, i) =>
        line(span(padded(i === 0 && at !== null ? timeOf(at, zone) : '', 9), 'dim'), ...part),
      ),
  );
  last = {lines, columns, zone, text};
  return text;
}

const verdictTones: Readonly<Record<QualityShown['verdict'], Tone>> = {
  ...{good: 'good', fair: 'warn', poor: 'bad', 'not measured': 'dim'},
};

function report({held}: Model, columns: number): readonly Line[] {
  const quality = held.quality?.value;
  if (quality == null) return missing(held.quality, columns);
  const {verdict, summary, metrics, findings, rungs, notes} = quality;
  return [
    ...paragraph(` ${verdict.toUpperCase()}: ${summary}`, columns, verdictTones[verdict]),
    line(),
    ...metrics.map(({name, value, unit, target, verdict, note}) => {
      const figure =
        value === null ? '-' : unit === 'bytes' ? size(value) : `${Number(value.toFixed(2))} ${unit}`;
      return line(
        ` ${padded(name, 38)} `,
        span(padded(figure, 14, 'right'), verdictTones[verdict]),
        `  ${padded(verdict, 12)} `,
        span(value === null ? (note ?? '') : target === null ? '' : `target ${target}`, 'dim'),
      );
    }),
    line(),
    line(
      ` Lines: ${rungs.voice} in their voice, ${rungs['simpler-voice']} in a simpler one, ${rungs.original} kept as they were.`,
    ),
    ...(findings.length === 0 ? [] : [line(), line(span(' To look at', 'strong'))]),
    ...findings
      .slice(0, 500)
      .flatMap(({line: number, what, severity}) =>
        paragraph(
          ` ${number === undefined ? '' : `Line ${number}: `}${what}`,
          columns,
          severity === 'problem' ? 'warn' : 'plain',
        ),
      ),
    ...lines(
      notes.map(note => ` ${note}`),
      'dim',
    ),
  ];
}

export const job: Screen = {
  name: 'job',
  title: 'Job',
  about:
    'One job: what it is, its stages and why each ran, what it made; its log; how good it came out. dubstead job and dubstead logs print the same.',
  panes: [
    {
      is: 'text',
      name: 'overview',
      title: 'Overview',
      keys,
      wants: ({job}) =>
        job === null
          ? []
          : [
              {of: 'job', input: {params: {id: job}}, everyMs: 5_000},
              {of: 'timeline', input: {params: {id: job}}, everyMs: 5_000},
            ],
      text: overview,
    },
    {is: 'text', name: 'log', title: 'Log', follows: true, keys, wants: () => [], text: log},
    {
      is: 'text',
      name: 'report',
      title: 'Report',
      keys,
      wants: ({job}) => (job === null ? [] : [{of: 'quality', input: {params: {id: job}}, everyMs: null}]),
      text: report,
    },
  ],
};
