/** What an end means, in a table: the first cause stands, and an answer counts only with a clean exit. */
import t from 'tap';
import {digestOf} from '../../../appliance/digest.ts';
import type {EventOf} from '../../../appliance/wire.ts';
import {type Cause, type End, judge, type Verdict} from '../../../supervisor/job-process/verdict.ts';

const done: EventOf<'done'> = {
  is: 'done',
  outputs: [{kind: 'film', path: '/out/film.mkv', bytes: 1, digest: digestOf('x')}],
  summary: [],
};
const failed: EventOf<'failed'> = {is: 'failed', failure: {reason: 'no-audio', path: '/film'}};
const rested: EventOf<'failed'> = {is: 'failed', failure: {reason: 'stopped'}};
const asked: Cause = {is: 'asked'};
const broke: Cause = {is: 'broke', failure: {reason: 'wire-broken', detail: 'lied'}};
const limits = {memoryBytes: 1000, cpuSeconds: 60, fileBytes: 2000};
const end: End = {cause: undefined, answer: undefined, exit: 'exit 0', stderr: '', outOfMemory: false};
const worker = (exit: string, stderr = ''): Verdict => ({
  is: 'lost',
  failure: {reason: 'worker-lost', exit, stderr},
});
const limit = (name: 'memory' | 'processor' | 'file', allowed: number): Verdict => ({
  is: 'lost',
  failure: {reason: 'limit', limit: name, allowed, node: null},
});

const table: readonly (readonly [string, Partial<End>, Verdict])[] = [
  ['done and a clean exit', {answer: done}, {is: 'claims', answer: done}],
  ['done and another exit', {answer: done, exit: 'exit 1'}, worker('exit 1, after it had answered')],
  [
    'done and killed',
    {answer: done, exit: 'signal SIGKILL'},
    worker('signal SIGKILL, after it had answered'),
  ],
  ['failed', {answer: failed}, {is: 'failed', failure: failed.failure}],
  ['failed, whatever the exit', {answer: failed, exit: 'exit 9'}, {is: 'failed', failure: failed.failure}],
  ['nothing at all', {}, worker('exit 0')],
  ['at rest unasked', {answer: rested}, worker('exit 0, after it had answered')],
  ['at rest as asked', {cause: asked, answer: rested}, {is: 'stopped'}],
  ['asked, and ended by force', {cause: asked, exit: 'signal SIGKILL'}, {is: 'stopped'}],
  ['asked, and done all the same', {cause: asked, answer: done}, {is: 'claims', answer: done}],
  ['asked, done, killed', {cause: asked, answer: done, exit: 'signal SIGKILL'}, {is: 'stopped'}],
  ['asked, and failed on the way', {cause: asked, answer: failed}, {is: 'stopped'}],
  [
    'broke a rule',
    {cause: broke, answer: done},
    {is: 'lost', failure: {reason: 'wire-broken', detail: 'lied'}},
  ],
  ['too much processor time', {exit: 'signal SIGXCPU'}, limit('processor', 60)],
  ['too large a file', {exit: 'signal SIGXFSZ'}, limit('file', 2000)],
  ['memory, as the kernel says', {exit: 'signal SIGKILL', outOfMemory: true}, limit('memory', 1000)],
  [
    'memory, as V8 says',
    {exit: 'signal SIGABRT', stderr: 'FATAL: JavaScript heap out of memory'},
    limit('memory', 1000),
  ],
  [
    'memory, as Node says',
    {exit: 'exit 1', stderr: "code: 'ERR_MEMORY_ALLOCATION_FAILED'"},
    limit('memory', 1000),
  ],
  ['memory, as C++ says', {exit: 'signal SIGABRT', stderr: 'what(): std::bad_alloc'}, limit('memory', 1000)],
  ['words about memory, and a clean exit', {stderr: 'out of memory'}, worker('exit 0', 'out of memory')],
];

t.test('every end has one meaning', async t => {
  for (const [what, parts, verdict] of table) t.strictSame(judge({...end, ...parts}, limits), verdict, what);
});

t.test('a limit that was not set is not named', async t => {
  const none = {memoryBytes: null, cpuSeconds: null, fileBytes: null};
  for (const exit of ['signal SIGXCPU', 'signal SIGXFSZ']) {
    t.strictSame(judge({...end, exit}, none), worker(exit));
  }
  t.match(judge({...end, exit: 'signal SIGKILL', outOfMemory: true}, none), {
    failure: {reason: 'worker-lost'},
  });
});

t.test('of what it said the end is told, within what a failure may hold', async t => {
  const verdict = judge({...end, exit: 'exit 1', stderr: `${'x'.repeat(9000)}last`}, limits);
  if (verdict.is !== 'lost' || verdict.failure.reason !== 'worker-lost') throw new Error(verdict.is);
  t.equal(verdict.failure.stderr.length, 3000);
  t.ok(verdict.failure.stderr.endsWith('last'));
});
