/** A finished job's report as JSON, its page as a square code, and having it done again from a stage on. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import type {JobState} from '../../appliance/job.ts';
import {digest, idOf, jobOf} from './memory-box.ts';
import {addPerson, Browser, networkOf} from './people.ts';
import {ask, type Served, serve} from './served.ts';

const id = idOf(1);

async function servedWith(t: Test, text: string, bytes = Buffer.byteLength(text)): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  const path = join(folder, 'film.es.report.json');
  await writeFile(path, text);
  const outputs = [{kind: 'report for programs', path, bytes, digest}];
  const state: JobState = {is: 'done', at: 2, seconds: 1, summary: [], outputs};
  return serve(t, {jobs: [jobOf(1, {state}), jobOf(2)]});
}

t.test('the report is what the job wrote', async t => {
  const {path} = await servedWith(t, '{"lines": [1, {"deep": null}], "__proto": "x"}');
  const found = await ask(path, `/api/jobs/${id}/report`);
  t.equal(found.status, 200, found.text);
  t.strictSame(JSON.parse(found.text), {lines: [1, {deep: null}], __proto: 'x'});
  t.match(await ask(path, `/api/jobs/${idOf(2)}/report`), {status: 404, code: 'no-report'});
});

t.test('what is no report of the job’s is not read out', async t => {
  const table: readonly (readonly [text: string, code: string, bytes?: number])[] = [
    ['{', 'output-changed'],
    ['[1]', 'output-changed'],
    ['"text"', 'output-changed'],
    ['{}', 'output-changed', 3],
    [`{"x":"${'y'.repeat(8 << 20)}"}`, 'no-report'],
  ];
  for (const [text, code, bytes] of table) {
    const {path} = await servedWith(t, text, bytes);
    t.match(await ask(path, `/api/jobs/${id}/report`), {status: 404, code}, text.slice(0, 20));
  }
});

t.test('the square code leads to the page of the job, by the name that the box was asked by', async t => {
  const drawn = async (env: Readonly<Record<string, string>>, host?: string) => {
    const net = await networkOf(t, env);
    net.box.all.set(id, jobOf(1));
    await addPerson(net, 'ann', 'viewer');
    const browser = new Browser(net.url);
    await browser.login('ann');
    return browser.ask(
      `/api/jobs/${id}/qrcode`,
      host === undefined ? {} : {headers: {Host: host, Origin: `http://${host}`}},
    );
  };
  const plain = await drawn({});
  t.match(plain, {status: 200, headers: {'content-type': 'image/svg+xml'}});
  t.match(plain.text, /^<svg .*<\/svg>\s*$/s);
  t.notMatch(plain.text, /script|href|onload/);
  t.match(await drawn({}, 'evil.example'), {status: 421});
  const [attic, other] = [await drawn({}, 'attic'), await drawn({}, 'attic.local')];
  t.equal(attic.status, 200);
  t.not(attic.text, other.text, 'another address is another square');
});

t.test('a retry may begin at a stage', async t => {
  const cancelled: JobState = {is: 'cancelled', at: 1};
  const {path, box} = await serve(t, {jobs: [jobOf(1, {state: cancelled})]});
  const retry = (query: string) => ask(path, `/api/jobs/${id}/retry${query}`, {method: 'POST'});
  t.match(await retry('?from=nothing'), {status: 400, code: 'no-such-stage'});
  for (const odd of ['?from=', '?from=../x', '?from=Mix', '?from=mix&from=mix', '?to=mix'])
    t.match(await retry(odd), {status: 400, code: 'bad-query'}, odd);
  t.equal(box.all.get(id)?.state.is, 'cancelled');
  t.equal((await retry('?from=mix')).status, 200);
  t.equal(box.all.get(id)?.state.is, 'queued');
});
