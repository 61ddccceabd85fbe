/** Dates in the three forms that HTTP has, and nothing else. */
import t from 'tap';
import {httpDate, readHttpDate} from '../../web/http-date.ts';

const now = Date.UTC(2026, 10, 22);
const moment = Date.UTC(1994, 10, 6, 8, 49, 37);

t.test('each form is read, and the first is what is written', async t => {
  const table = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', moment],
    ['Sunday, 06-Nov-94 08:49:37 GMT', moment],
    ['Sun Nov  6 08:49:37 1994', moment],
    ['Sat Nov 26 08:49:37 1994', Date.UTC(1994, 10, 26, 8, 49, 37)],
    ['Monday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
    ['Monday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
    ['Thu, 29 Feb 2024 23:59:59 GMT', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ] as const;
  for (const [text, wanted] of table) t.equal(readHttpDate(text, now), wanted, text);
  t.equal(httpDate(moment + 999), 'Sun, 06 Nov 1994 08:49:37 GMT');
});

t.test('what is no date is none', async t => {
  const odd = [
    ...['', 'now', '0', '784111777', '1994-11-06T08:49:37Z', 'Sun, 06 Nov 1994', '"etag"'],
    ...['Sun, 6 Nov 1994 08:49:37 GMT', 'sun, 06 nov 1994 08:49:37 gmt', 'Sun, 06 Nov 1994 08:49:37 UTC'],
    ...['Sun, 06 Nov 1994 08:49:37 GMT ', 'Sun, 06 Nov 1994 08:49:37 +0000', 'Sun, 06 Foo 1994 08:49:37 GMT'],
    ...['Sun, 31 Feb 1994 08:49:37 GMT', 'Sun, 00 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 24:00:00 GMT'],
    ...['Sun, 06 Nov 1994 08:60:37 GMT', 'Xun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06-Nov-94 08:49:37 GMT'],
  ];
  for (const text of odd) t.equal(readHttpDate(text, now), undefined, text);
});
