/** The page that Prometheus reads, through a parser that forgives nothing. */
import t from 'tap';
import {stageNames} from '../../pipeline/catalog.ts';
import {exposed, expositionType, type Family, Histogram} from '../../supervisor/exposition.ts';
import type {MachineReading} from '../../supervisor/machine.ts';
import {type MetricFacts, renderMetrics, Times} from '../../supervisor/metrics.ts';
import {parsePage} from './prometheus.ts';

const machine: MachineReading = {
  processors: {count: 8, busy: 0.25},
  network: null,
  memory: {totalBytes: 32e9, freeBytes: 20e9, ownBytes: 90e6},
  disks: [
    {
      ...{name: 'data', path: '/secret/place', sharedWith: null},
      space: {is: 'known', totalBytes: 1e12, freeBytes: 4e11, freeInodes: 1e7},
    },
    {...{name: 'inbox', path: '/mnt/nas', sharedWith: null}, space: {is: 'unknown', why: 'no answer'}},
    {
      ...{name: 'dubs', path: '/b', sharedWith: 'data'},
      space: {is: 'known', totalBytes: 5, freeBytes: 0, freeInodes: null},
    },
  ],
  gpus: {
    is: 'known',
    gpus: [
      {name: 'NVIDIA "H100"\\80GB', totalBytes: 80e9, usedBytes: 2e9, busy: 0.5, celsius: 41},
      {name: 'ASPEED', totalBytes: null, usedBytes: null, busy: null, celsius: null},
    ],
  },
};

function factsWith(wishes: Partial<MetricFacts> = {}): MetricFacts {
  const times = new Times();
  times.stage('mix', 0.3);
  times.stage('mix', 100);
  times.stage('mix', 1e6);
  times.queueWait.observe(2);
  return {
    ...{version: '0.1.0', runtime: 'v24.21.0', uptimeSeconds: 12.5, times, machine},
    jobs: {
      ...{queued: 3, running: 1, pausing: 0, paused: 0, stopping: 0, done: 41},
      ...{failed: 2, cancelled: 0, 'set-aside': 1, deleted: 0},
    },
    ...{workers: {started: 50, lost: 4}, inbox: {settling: 2, held: 0, refused: 5}},
    pushes: {sent: 7, failed: 1, waiting: 0},
    ...wishes,
  };
}

/** The value of one series; undefined when it is not on the page. */
function valueIn(
  page: string,
  family: string,
  labels: Record<string, string> = {},
  name = family,
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).toSorted());
  return parsePage(page)
    .get(`dubstead_${family}`)
    ?.series.find(
      each =>
        each.name === `dubstead_${name}` && JSON.stringify(Object.entries(each.labels).toSorted()) === wanted,
    )?.value;
}

t.test('every figure is on the page, under its name and with its labels', async t => {
  const page = renderMetrics(factsWith());
  const gpu = {gpu: '0', name: 'NVIDIA "H100"\\80GB'};
  const table: readonly [string, Record<string, string>, number][] = [
    ['build_info', {version: '0.1.0', node: 'v24.21.0'}, 1],
    ['uptime_seconds', {}, 12.5],
    ['resident_memory_bytes', {}, 90e6],
    ['jobs', {state: 'queued'}, 3],
    ['jobs', {state: 'set-aside'}, 1],
    ['jobs', {state: 'cancelled'}, 0],
    ['workers_started_total', {}, 50],
    ['workers_lost_total', {}, 4],
    ['inbox_files', {state: 'refused'}, 5],
    ['pushes_total', {result: 'sent'}, 7],
    ['pushes_total', {result: 'failed'}, 1],
    ['pushes_waiting', {}, 0],
    ['processors', {}, 8],
    ['processors_busy_ratio', {}, 0.25],
    ['memory_total_bytes', {}, 32e9],
    ['memory_free_bytes', {}, 20e9],
    ['disk_total_bytes', {folder: 'data'}, 1e12],
    ['disk_free_bytes', {folder: 'data'}, 4e11],
    ['disk_free_bytes', {folder: 'dubs'}, 0],
    ['disk_free_inodes', {folder: 'data'}, 1e7],
    ['gpu_memory_total_bytes', gpu, 80e9],
    ['gpu_memory_used_bytes', gpu, 2e9],
    ['gpu_busy_ratio', gpu, 0.5],
    ['gpu_temperature_celsius', gpu, 41],
  ];
  for (const [family, labels, value] of table)
    t.equal(valueIn(page, family, labels), value, `${family} ${JSON.stringify(labels)}`);
  const families = [...parsePage(page).keys()].map(name => name.slice('dubstead_'.length));
  const seen = new Set([...table.map(([family]) => family), 'stage_seconds', 'queue_wait_seconds']);
  t.strictSame(new Set(families), seen, 'and nothing else is');
  t.match(expositionType, /^text\/plain; version=0\.0\.4/);
});

t.test('times are histograms, one for each stage that has run', async t => {
  const page = renderMetrics(factsWith());
  const bucket = (le: string) => valueIn(page, 'stage_seconds', {stage: 'mix', le}, 'stage_seconds_bucket');
  t.strictSame(
    ['0.1', '0.5', '60', '300', '14400', '+Inf'].map(bucket),
    [0, 1, 1, 2, 2, 3],
    'each counts all that took no longer',
  );
  t.equal(valueIn(page, 'stage_seconds', {stage: 'mix'}, 'stage_seconds_sum'), 1_000_100.3);
  t.equal(valueIn(page, 'stage_seconds', {stage: 'mix'}, 'stage_seconds_count'), 3);
  t.equal(valueIn(page, 'queue_wait_seconds', {le: '1'}, 'queue_wait_seconds_bucket'), 0);
  t.equal(valueIn(page, 'queue_wait_seconds', {le: '5'}, 'queue_wait_seconds_bucket'), 1);
  const all = new Times();
  for (const name of stageNames) for (let i = 0; i < 1000; i++) all.stage(name, i);
  const full = renderMetrics(factsWith({times: all}));
  const stages = parsePage(full)
    .get('dubstead_stage_seconds')
    ?.series.map(({labels}) => labels['stage']);
  t.strictSame(new Set(stages), new Set(stageNames));
  t.ok(full.length < 64 << 10, 'the page does not grow with the jobs');
});

t.test('what is not known is left out; the page is whole all the same', async t => {
  const page = renderMetrics(
    factsWith({
      machine: {
        processors: {count: 2, busy: null},
        network: null,
        memory: {totalBytes: 1, freeBytes: null, ownBytes: 1},
        disks: [{name: 'data', path: '/', sharedWith: null, space: {is: 'unknown', why: 'x'}}],
        gpus: {is: 'unknown', why: 'nobody has looked yet'},
      },
      times: new Times(),
      inbox: {},
    }),
  );
  for (const name of parsePage(page).keys())
    t.notMatch(name, /gpu|disk|busy|memory_free|stage_seconds|inbox/, name);
  t.equal(valueIn(page, 'queue_wait_seconds', {}, 'queue_wait_seconds_count'), 0);
  t.notMatch(page, /NaN|null|undefined/);
});

t.test('nothing that a person named is on the page', async t => {
  const page = renderMetrics(factsWith());
  t.notMatch(page, /secret|mnt|nas/);
  const allowed = new Set(['version', 'node', 'state', 'result', 'folder', 'gpu', 'name', 'stage', 'le']);
  for (const {series} of parsePage(page).values())
    for (const {labels} of series) for (const label of Object.keys(labels)) t.ok(allowed.has(label), label);
  for (const bad of ['ana/film.mp4', 'Film', '', 'x'.repeat(41)])
    t.throws(() => renderMetrics(factsWith({inbox: {[bad]: 1}})), /is no state of a file in the inbox/);
});

const gauge = (samples: (Family & {type: 'gauge'})['samples'], name = 'x'): Family => ({
  ...{name, help: 'Any.', type: 'gauge', samples},
});

t.test('labels and help hold any text, and come back as they were', async t => {
  const texts = ['', 'a"b', 'a\\b', 'a\nb', '\\n', '"', '\\', '{le="1"} 5', '映画 ñ 😀', 'a,b="c"', '\\"\n'];
  for (const text of texts) {
    const page = exposed([{...gauge([{labels: {label: text}, value: 1}]), help: `h ${text}.`}]);
    const metric = parsePage(page).get('x');
    t.equal(metric?.series[0]?.labels['label'], text, JSON.stringify(text));
    t.equal(metric?.help, `h ${text}.`);
  }
  const odd = exposed([gauge([{labels: {label: 'a\r\nb\ud800'}, value: 1}])]);
  t.equal(parsePage(odd).get('x')?.series[0]?.labels['label'], 'a \nb\ufffd');
});

t.test('numbers of any size come back as they were', async t => {
  const {MAX_SAFE_INTEGER, MIN_VALUE, MAX_VALUE, POSITIVE_INFINITY, NEGATIVE_INFINITY} = Number;
  for (const value of [
    0,
    -1,
    0.1,
    1e-7,
    1e21,
    MAX_SAFE_INTEGER,
    MIN_VALUE,
    MAX_VALUE,
    POSITIVE_INFINITY,
    NEGATIVE_INFINITY,
  ])
    t.equal(parsePage(exposed([gauge([{value}])])).get('x')?.series[0]?.value, value);
});

t.test('what would break the page is a bug, and is thrown', async t => {
  const many = Array.from({length: 101}, (_, i) => ({labels: {i: String(i)}, value: 1}));
  const table: readonly [readonly Family[], RegExp][] = [
    [[gauge([{value: 1}], 'a b')], /is no name/],
    [[gauge([{value: 1}], '')], /is no name/],
    [[gauge([{value: 1}]), gauge([{value: 2}])], /"x" is no name for another/],
    [[gauge([{labels: {'a-b': ''}, value: 1}])], /no name for a label/],
    [[gauge([{labels: {__name__: ''}, value: 1}])], /no name for a label/],
    [[gauge([{value: 1}, {value: 2}])], /twice/],
    [[gauge(many)], /has 101 series/],
    [[{name: 'x', help: 'Any.', type: 'counter', samples: [{value: 1}]}], /no _total/],
  ];
  for (const [families, message] of table) t.throws(() => exposed(families), message);
  t.equal(exposed([]), '');
  t.equal(exposed([gauge([])]), '', 'a family without a figure is left out');
});

t.test('a histogram counts at its bounds, above them, and never below zero', async t => {
  const histogram = new Histogram([1, 2]);
  for (const value of [1, 1.5, 2, 3, -5]) histogram.observe(value);
  t.strictSame(histogram.read(), {
    labels: {},
    buckets: [
      {atMost: 1, count: 2},
      {atMost: 2, count: 4},
    ],
    sum: 7.5,
    count: 5,
  });
  t.throws(() => new Histogram([1, 1]), /do not rise/);
  t.throws(() => new Histogram([2, 1]), /do not rise/);
});

t.test('the parser of these tests is strict', async t => {
  const good = '# HELP a A.\n# TYPE a gauge\na 1\n';
  t.equal(parsePage(good).size, 1);
  const histogram = (lines: string) => `# HELP h H.\n# TYPE h histogram\n${lines}`;
  for (const bad of [
    ...['a 1\n', '# TYPE a gauge\na 1\n', good.slice(0, -1), good + good, good.replace('gauge', 'thing')],
    ...[good.replace('a 1', 'a  1'), good.replace('a 1', 'b 1'), good.replace('a 1', 'a x'), `${good}\n`],
    ...[
      good.replace('a 1', 'a{x="1",} 1'),
      good.replace('a 1', 'a{x="\\q"} 1'),
      good.replace('a 1', 'a 1\na 2'),
    ],
    ...[good.replace('gauge', 'counter').replace('a 1', 'a -1'), good.replace('a 1\n', '')],
    histogram('h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'),
    histogram('h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'),
    histogram('h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'),
    histogram('h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n'),
    histogram('h_bucket{le="+Inf"} 1\nh_count 1\n'),
  ])
    t.throws(() => parsePage(bad), {message: /./}, JSON.stringify(bad));
});
