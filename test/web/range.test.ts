/** What a request for a file is to get, row by row of RFC 9110; and, of much nonsense, never what the file has not. */
import t from 'tap';
import {httpDate} from '../../web/http-date.ts';
import {type Conditions, type Wanted, wantedOf} from '../../web/range.ts';

const modified = Date.UTC(2026, 0, 1, 12, 0, 0, 250);
const now = modified + 60_000;
const file = {size: 1000, etag: '"abc"', modified};
const same = httpDate(modified);
const before = httpDate(modified - 1000);
const after = httpDate(modified + 1000);

const whole: Wanted = {is: 'whole'};
const known: Wanted = {is: 'not-modified'};
const failed: Wanted = {is: 'failed-precondition'};
const unsatisfiable: Wanted = {is: 'unsatisfiable'};
const part = (from: number, to: number): Wanted => ({is: 'part', from, to});

function ask(headers: Conditions, {method = 'GET', size = 1000, at = now} = {}): Wanted {
  return wantedOf(method, headers, {...file, size}, at);
}

t.test('one range of bytes is given as far as the file goes', async t => {
  const big = '9'.repeat(40);
  const table: readonly (readonly [string, Wanted])[] = [
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-499', part(0, 499)],
    ['bytes=500-', part(500, 999)],
    ['bytes=0-', part(0, 999)],
    ['bytes=999-999', part(999, 999)],
    ['bytes=10-5000', part(10, 999)],
    ['bytes=10-1000', part(10, 999)],
    [`bytes=10-${big}`, part(10, 999)],
    ['bytes=0010-0020', part(10, 20)],
    ['bytes=-1', part(999, 999)],
    ['bytes=-1000', part(0, 999)],
    ['bytes=-1001', part(0, 999)],
    [`bytes=-${big}`, part(0, 999)],
    ['BYTES=0-4', part(0, 4)],
    ['bytes=, 0-4 ,', part(0, 4)],
    ['bytes=1000-', unsatisfiable],
    ['bytes=1000-2000', unsatisfiable],
    [`bytes=${big}-`, unsatisfiable],
    ['bytes=9007199254740992-9007199254740993', unsatisfiable],
    ['bytes=-0', unsatisfiable],
  ];
  for (const [range, wanted] of table) t.strictSame(ask({range}), wanted, range);
});

t.test('a range that is malformed, of other units, or one of several is as if it were not there', async t => {
  const odd = [
    ...['', 'bytes', 'bytes=', 'bytes=-', 'bytes=--5', 'bytes=5-4', 'bytes=a-b', 'bytes=0-4-8', 'bytes 0-4'],
    ...['bytes=+1-4', 'bytes=0x1-4', 'bytes=1.5-4', 'bytes=1e2-', 'bytes=0 - 4', 'bytes =0-4', ' bytes=0-4'],
    ...['lines=0-4', 'bytes=0-4,6-8', 'bytes=0-0,-1', 'bytes=0-4, bytes=6-8', 'bytes=,', 'bytes=0-4;q=1'],
    ...['bytes=9007199254740993-9007199254740992', 'bytes=٠-٤', 'bytes=0-4\u00a0'],
    ...[`bytes=${'0-1,'.repeat(1000)}`, `bytes=${'0'.repeat(300)}-4`, `bytes=${','.repeat(300)}0-4`],
  ];
  for (const range of odd) t.strictSame(ask({range}), whole, range.slice(0, 60));
});

t.test('an empty file has no part', async t => {
  const size = 0;
  t.strictSame(ask({range: 'bytes=0-'}, {size}), unsatisfiable);
  t.strictSame(ask({range: 'bytes=-5'}, {size}), whole);
  t.strictSame(ask({range: 'bytes=-0'}, {size}), unsatisfiable);
});

t.test('a range is for GET alone', async t => {
  t.strictSame(ask({range: 'bytes=0-4'}, {method: 'HEAD'}), whole);
  t.strictSame(ask({range: 'bytes=5000-'}, {method: 'HEAD'}), whole);
  t.strictSame(ask({range: 'bytes=0-4'}, {method: 'POST'}), whole);
});

t.test('If-Range gives the part of this very file, or else the whole', async t => {
  const range = 'bytes=0-4';
  const table: readonly (readonly [string, Wanted])[] = [
    ['"abc"', part(0, 4)],
    [same, part(0, 4)],
    ['W/"abc"', whole],
    ['"other"', whole],
    ['"abc", "other"', whole],
    ['*', whole],
    ['abc', whole],
    ['', whole],
    [before, whole],
    [after, whole],
  ];
  for (const [field, wanted] of table) t.strictSame(ask({range, 'if-range': field}), wanted, field);
  t.strictSame(ask({range: 'bytes=5000-', 'if-range': '"other"'}), whole, 'then no range is wrong');
  t.strictSame(ask({range: 'bytes=5000-', 'if-range': '"abc"'}), unsatisfiable);
  t.strictSame(ask({'if-range': '"other"'}), whole, 'without a range it says nothing');
  const second = modified - 250;
  const dated = {range, 'if-range': same};
  t.strictSame(ask(dated, {at: second + 999}), whole, 'the second it was written in is not over');
  t.strictSame(ask(dated, {at: second + 1000}), part(0, 4));
});

t.test('the conditions, each by itself', async t => {
  const table: readonly (readonly [Conditions, Wanted])[] = [
    [{'if-match': '"abc"'}, whole],
    [{'if-match': '*'}, whole],
    [{'if-match': '"x", "abc"'}, whole],
    [{'if-match': '"a,b", "abc"'}, whole],
    [{'if-match': 'W/"abc"'}, failed],
    [{'if-match': '"x"'}, failed],
    [{'if-match': 'abc'}, failed],
    [{'if-match': ''}, failed],
    [{'if-match': '"x" "abc"'}, failed],
    [{'if-unmodified-since': same}, whole],
    [{'if-unmodified-since': after}, whole],
    [{'if-unmodified-since': before}, failed],
    [{'if-unmodified-since': 'yesterday'}, whole],
    [{'if-none-match': '"abc"'}, known],
    [{'if-none-match': 'W/"abc"'}, known],
    [{'if-none-match': '"x",W/"y" ,"abc"'}, known],
    [{'if-none-match': ' * '}, known],
    [{'if-none-match': '"x"'}, whole],
    [{'if-none-match': '"abc'}, whole],
    [{'if-none-match': 'abc'}, whole],
    [{'if-modified-since': same}, known],
    [{'if-modified-since': after}, known],
    [{'if-modified-since': before}, whole],
    [{'if-modified-since': 'Thursday'}, whole],
  ];
  for (const [headers, wanted] of table) {
    t.strictSame(ask(headers), wanted, JSON.stringify(headers));
    t.strictSame(ask(headers, {method: 'HEAD'}), wanted, `HEAD ${JSON.stringify(headers)}`);
  }
});

t.test('which condition goes before which', async t => {
  const range = 'bytes=0-4';
  const table: readonly (readonly [string, Conditions, Wanted])[] = [
    ['If-Match before If-Unmodified-Since', {'if-match': '"abc"', 'if-unmodified-since': before}, whole],
    ['and so when it fails', {'if-match': '"x"', 'if-unmodified-since': after}, failed],
    ['If-Match before If-None-Match', {'if-match': '"x"', 'if-none-match': '"abc"'}, failed],
    ['both hold', {'if-match': '"abc"', 'if-none-match': '"abc"'}, known],
    ['If-Unmodified-Since before it too', {'if-unmodified-since': before, 'if-none-match': '"abc"'}, failed],
    ['If-None-Match before If-Modified-Since', {'if-none-match': '"x"', 'if-modified-since': after}, whole],
    ['and so when it is known', {'if-none-match': '"abc"', 'if-modified-since': before}, known],
    ['the range comes last', {'if-none-match': '"abc"', range}, known],
    ['even one that is none', {'if-match': '"x"', range: 'bytes=5000-'}, failed],
    ['and is given when all hold', {'if-match': '"abc"', 'if-none-match': '"x"', range}, part(0, 4)],
  ];
  for (const [why, headers, wanted] of table) t.strictSame(ask(headers), wanted, why);
});

t.test('what only reads is told that it knows, what changes is told that it failed', async t => {
  t.strictSame(ask({'if-none-match': '"abc"'}, {method: 'PUT'}), failed);
  t.strictSame(ask({'if-none-match': '*'}, {method: 'DELETE'}), failed);
  t.strictSame(ask({'if-modified-since': same}, {method: 'PUT'}), whole, 'a date says nothing there');
});

/** The same numbers every time (mulberry32). */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

t.test('twenty thousand odd requests: nothing throws, and nothing outside the file is given', async t => {
  const chance = chances(11);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(chance() * from.length)];
  const bits = [
    ...[
      'bytes=',
      'bytes=',
      '-',
      '-',
      ',',
      '0',
      '1',
      '7',
      '999',
      '1000',
      '18446744073709551616',
      ' ',
      '\t',
      '=',
    ],
    ...['"abc"', '"', 'W/', '*', 'é', same, before, 'GMT', '\0', '🎬', 'lines=', '1e9', '+', 'NaN'],
  ];
  const names = [
    ...(['range', 'range', 'range', 'if-range', 'if-match'] as const),
    ...(['if-none-match', 'if-modified-since', 'if-unmodified-since'] as const),
  ];
  const value = (): string => Array.from({length: Math.floor(chance() * 6)}, () => pick(bits)).join('');
  const likely = (): string => `bytes=${pick(['', '0', '5', '999', '1000'])}-${pick(['', '0', '5', '2000'])}`;
  const seen = new Map<string, number>();
  for (let round = 0; round < 20_000; round++) {
    const size = pick([0, 1, 7, 1000, Number.MAX_SAFE_INTEGER]) ?? 0;
    const headers: Record<string, string> = {};
    for (let field = 0; field < chance() * 3; field++) {
      headers[pick(names) ?? 'range'] = chance() < 0.3 ? likely() : value();
    }
    const wanted = ask(headers, {size, method: pick(['GET', 'GET', 'HEAD', 'PUT']) ?? 'GET'});
    seen.set(wanted.is, (seen.get(wanted.is) ?? 0) + 1);
    if (wanted.is !== 'part') continue;
    const {from, to} = wanted;
    const isInside =
      Number.isSafeInteger(from) && Number.isSafeInteger(to) && 0 <= from && from <= to && to < size;
    if (!isInside) t.fail(`${JSON.stringify(headers)} of ${size} gave ${from}-${to}`);
  }
  t.strictSame([...seen.keys()].toSorted(), [
    ...['failed-precondition', 'not-modified', 'part', 'unsatisfiable', 'whole'],
  ]);
});
