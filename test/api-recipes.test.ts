/** The manual of the API: its list of routes is that of the rows, and its recipes do what they say at a real box. */
import {execFile} from 'node:child_process';
import {cp, mkdtemp, readFile, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import t from 'tap';
import {UserName} from '../appliance/job.ts';
import {withRoutes} from '../scripts/api-docs.ts';
import {readerFilm} from './clips.ts';
import {testBox} from './supervisor/daemons.ts';
import {password, send} from './web/people.ts';

const page = join(import.meta.dirname, '../docs/api.md');

t.test('the list of routes is the one that is generated', async t => {
  const now = await readFile(page, 'utf8');
  t.equal(now, withRoutes(now), 'if this fails, run node scripts/api-docs.ts');
  const changed = now.replace('| `GET /healthz` |', '| `GET /health` |');
  t.not(changed, now);
  t.equal(withRoutes(changed), now, 'a change by hand is put right');
});

t.test('the recipes do what they say, one after the other, with a key of these scopes', async t => {
  const text = await readFile(page, 'utf8');
  const recipes = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines ?? '');
  t.equal(recipes.length, 5, 'the five things that scripts do');
  const folder = await mkdtemp(join(tmpdir(), 'recipes-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  await cp(await readerFilm(join(folder, 'reader.mp4')), join(folder, 'film.mp4'));
  const box = await testBox(t);
  await box.start();
  const url = /"web":"([^"]+)"/.exec(box.said)?.[1] ?? /web=(\S+)/.exec(box.said)?.[1] ?? '';
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const body = {name: UserName.parse('ann'), role: 'operator', password} as const;
  t.match(await box.client.call('users.add', {body}), {ok: true});
  const login = {method: 'POST', body: {name: 'ann', password, as: 'client'}};
  const {access} = (await send(url, '/api/auth/login', login)).json.tokens;
  const made = await send(url, '/api/keys', {
    ...{method: 'POST', body: {name: 'recipes', scopes: ['read:job', 'submit:job']}},
    headers: {Authorization: `Bearer ${access}`},
  });
  const env = {PATH: process.env['PATH'] ?? '', BOX: url, KEY: made.json.text};
  const script = ['set -euo pipefail', ...recipes].join('\n');
  const {stdout} = await promisify(execFile)('bash', ['-c', script], {cwd: folder, env, timeout: 150_000});
  t.match(stdout, /^[0-9a-hjkmnp-tv-z]{10}$/m, 'the job');
  t.match(stdout, /event: |data: \{"is":"reset"/, 'what happens');
  const jobs = await box.jobs();
  t.match(jobs, [{owner: 'ann', via: 'upload', state: {is: 'done'}}]);
  const job = jobs[0] === undefined ? undefined : await box.job(jobs[0].id);
  const phone = job?.outputs.find(({kind}) => kind === 'for the phone');
  t.equal((await stat(join(folder, 'dub.mp4'))).size, phone?.bytes, 'what it made');
});
