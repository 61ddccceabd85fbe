/** Owns what a person should look at in a dub, line by line, and the words for it. Never computes a metric. */
import type {ReportFacts} from './facts.ts';
import type {Finding, ReportLine} from './report.ts';
import {calledIn} from './words.ts';

/** What is worth a look at one line, and from where on it spoils the line. */
const limits = {
  overflow: {problem: 0.6},
  late: {look: 1, problem: 2},
  earlySeconds: 0.3,
  fast: {look: 1.4, problem: 1.7},
  slow: 0.8,
  misheard: {share: 0.5, fewestWords: 3},
  confidence: 0.4,
} as const;

const order = {problem: 0, look: 1, note: 2} as const;

/** Worst first, then in film order; what concerns the whole film comes after the lines of its severity. */
export function findAll(facts: ReportFacts, lines: readonly ReportLine[]): Finding[] {
  const found = [
    ...lines.flatMap(ofLine),
    ...overlaps(lines, facts),
    ...uncertain(facts),
    ...facts.subtitles.violations.map(
      ({index, rule, value, limit}): Finding => ({
        what: `Subtitle ${index + 1} breaks ${rule}: ${short(value)}, limit ${short(limit)}.`,
        severity: 'look',
      }),
    ),
    ...facts.degraded.map(({where, why}): Finding => ({what: `${where}: ${why}`, severity: 'look'})),
    ...facts.engines.flatMap(({kind, wished}) =>
      wished.map(
        ({name, why}): Finding => ({what: `${name} would be a better ${kind}: ${why}`, severity: 'note'}),
      ),
    ),
  ];
  return found.sort(
    (a, b) =>
      order[a.severity] - order[b.severity] || (a.line ?? Number.MAX_VALUE) - (b.line ?? Number.MAX_VALUE),
  );
}

function ofLine(line: ReportLine): Finding[] {
  const found: Finding[] = [];
  const add = (severity: Finding['severity'], what: string): void => {
    found.push({line: line.number, what, severity});
  };
  const because = line.why === undefined ? '' : `: ${line.why}`;
  if (line.rung === 'original')
    add(line.why === undefined ? 'problem' : 'look', `keeps its original sound${because}`);
  if (line.rung === 'simpler-voice') add('look', `speaks in a simpler voice${because}`);
  if (line.state === 'over') {
    add(
      line.overflow > limits.overflow.problem ? 'problem' : 'look',
      `runs ${short(line.overflow)} s past its slot`,
    );
  }
  if (line.lag !== null && line.lag > limits.late.look) {
    add(line.lag > limits.late.problem ? 'problem' : 'look', `starts ${short(line.lag)} s late`);
  }
  if (line.lag !== null && line.lag < -limits.earlySeconds) add('look', `starts ${short(-line.lag)} s early`);
  if (line.speed !== null && line.speed > limits.fast.look) {
    add(
      line.speed > limits.fast.problem ? 'problem' : 'look',
      `is spoken at ${short(line.speed)} × its natural pace`,
    );
  }
  if (line.speed !== null && line.speed < limits.slow)
    add('look', `is drawn out to ${short(line.speed)} × its pace`);
  if (line.heard !== null && isMisheard(line.heard)) {
    add('look', `was understood badly: ${line.heard.errors} errors in ${line.heard.words} words`);
  }
  return found;
}

const isMisheard = ({errors, words}: {readonly errors: number; readonly words: number}): boolean =>
  words >= limits.misheard.fewestWords && errors / words > limits.misheard.share;

/** Lines of one speaker that are heard at once: the plan must never do this. */
function overlaps(lines: readonly ReportLine[], facts: Pick<ReportFacts, 'speakers'>): Finding[] {
  const ends = new Map<string, number>();
  return lines.flatMap(({number, speaker, dub}): Finding[] => {
    if (dub === null) return [];
    const end = ends.get(speaker) ?? 0;
    ends.set(speaker, Math.max(end, dub.end));
    const seconds = end - dub.start;
    if (seconds < 0.01) return [];
    return [
      {
        ...{line: number, severity: 'problem'},
        what: `overlaps ${calledIn(facts, speaker)}’s line before by ${short(seconds)} s`,
      },
    ];
  });
}

/** Words that were hardly heard: one by one while they are few, in one sentence when they are the rule. */
function uncertain({lines}: ReportFacts): Finding[] {
  const unsure = lines.flatMap(({line}, i) =>
    line.edited || line.confidence === null || line.confidence >= limits.confidence
      ? []
      : [{number: i + 1, confidence: line.confidence}],
  );
  if (unsure.length > Math.max(3, lines.length / 4)) {
    const what = `${unsure.length} of ${lines.length} lines were recognised with little confidence: read the words through.`;
    return [{what, severity: 'look'}];
  }
  return unsure.map(({number, confidence}) => ({
    line: number,
    what: `was recognised with little confidence (${Math.round(100 * confidence)}\u00a0%)`,
    severity: 'look',
  }));
}

/** At most two decimals, no trailing zeros. */
const short = (value: number): string => String(Math.round(value * 100) / 100);
