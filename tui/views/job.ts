/** Owns how one job looks with all there is to say of it: what it is, its stages and why each ran, what it made. Pure. */
import type {JobDetail, Timeline, TimelineEntry} from '../../appliance/api/shapes.ts';
import type {At, JobOptions} from '../../appliance/job.ts';
import {printable} from '../clean.ts';
import {field, table} from '../table.ts';
import {wrapped} from '../width.ts';
import {age, count, momentOf, size, spent, type Zone} from '../words.ts';
import {languagesOf, stateName, stateSentence} from './state.ts';

export interface JobScreen {
  readonly now: At;
  readonly zone: Zone;
  readonly columns: number;
}

const nameColumns = 11;
const whysShown = 2;
const toldShown = 12;

export function jobLines(job: JobDetail, timeline: Timeline, screen: JobScreen): readonly string[] {
  const {now, zone, columns} = screen;
  const at = (name: string, text: string | readonly string[]): readonly string[] =>
    field(name, text, {nameColumns, columns});
  const {id, source, sidecars, priority, lost, confinement} = job;
  const lacks = confinement?.lacks.map(lack => `- ${lack}`) ?? [];
  return [
    ...wrapped(printable(`${id}  ${job.title}`), columns),
    '',
    ...at('State', stateSentence(job.state, now)),
    ...at('Wanted', wantedText(job)),
    ...at(
      'Came',
      `${momentOf(job.submitted, zone)} (${age(now - job.submitted)} ago) ${viaWords[job.via]}, for ${job.owner}`,
    ),
    ...at('Film', `${source.name}, ${size(source.bytes)}`),
    ...(sidecars.length === 0 ? [] : at('Beside it', sidecars)),
    ...(priority === 0 ? [] : at('Priority', String(priority))),
    ...(lost === 0 ? [] : at('Lost', `its job process, ${count(lost, 'time')}`)),
    ...(confinement === null ? [] : at('Isolation', [confinement.isolation, ...lacks])),
    ...titled('Stages', stagesOf(timeline, columns)),
    ...titled('History', historyOf(timeline, screen)),
    ...titled('Made', outputsOf(job)),
    ...titled(
      'Summary',
      job.summary.flatMap(line => field('', line, {nameColumns: 2, columns})),
    ),
    ...titled('What you can do', wishesOf(job)),
  ];
}

const viaWords: Readonly<Record<JobDetail['via'], string>> = {
  inbox: 'through the inbox',
  command: 'from the command line',
  upload: 'as an upload',
};

function wantedText(job: JobDetail): string {
  const {preset, hls, loudnessLufs, keep} = job.options satisfies JobOptions;
  return [
    languagesOf(job),
    `preset ${preset}`,
    `${loudnessLufs} LUFS`,
    ...(hls ? ['HLS'] : []),
    `keeps ${keep === 'work' ? 'its work' : 'its lines'}`,
  ].join(' · ');
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

type Stage = Extract<TimelineEntry, {is: 'stage'}>;

/** A line a stage, in the order of their first ends: a long film has thousands of nodes. */
function stagesOf({entries}: Timeline, columns: number): readonly string[] {
  const stages = new Map<string, Stage[]>();
  for (const entry of entries) {
    if (entry.is === 'stage') stages.set(entry.stage, [...(stages.get(entry.stage) ?? []), entry]);
  }
  const rows = [...stages].map(([stage, nodes]) => {
    const seconds = nodes.reduce((all, node) => all + (node.how === 'reused' ? 0 : node.seconds), 0);
    return [`  ${stage}`, howText(nodes), seconds === 0 ? '' : spent(seconds), whyText(nodes)];
  });
  if (rows.length === 0) return [];
  const heads = [
    {head: '  STAGE'},
    {head: 'HOW', leastColumns: 8},
    {head: 'TIME', side: 'right'},
    {head: 'WHY', leastColumns: 10},
  ] as const;
  return table(heads, rows, columns);
}

function howText(nodes: readonly Stage[]): string {
  const hows = (['ran', 'reused', 'degraded'] as const).flatMap(how => {
    const amount = nodes.filter(node => node.how === how).length;
    return amount === 0 ? [] : [nodes.length === 1 ? how : `${amount} ${how}`];
  });
  return hows.join(', ');
}

/** The most frequent reasons first. */
function whyText(nodes: readonly Stage[]): string {
  const times = new Map<string, number>();
  for (const {why} of nodes) if (why !== '') times.set(why, (times.get(why) ?? 0) + 1);
  const whys = [...times].toSorted(([, a], [, b]) => b - a).map(([why]) => why);
  return whys.length > whysShown ? `${whys.slice(0, whysShown).join('; ')}; …` : whys.join('; ');
}

/** The last of what happened besides stages that went well. */
function historyOf({entries, dropped}: Timeline, {zone, columns}: JobScreen): readonly string[] {
  const told = entries.flatMap(entry => {
    const text = toldOf(entry);
    return text === undefined ? [] : [{at: entry.at, text}];
  });
  const shown = told.slice(-toldShown);
  const earlier = told.length - shown.length + dropped;
  const lines = shown.flatMap(({at, text}) =>
    field(`  ${momentOf(at, zone)}`, text, {nameColumns: 23, columns}),
  );
  return earlier === 0 ? lines : [`  ${earlier} earlier (--json has what is kept)`, ...lines];
}

function toldOf(entry: TimelineEntry): string | undefined {
  if (entry.is === 'state') return stateName(entry.state);
  if (entry.is === 'skipped') return `Skipped: ${entry.stage} (${entry.why}).`;
  if (entry.is === 'note') return entry.text;
  return entry.how === 'degraded' ? `Made do: ${entry.node}: ${entry.why}` : undefined;
}

/** Paths are never cut: they are there to be copied. */
function outputsOf({outputs}: JobDetail): readonly string[] {
  const rows = outputs.map(({kind, name, path, bytes}) => [`  ${kind}`, size(bytes), path ?? name]);
  return table([{head: ''}, {head: '', side: 'right'}, {head: ''}], rows, Number.POSITIVE_INFINITY).slice(1);
}

function wishesOf({id, wishes}: JobDetail): readonly string[] {
  return wishes.flatMap(wish => (wish === 'delete' ? [] : [`  dubstead ${wish} ${id}`]));
}
