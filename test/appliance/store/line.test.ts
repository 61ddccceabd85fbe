/** Lines, and where they end. */
import {open, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {crc32} from 'node:zlib';
import t, {type Test} from 'tap';
import {lineLimitBytes, lineOf, linesIn, saidIn, tailAfter} from '../../../appliance/store/line.ts';

const chunkBytes = 256 << 10;

async function fileOf(t: Test, ...parts: readonly (Buffer | string)[]) {
  const path = join(t.testdir(), 'lines');
  await writeFile(path, Buffer.concat(parts.map(part => Buffer.from(part))));
  const file = await open(path);
  t.teardown(() => file.close());
  return file;
}

const row = (text: string): string => JSON.stringify({text});

t.test('a line is a sum, what it says, and a line break', async t => {
  const line = lineOf('{"a":"é"}');
  t.equal(line.toString(), `${crc32('{"a":"é"}').toString(16).padStart(8, '0')} {"a":"é"}\n`);
  t.equal(lineOf(row('x')).toString('latin1', 8, 9), ' ');
  for (let n = 0; n < 2000; n++) if (!/^[0-9a-f]{8} \{/.test(lineOf(row(`${n}`)).toString())) t.fail(`${n}`);
  t.strictSame(saidIn({offset: 0, end: 0, json: '[1]'}), [1]);
  t.equal(saidIn({offset: 0, end: 0, json: '[1'}), undefined);
});

t.test('lines are read whole, whatever their length and wherever they lie', async t => {
  const texts = [
    0,
    1,
    100,
    chunkBytes - 30,
    chunkBytes - 20,
    chunkBytes,
    3 * chunkBytes,
    5,
    2 * chunkBytes - 7,
  ].map((length, index) => `${index}é`.repeat(length / 3));
  const lines = texts.map(text => lineOf(row(text)));
  const file = await fileOf(t, ...lines, Buffer.alloc(1000));
  const read = await Array.fromAsync(linesIn(file, 0));
  t.strictSame(
    read.map(line => saidIn(line)),
    texts.map(text => ({text})),
  );
  let at = 0;
  for (const [index, {offset, end}] of read.entries()) {
    t.strictSame([offset, end], [at, at + (lines[index]?.length ?? 0)]);
    at = end;
  }
  const third = read[3]?.offset ?? 0;
  t.equal((await Array.fromAsync(linesIn(file, third))).length, texts.length - 3, 'from the middle on');
  t.equal((await Array.fromAsync(linesIn(file, third + 1))).length, 0, 'but not from the middle of one');
  t.strictSame(await tailAfter(file, at), {is: 'clean'});
});

t.test('a line that has no end is not waited for', async t => {
  const path = join(t.testdir(), 'lines');
  await writeFile(path, Buffer.concat([lineOf(row('a')), Buffer.from('x')]));
  await truncate(path, 10 * lineLimitBytes);
  const file = await open(path);
  t.teardown(() => file.close());
  let bytes = 0;
  const counted = new Proxy(file, {
    get: (real, name) =>
      name === 'read'
        ? (buffer: Buffer, offset: number, length: number, at: number) => {
            bytes += length;
            return real.read(buffer, offset, length, at);
          }
        : Reflect.get(real, name),
  });
  t.equal((await Array.fromAsync(linesIn(counted, 0))).length, 1);
  t.ok(bytes <= 3 * lineLimitBytes, `${bytes} bytes were looked at`);
});

t.test('nothing but a sound line is one', async t => {
  const sound = lineOf(row('a')).toString();
  const table = {
    'no sum': sound.slice(9),
    'a sum in capitals': sound.toUpperCase(),
    'no space': sound.replace(' ', ''),
    'another space': sound.replace(' ', '\t'),
    'nothing said': `${crc32('').toString(16).padStart(8, '0')} \n`,
    'no line break': sound.slice(0, -1),
    'a line break too early': sound.replace('"text"', '"te\nxt"'),
    'a word before it': `x${sound}`,
    zeros: '\0'.repeat(100),
    nothing: '',
  };
  for (const [what, text] of Object.entries(table)) {
    const file = await fileOf(t, text);
    t.strictSame(await Array.fromAsync(linesIn(file, 0)), [], what);
    await file.close();
  }
});

t.test('what follows the last line is told apart', async t => {
  const [a, b, c] = ['a', 'b', 'c'].map(text => lineOf(row(text)));
  if (a === undefined || b === undefined || c === undefined) return;
  const zeros = Buffer.alloc(600);
  const far = Buffer.alloc(chunkBytes - 5, '-');
  const fake = lineOf(JSON.stringify({text: '00000000 {"v":1}\n'})).subarray(0, -3);
  const table: readonly (readonly [string, readonly (Buffer | string)[], unknown])[] = [
    ['nothing', [], {is: 'clean'}],
    ['zeros', [zeros], {is: 'clean'}],
    ['many zeros', [Buffer.alloc(3 * chunkBytes)], {is: 'clean'}],
    ['part of a line', [b.subarray(0, 12)], {is: 'torn', bytes: 12}],
    ['all of it but the line break', [b.subarray(0, -1), zeros], {is: 'torn', bytes: b.length - 1 + 600}],
    ['a byte after zeros', [zeros, 'x'], {is: 'torn', bytes: 601}],
    ['the end of a line after zeros', [zeros, b.subarray(20)], {is: 'torn', bytes: 600 + b.length - 20}],
    ['a line after zeros', [zeros, b], {is: 'damaged', laterLines: 1}],
    ['a line after a bad one', [b.subarray(1), c], {is: 'damaged', laterLines: 1}],
    ['a line after one without a break', [b.subarray(0, -1), c], {is: 'damaged', laterLines: 1}],
    ['lines among bad ones', ['x', b, 'x', c, b, 'x\n'], {is: 'damaged', laterLines: 3}],
    ['a line far away', [far, b], {is: 'damaged', laterLines: 1}],
    ['a line across pieces', [far.subarray(6), c, far, b], {is: 'damaged', laterLines: 2}],
    ['a torn line that speaks of lines', [fake], {is: 'torn', bytes: fake.length}],
  ];
  for (const [what, parts, expected] of table) {
    const file = await fileOf(t, a, ...parts);
    t.strictSame(await tailAfter(file, a.length), expected, what);
    await file.close();
  }
});
