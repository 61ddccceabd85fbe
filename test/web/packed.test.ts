/** A packed page is the same page, and its length tells nothing of what is somebody's. */
import {gunzipSync} from 'node:zlib';
import t from 'tap';
import {Packer} from '../../web/packed.ts';

const style = 'a{color:red}'.repeat(500);
const script = 'let hello = "hello";'.repeat(2000);
const page = (words: string): string => `<style>${style}</style><p>${words}</p><script>${script}</script>`;

t.test('unpacked, it is what it was', async t => {
  const packer = new Packer();
  const table = {
    'as pages are': page('Hello'),
    'longer than a block': page('日本語🎬'.repeat(20_000)),
    'with what is the same inside of what is not': page(`${style}${script}`),
    'nothing of it there': 'Hello',
    empty: '',
  };
  for (const [name, text] of Object.entries(table)) {
    t.equal(gunzipSync(packer.pack(text, [style, script])).toString(), text, name);
    t.equal(gunzipSync(packer.pack(text, [script, style])).toString(), text, `${name}, out of order`);
    t.equal(gunzipSync(packer.pack(text, [])).toString(), text, `${name}, nothing known`);
  }
});

t.test('what is the same for all is packed, and what is not costs what it is long', async t => {
  const packer = new Packer();
  const lengthOf = (words: string): number => packer.pack(page(words), [style, script]).length;
  const empty = lengthOf('');
  t.ok(empty < 1000, `${style.length + script.length} became ${empty}`);
  const guesses = [
    'secret=0042',
    'secret=1234',
    'secret=12secret=12',
    'color:red}a{color:red',
    'qqqqqqqqqqq',
  ];
  for (const guess of guesses)
    t.equal(lengthOf(`secret=1234 ${guess}`) - empty, 'secret=1234 '.length + guess.length, guess);
});
