/** From a stage on a job is done anew: what that stage and those after it made is forgotten, and nothing else. */
import {mkdir, readdir, rename, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t, {type Test} from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import type {JobId} from '../../../appliance/job.ts';
import {Wired} from '../wired.ts';

const stages = ['probe', 'demux', 'translate', 'synthesize', 'mix', 'master', 'measure'];

async function record(folder: string, stage: string): Promise<void> {
  const fingerprint = digestOf(stage);
  const parts = {stage, version: 1, params: fingerprint, engines: [], inputs: {}};
  const spent = {seconds: 1, cpuSeconds: 1, peakBytes: 1};
  const text = JSON.stringify({node: stage, fingerprint, parts, files: {}, ...spent});
  await writeFile(join(folder, `${fingerprint}.json`), text);
}

async function left(folder: string): Promise<readonly string[]> {
  const names = new Set(await readdir(folder));
  return stages.filter(stage => names.has(`${digestOf(stage)}.json`));
}

interface Done {
  readonly wired: Wired;
  readonly id: JobId;
  readonly nodes: string;
}

async function doneJob(t: Test): Promise<Done> {
  const wired = await Wired.at(t);
  const id = await wired.submit('hear; dub words film.es.mkv');
  await wired.until(id, 'done');
  const nodes = wired.path('jobs', id, 'out/.dubstead/film.es/nodes');
  await mkdir(nodes, {recursive: true});
  for (const stage of stages) await record(nodes, stage);
  return {wired, id, nodes};
}

t.test('what the stage and those after it made is forgotten, and the job is queued', async t => {
  const {wired, id, nodes} = await doneJob(t);
  await writeFile(join(nodes, 'odd.json'), '{');
  await mkdir(join(nodes, 'folder.json'));
  wired.parts.dispatcher.setMode('paused');
  t.match(await wired.parts.box.retryFrom(id, 'synthesize'), {
    ok: true,
    value: {job: {state: {is: 'queued'}}},
  });
  t.strictSame(await left(nodes), ['probe', 'demux', 'translate']);
  t.ok((await readdir(nodes)).includes('odd.json'), 'what is no record stays');
  wired.parts.dispatcher.setMode('running');
  await wired.until(id, 'done');
});

t.test('a stage that there is not, and a job that is not at rest, change nothing', async t => {
  const {wired, id, nodes} = await doneJob(t);
  const {box, dispatcher} = wired.parts;
  for (const stage of ['nothing', 'constructor', ''])
    t.match(await box.retryFrom(id, stage), {ok: false, why: {reason: 'no-such-stage'}});
  dispatcher.setMode('paused');
  t.ok((await box.wish(id, 'retry')).ok);
  t.match(await box.retryFrom(id, 'probe'), {ok: false, why: {reason: 'not-now'}});
  t.strictSame(await left(nodes), stages);
});

t.test('a link in the job’s folder leads to no other', async t => {
  const {wired, id, nodes} = await doneJob(t);
  const elsewhere = wired.path('elsewhere');
  await mkdir(elsewhere);
  wired.parts.dispatcher.setMode('paused');
  await rename(nodes, join(elsewhere, 'nodes'));
  await symlink(join(elsewhere, 'nodes'), nodes);
  t.ok((await wired.parts.box.retryFrom(id, 'probe')).ok);
  t.strictSame(await left(join(elsewhere, 'nodes')), stages);
});
