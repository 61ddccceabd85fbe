/** When a clock can be believed, and what is said when it cannot. */
import t from 'tap';
import {type ClockReading, describeDoubt, doubtOf} from '../../../supervisor/sweep/clock.ts';

const hour = 3_600_000;
const day = 24 * hour;
const last: ClockReading = {at: 1000 * day, upMs: 50 * day, boot: 'one'};

/** The next reading: so much later by the clock, and by the time since the start. */
function next(clockMs: number, upMs: number, boot = 'one'): ClockReading {
  return {at: last.at + clockMs, upMs: boot === 'one' ? last.upMs + upMs : upMs, boot};
}

t.test('a clock is believed when it agrees with the time since the machine started', async t => {
  const table: readonly [string, ClockReading, number | undefined][] = [
    ['an hour later', next(hour, hour), undefined],
    ['two months later', next(60 * day, 60 * day), undefined],
    ['summer time, or a clock set right by hours', next(2 * hour, hour), undefined],
    ['set back by less than a day', next(-23 * hour, 0), undefined],
    ['a day and a bit ahead', next(day + hour + 1, hour), day + 1],
    ['exactly a day ahead', next(day + hour, hour), undefined],
    ['years ahead', next(3650 * day, hour), 3650 * day - hour],
    ['back by two days', next(-2 * day, hour), -2 * day - hour],
    ['back to 1970', {at: 5, upMs: last.upMs, boot: 'one'}, 5 - last.at],
    ['standing still for two days', next(0, 2 * day), -2 * day],
    ['a container that was started again on the same machine', next(hour, -50 * day), 50 * day + hour],
  ];
  for (const [name, now, byMs] of table) {
    t.strictSame(doubtOf(last, now), byMs === undefined ? undefined : {is: 'jumped', byMs}, name);
  }
});

t.test('after a restart it is believed only when less than a day has passed by it', async t => {
  const table: readonly [string, ClockReading, number | undefined][] = [
    ['at once', next(0, 5, 'two'), undefined],
    ['within the day', next(day, hour, 'two'), undefined],
    ['after two months off, or a clock gone wrong', next(60 * day, hour, 'two'), 60 * day],
    ['before the last sweep', next(-1, hour, 'two'), -1],
  ];
  for (const [name, now, afterMs] of table) {
    t.strictSame(doubtOf(last, now), afterMs === undefined ? undefined : {is: 'restarted', afterMs}, name);
  }
});

t.test('without a reading there is nothing to judge by', async t => {
  t.strictSame(doubtOf(null, last), {is: 'first'});
});

t.test('every doubt is a sentence that says what happens next', async t => {
  t.match(describeDoubt({is: 'first'}), /first look at the clock.*Nothing is removed/);
  t.match(describeDoubt({is: 'jumped', byMs: 3.25 * day}), /jumped 3\.3 days ahead since.*Check the date/);
  t.match(describeDoubt({is: 'jumped', byMs: -2 * day}), /jumped 2\.0 days back/);
  t.match(describeDoubt({is: 'restarted', afterMs: 61 * day}), /started again.*61\.0 days ahead of/);
});
