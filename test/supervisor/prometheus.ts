/**
 * Owns a strict reading of the Prometheus text format 0.0.4, made from its description alone: whatever is not exactly
 * as written there throws. A real server is more forgiving.
 */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly type: string;
  readonly help: string;
  readonly series: readonly Series[];
}

/** Families by name, in the order of the page. */
export function parsePage(page: string): Map<string, Metric> {
  if (page !== '' && !page.endsWith('\n')) throw new Error('the last line is not ended');
  if (/\r/.test(page)) throw new Error('a carriage return');
  const metrics = new Map<string, Metric>();
  const lines = page.split('\n').slice(0, -1);
  for (let i = 0; i < lines.length; ) {
    const [, name = '', help = ''] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(lines[i] ?? '') ?? [];
    if (name === '') throw new Error(`not a HELP line: ${lines[i]}`);
    if (metrics.has(name)) throw new Error(`${name} comes twice`);
    const typed = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[i + 1] ?? '');
    if (typed?.[1] !== name) throw new Error(`no TYPE line after HELP of ${name}`);
    const type = typed[2] ?? '';
    const series: Series[] = [];
    for (i += 2; i < lines.length && !lines[i]?.startsWith('#'); i++) series.push(seriesIn(lines[i] ?? ''));
    checkFamily(name, type, series);
    metrics.set(name, {type, help: plainText(help, false), series});
  }
  return metrics;
}

function seriesIn(line: string): Series {
  const [, name = '', inner, text = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`not a sample: ${line}`);
  return {name, labels: labelsIn(inner ?? ''), value: numberIn(text)};
}

function labelsIn(inner: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = inner;
  while (rest !== '') {
    const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/.exec(rest);
    const [whole = '', label = '', value = '', comma] = found ?? [];
    if (found === null || label.startsWith('__') || label in labels) throw new Error(`bad labels: ${inner}`);
    labels[label] = plainText(value, true);
    rest = rest.slice(whole.length);
    if (comma === ',' && rest === '') throw new Error(`a comma too many: ${inner}`);
  }
  return labels;
}

function plainText(text: string, quotes: boolean): string {
  return text.replace(/\\(.)/g, (whole, escaped: string) => {
    if (escaped === 'n') return '\n';
    if (escaped === '\\' || (quotes && escaped === '"')) return escaped;
    throw new Error(`no such escape: ${whole}`);
  });
}

function numberIn(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function keyOf({name, labels}: Series, without = ''): string {
  const pairs = Object.entries(labels).filter(([label]) => label !== without);
  return `${name} ${JSON.stringify(pairs.toSorted())}`;
}

function checkFamily(name: string, type: string, series: readonly Series[]): void {
  if (series.length === 0) throw new Error(`${name} has no sample`);
  if (new Set(series.map(each => keyOf(each))).size !== series.length) throw new Error(`${name} has a twin`);
  if (type === 'histogram') {
    checkHistogram(name, series);
    return;
  }
  for (const each of series) {
    if (each.name !== name) throw new Error(`${each.name} among those of ${name}`);
    if (type === 'counter' && !(each.value >= 0)) throw new Error(`${name} counts to ${each.value}`);
  }
}

function checkHistogram(name: string, series: readonly Series[]): void {
  const groups = new Map<string, Series[]>();
  for (const each of series) {
    const key = keyOf({...each, name}, 'le');
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter(each => each.name === `${name}_bucket`);
    const bounds = buckets.map(({labels}) => numberIn(labels['le'] ?? ''));
    const counts = buckets.map(({value}) => value);
    const rising = (values: readonly number[], strictly: boolean) =>
      values.every(
        (value, i) => i === 0 || (strictly ? value > (values[i - 1] ?? 0) : value >= (values[i - 1] ?? 0)),
      );
    const [sum, count, ...others] = group.filter(each => each.name !== `${name}_bucket`);
    if (!rising(bounds, true) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`bounds of ${key}`);
    if (!rising(counts, false)) throw new Error(`counts of ${key} fall`);
    if (sum?.name !== `${name}_sum` || count?.name !== `${name}_count` || others.length > 0)
      throw new Error(`sum and count of ${key}`);
    if (count.value !== counts.at(-1)) throw new Error(`count of ${key} is not that of +Inf`);
  }
}
