/** Claims about files, true and false, on a real disk. */
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, rename, symlink, truncate, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import type {Output} from '../../../appliance/wire.ts';
import {faultOf} from '../../../supervisor/job-process/outputs.ts';

const calm = new AbortController().signal;
const claim = (path: string, text: string): Output => ({
  ...{kind: 'film', path, bytes: Buffer.byteLength(text), digest: digestOf(text)},
});

function folders(t: Test) {
  const dir = t.testdir({
    out: {hls: {'a.m3u8': 'list'}, 'film.mkv': 'film', empty: ''},
    other: {secret: 'secret'},
  });
  return {dir, out: join(dir, 'out'), other: join(dir, 'other')};
}

t.test('true claims are believed, none at all among them', async t => {
  const {out} = folders(t);
  const outputs = [
    claim(join(out, 'film.mkv'), 'film'),
    claim(join(out, 'hls/a.m3u8'), 'list'),
    claim(join(out, 'empty'), ''),
  ];
  t.equal(await faultOf(outputs, out, calm), undefined);
  t.equal(await faultOf([], out, calm), undefined);
  await symlink(out, `${out}-link`);
  const linked = outputs.map(output => ({...output, path: output.path.replace(out, `${out}-link`)}));
  t.equal(await faultOf(linked, `${out}-link`, calm), undefined, 'our own folder may be reached by a link');
});

t.test('the first false one is named, with what is wrong', async t => {
  const {dir, out, other} = folders(t);
  await symlink(join(other, 'secret'), join(out, 'link'));
  await symlink(join(out, 'film.mkv'), join(out, 'inner-link'));
  await symlink(other, join(out, 'folder'));
  await mkdir(`${out}side`);
  await writeFile(`${out}side/film`, 'film');
  execFileSync('mkfifo', [join(out, 'fifo')]);
  // The path of a socket holds 107 bytes.
  const short = join(tmpdir(), `s-${process.pid}`);
  const server = createServer().listen(short);
  t.teardown(() => server.close());
  await once(server, 'listening');
  await rename(short, join(out, 's'));
  await truncate(join(out, 'empty'), 3);
  const film = join(out, 'film.mkv');
  const table: readonly (readonly [Output, RegExp])[] = [
    [claim(join(out, 'gone'), ''), /cannot be opened \(ENOENT\)/],
    [claim(join(out, 'link'), 'secret'), /^it is a link$/],
    [claim(join(out, 'inner-link'), 'film'), /^it is a link$/],
    [claim(join(out, 'folder/secret'), 'secret'), /lies behind a link/],
    [claim(join(other, 'secret'), 'secret'), /lies outside/],
    [claim(`${out}side/film`, 'film'), /lies outside/],
    [claim(join(out, '../other/secret'), 'secret'), /lies outside/],
    [claim(out, ''), /lies outside/],
    [claim(`${out}/`, ''), /no regular file|cannot be opened/],
    [claim(`${out}/../out/film.mkv`, 'film'), /lies outside/],
    [claim(`${out}//film.mkv`, 'film'), /lies outside/],
    [claim(`${out}/./film.mkv`, 'film'), /lies outside/],
    [claim(join(out, 'hls'), ''), /no regular file/],
    [claim(join(out, 'fifo'), ''), /no regular file/],
    [claim(join(out, 's'), ''), /cannot be opened \(ENXIO\)/],
    [claim('/dev/zero', ''), /lies outside/],
    [claim('film.mkv', 'film'), /lies outside/],
    [claim('', ''), /lies outside/],
    [claim(`${film}\0.txt`, 'film'), /lies outside/],
    [{...claim(film, 'film'), bytes: 5}, /has 4 bytes, and 5 were claimed/],
    [claim(film, 'mlif'), /content is not what was claimed/],
    [claim(join(out, 'empty'), 'abc'), /content is not what was claimed/],
  ];
  for (const [output, detail] of table) {
    const fault = await faultOf([claim(join(out, 'hls/a.m3u8'), 'list'), output], out, calm);
    t.match(fault, {reason: 'bad-output', path: output.path, detail}, JSON.stringify(output.path));
  }
  const twice = claim(film, 'film');
  t.match(await faultOf([twice, twice], out, calm), {detail: 'it is named twice'});
  await rename(out, join(dir, 'moved'));
  await t.rejects(faultOf([], out, calm), {code: 'ENOENT'}, 'a folder of ours that is gone is no claim');
});

t.test('reading can be stopped', async t => {
  const {out} = folders(t);
  const large = join(out, 'large');
  await writeFile(large, '');
  await truncate(large, 1e12);
  const stop = new AbortController();
  const reading = faultOf([{...claim(large, ''), bytes: 1e12}], out, stop.signal);
  setImmediate(() => stop.abort());
  await t.rejects(reading, {name: 'AbortError'});
});
