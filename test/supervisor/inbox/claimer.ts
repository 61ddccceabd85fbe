/**
 * A process that takes whatever lies in an inbox, with a queue that is a folder of files, and that is killed at a point
 * it is told of: for the test of what that leaves.
 *
 *   claimer.ts INBOX JOBS STORE KILL_AT ANSWER
 */

import {existsSync} from 'node:fs';
import {access} from 'node:fs/promises';
import {join} from 'node:path';
import {replaceFile} from '../../../appliance/files.ts';
import {JobId} from '../../../appliance/job.ts';
import {Inbox} from '../../../supervisor/inbox/inbox.ts';
import type {Claimed, Submitted} from '../../../supervisor/inbox/settle.ts';
import {anna, newId, stableMs, usual} from './house.ts';

const [inbox = '', jobs = '', store = '', killAt = '', answer = ''] = process.argv.slice(2);
let steady = 0;

async function point(name: string): Promise<void> {
  if (name === killAt) process.kill(process.pid, 'SIGKILL');
}

async function submit(claimed: Claimed): Promise<Submitted> {
  await point('submitting');
  if (answer === 'duplicate')
    return {is: 'duplicate', of: JobId.parse('0000000000'), title: 'x', state: 'done'};
  if (answer === 'wait') return {is: 'wait', why: 'the queue is full'};
  const path = join(store, claimed.id);
  await access(join(jobs, claimed.id, 'source', claimed.source.name));
  await replaceFile(path, JSON.stringify(claimed));
  await point('submitted');
  return {is: 'queued', job: claimed.id};
}

const daemon = new Inbox(
  {inbox, jobs, owner: anna, options: usual, polling: 'never', stableMs, rescanMs: 300_000, beatMs: 0},
  {
    ...{now: () => Date.now(), steady: () => steady, newId, knows: () => true, room: () => null},
    ...{has: id => existsSync(join(store, id)), submit, step: point},
    tell: ({is}) => process.stdout.write(`${is}\n`),
  },
);
await daemon.start();
process.stdout.write('started\n');
steady += stableMs;
await daemon.rescan();
await daemon.quiet();
await daemon.stop();
