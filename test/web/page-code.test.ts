/** Square codes: what a page draws itself is what the box draws. */
import t from 'tap';
import {squareCode, squarePath} from '../../web/page-code.ts';

/** Each dark square as "x y", of a path of strokes through the middles of rows, with four light ones around it. */
function darkIn(svg: string): readonly string[] {
  const [, strokes = ''] = /stroke="#000000" d="([^"]+)"/.exec(svg) ?? [];
  const dark: string[] = [];
  let [x, y] = [0, 0];
  for (const [, letter, first, second] of strokes.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    const by = Number(first);
    if (letter === 'M') [x, y] = [by, Number(second) - 0.5];
    else if (letter === 'm') x += by;
    else for (const until = x + by; x < until; x += 1) dark.push(`${x - 4} ${y - 4}`);
  }
  return dark;
}

t.test('the path of a page has the squares of the picture that the box draws', async t => {
  for (const text of ['http://attic:8700/approve#0123456789abcdef', `otpauth://totp/${'x'.repeat(200)}`]) {
    const {size, path} = squarePath(text);
    const drawn = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`);
    const wanted = darkIn(await squareCode(text));
    t.ok(wanted.length > 100, `${wanted.length} squares`);
    t.strictSame(drawn.toSorted(), wanted.toSorted());
    t.ok(size >= 21 && (size - 17) % 4 === 0, `${size} in a row`);
  }
});
