/** When a disk will be full, judged from how it filled: tables of samples, and nothing of a clock or a disk. */
import t from 'tap';
import {Trend} from '../../../appliance/api/storage-rows.ts';
import {apartMs, type Sample, samplesLimit, trendOf, withSample} from '../../../supervisor/storage/trend.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = 1_800_000_000_000;
const gb = 1e9;
const disk = {totalBytes: 1000 * gb, freeBytes: 300 * gb, now};

/** One each half hour of so many hours until now; `used` is told how many hours ago, in GB. */
function over(hours: number, used: (hoursAgo: number) => number): readonly Sample[] {
  return Array.from({length: hours * 2 + 1}, (_, place) => {
    const hoursAgo = hours - place / 2;
    return {at: now - hoursAgo * hour, usedBytes: used(hoursAgo) * gb};
  });
}

const growing = (perDay: number) => (hoursAgo: number) => 700 - (perDay / 24) * hoursAgo;

const cases: readonly [string, readonly Sample[], Trend | null][] = [
  ['nothing is known', [], null],
  ['one sample', over(0, growing(100)), null],
  ['five hours', over(5, growing(100)), null],
  ['few samples, far apart', over(12, growing(100)).filter((_, place) => place % 6 === 0), null],
  ['six hours', over(6, growing(100)), {bytesPerDay: 100 * gb, fullAt: now + 3 * day}],
  ['two weeks', over(14 * 24, growing(50)), {bytesPerDay: 50 * gb, fullAt: now + 6 * day}],
  ['it stays as it is', over(48, () => 700), {bytesPerDay: 0, fullAt: null}],
  ['it shrinks', over(48, growing(-10)), {bytesPerDay: -10 * gb, fullAt: null}],
  ['so slowly that it does not matter', over(48, growing(0.1)), {bytesPerDay: 0.1 * gb, fullAt: null}],
  [
    'a film that lay there for two hours',
    over(48, ago => growing(100)(ago) + (ago >= 20 && ago <= 22 ? 80 : 0)),
    {bytesPerDay: 100 * gb, fullAt: now + 3 * day},
  ],
  [
    'a sweep took most of it away yesterday, and it fills as before',
    over(72, ago => growing(100)(ago) + (ago > 20 ? 300 : 0)),
    {bytesPerDay: 100 * gb, fullAt: now + 3 * day},
  ],
  [
    'somebody took most of it away an hour ago',
    over(72, ago => growing(100)(ago) + (ago > 1 ? 300 : 0)),
    null,
  ],
  [
    'a clock that ran ahead for an hour',
    [...over(48, growing(100)), {at: now + 400 * day, usedBytes: 0}],
    {bytesPerDay: 100 * gb, fullAt: now + 3 * day},
  ],
  [
    'a clock that was set back: in no order',
    over(48, growing(100)).toReversed(),
    {bytesPerDay: 100 * gb, fullAt: now + 3 * day},
  ],
  [
    'what was long ago counts no more',
    over(13 * 24, ago => (ago > 7 * 24 ? 900 - ago : growing(100)(ago))),
    {bytesPerDay: 100 * gb, fullAt: now + 3 * day},
  ],
];

t.test('a disk is full when it will be, as it has gone lately', async t => {
  for (const [name, samples, expected] of cases) {
    const found = trendOf(samples, disk);
    if (found !== null) Trend.parse(found);
    const seen = found === null ? null : {...found, bytesPerDay: Math.round(found.bytesPerDay / 1e6) * 1e6};
    const near =
      seen?.fullAt == null || expected?.fullAt == null ? seen : {...seen, fullAt: about(seen.fullAt)};
    t.strictSame(near, expected, name);
  }
});

/** To the minute. */
function about(at: number): number {
  return Math.round(at / 60_000) * 60_000;
}

t.test('what a sweep takes each night is no growth', async t => {
  const trend = trendOf(
    over(6 * 24, ago => 700 + (20 * (24 - (ago % 24))) / 24),
    disk,
  );
  t.ok(Math.abs(trend?.bytesPerDay ?? gb * 99) < 3 * gb, `${trend?.bytesPerDay}`);
});

t.test('samples are kept half an hour apart, for two weeks, and none of a clock that ran ahead', async t => {
  let samples: readonly Sample[] = [];
  for (let at = now - 20 * day; at <= now; at += 10 * 60_000)
    samples = withSample(samples, {at, usedBytes: at});
  t.equal(samples.length, samplesLimit);
  t.ok(samples.every(({at}, place) => place === 0 || at - (samples[place - 1]?.at ?? 0) === apartMs));
  t.ok((samples[0]?.at ?? 0) >= now - 14 * day);
  const back = withSample(samples, {at: now - day, usedBytes: 5});
  t.ok(back.every(({at}) => at <= now - day));
  t.equal(withSample(samples, {at: 1, usedBytes: 2}), samples, 'a clock that was not set yet says nothing');
});
