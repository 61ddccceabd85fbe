/** The plain pages over the wire: a policy of their own, sent again only when they changed, and without types. */
import t from 'tap';
import {pageRows} from '../../appliance/api/page-rows.ts';
import {networkOf, send} from './people.ts';

t.test(
  'each page and what it loads comes with its type, a policy without exceptions, and an ETag',
  async t => {
    const {url} = await networkOf(t);
    for (const {path, answer} of Object.values(pageRows)) {
      const found = await send(url, path);
      t.match(
        found,
        {
          status: 200,
          headers: {
            'content-type': answer.type,
            'content-security-policy': /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
            'x-content-type-options': 'nosniff',
            'x-frame-options': 'DENY',
            'referrer-policy': 'no-referrer',
            'cache-control': 'no-cache',
          },
        },
        path,
      );
      t.notMatch(String(found.headers['content-security-policy']), /unsafe|\*|data:|http/);
      t.ok(found.text.length < 10_000, `${path} is small`);
      const etag = String(found.headers['etag']);
      const again = await send(url, path, {headers: {'If-None-Match': etag, Range: 'bytes=0-0'}});
      t.match(again, {status: 304, text: '', headers: {etag}}, path);
      t.match(await send(url, path, {headers: {'If-Match': '"x"'}}), {status: 412}, path);
      t.match(await send(url, path, {method: 'HEAD'}), {status: 200, text: ''}, path);
      t.match(await send(url, path, {method: 'POST', body: {}}), {status: 405, json: {error: {}}}, path);
      t.match(await send(url, `${path}?a=1`), {status: 400, json: {error: {code: 'bad-query'}}}, path);
    }
  },
);

t.test('nothing stands in a page that its policy would keep from running', async t => {
  const {url} = await networkOf(t);
  const {text} = await send(url, '/');
  t.notMatch(text, /<style|style=|<script>|\son[a-z]+=/);
  const script = await send(url, '/page.js');
  t.notMatch(script.text, /import type|: string|innerHTML|eval\(/);
  t.match(await send(url, '/page.ts'), {status: 404, json: {error: {code: 'not-found'}}});
});
