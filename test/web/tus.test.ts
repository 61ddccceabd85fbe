/** What header fields of tus say, word by word. */
import t from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import {readChecksum, readCount, readMetadata} from '../../web/tus.ts';

t.test('numbers of bytes', async t => {
  for (const [text, wanted] of [
    ['0', 0],
    ['17', 17],
    ['999999999999999', 999_999_999_999_999],
  ] as const)
    t.equal(readCount(text), wanted);
  for (const text of [
    undefined,
    '',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '007',
    ' 1',
    '0x10',
    '1, 1',
    '9999999999999999',
  ])
    t.equal(readCount(text), undefined, String(text));
});

t.test('metadata', async t => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const good = [
    ['', []],
    [`filename ${base64('é.mkv')}`, [['filename', 'é.mkv']]],
    [
      'a YQ==,b ,c',
      [
        ['a', 'a'],
        ['b', ''],
        ['c', ''],
      ],
    ],
    [
      'a YQ==, b Yg==',
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    ],
    ['a /w==', []],
  ] as const;
  for (const [text, wanted] of good) t.strictSame([...(readMetadata(text) ?? ['none'])], wanted, text);
  for (const text of ['a YQ==,a Yg==', ',', 'a b c', 'a !', 'a YQ==;b', 'é YQ==', `a ${'A'.repeat(5000)}`])
    t.equal(readMetadata(text), undefined, text.slice(0, 20));
});

t.test('checksums', async t => {
  const digest = digestOf('hello');
  t.equal(readChecksum(`sha256 ${Buffer.from(digest, 'hex').toString('base64')}`), digest);
  for (const text of ['', 'sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=', 'sha256', 'sha256 abc', `sha256 ${digest}`])
    t.equal(readChecksum(text), undefined, text);
});
