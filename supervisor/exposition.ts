/**
 * Owns the text format in which Prometheus reads figures (version 0.0.4), and the histogram that goes with it. Never
 * knows what is measured. A name or a label that the format does not take is a bug and throws.
 */

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** What was counted below each bound, as it stands in a histogram. */
export interface Distribution {
  readonly labels?: Labels;
  /** Upper bounds, rising, and how many were no larger: cumulative. */
  readonly buckets: readonly {readonly atMost: number; readonly count: number}[];
  readonly sum: number;
  readonly count: number;
}

interface Named {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

export type Family =
  | (Named & {readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[]})
  | (Named & {readonly type: 'histogram'; readonly distributions: readonly Distribution[]});

const nameShape = /^[a-z][a-z0-9_]*$/;
/** Series of one family: labels come from lists that we own, and a list that grows is a bug. */
const seriesLimit = 100;

/** The whole page; a family without a figure is left out. */
export function exposed(families: readonly Family[]): string {
  const names = new Set<string>();
  let page = '';
  for (const family of families) {
    const {name, help, type} = family;
    if (!nameShape.test(name) || names.has(name)) throw new Error(`"${name}" is no name for another metric`);
    if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} has no _total`);
    names.add(name);
    const count = family.type === 'histogram' ? family.distributions.length : family.samples.length;
    if (count > seriesLimit) throw new Error(`${name} has ${count} series`);
    const lines =
      family.type === 'histogram'
        ? family.distributions.flatMap(each => histogramLines(name, each))
        : family.samples.map(({labels, value}) => line(name, labels, value));
    if (new Set(lines.map(seriesOf)).size !== lines.length) throw new Error(`${name} has a series twice`);
    if (lines.length > 0)
      page += `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
  }
  return page;
}

function histogramLines(name: string, {labels, buckets, sum, count}: Distribution): string[] {
  const all = [...buckets, {atMost: Number.POSITIVE_INFINITY, count}];
  return [
    ...all.map(each => line(`${name}_bucket`, {...labels, le: numberText(each.atMost)}, each.count)),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Labels | undefined, value: number): string {
  const pairs = Object.entries(labels ?? {}).map(([label, text]) => {
    if (!nameShape.test(label)) throw new Error(`"${label}" is no name for a label of ${name}`);
    return `${label}="${escapedLabel(text)}"`;
  });
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}\n`;
}

function seriesOf(text: string): string {
  return text.slice(0, text.lastIndexOf(' '));
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

/** A carriage return is legal, but not every reader knows that. */
function escapedLabel(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', ' ').toWellFormed();
}

/** Counts how long things took. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** Of each bound on its own; what is above all of them is in none. */
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    if (bounds.some((bound, i) => bound <= (bounds[i - 1] ?? Number.NEGATIVE_INFINITY)))
      throw new Error(`the bounds ${bounds.join(', ')} do not rise`);
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** A clock that was set back makes a time below zero: that counts as none. */
  observe(value: number): void {
    const taken = Math.max(0, value);
    const index = this.#bounds.findIndex(bound => taken <= bound);
    if (index !== -1) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += taken;
    this.#count += 1;
  }

  read(labels: Labels = {}): Distribution {
    let below = 0;
    const buckets = this.#bounds.map((atMost, i) => {
      below += this.#counts[i] ?? 0;
      return {atMost, count: below};
    });
    return {labels, buckets, sum: this.#sum, count: this.#count};
  }
}
