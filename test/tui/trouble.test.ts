/** Every way a verb can come to nothing: its words, its code for programs, its exit code. */
import t from 'tap';
import type {ApiTrouble} from '../../appliance/api/trouble.ts';
import {describe, Failure} from '../../appliance/failure.ts';
import {exitOfAnswer, exitOfFailure} from '../../tui/exit-codes.ts';
import {readIdStart, readIdStarts} from '../../tui/ids.ts';
import {Patience} from '../../tui/patience.ts';
import {describeOutage, describeTrouble, Hindered, type Trouble} from '../../tui/trouble.ts';
import {lineOf} from './samples.ts';

const problem = (status: number, code: string): Trouble => ({
  is: 'unanswered',
  trouble: {reason: 'problem', status, problem: {code, what: 'No.', fix: 'Do this.'}},
});

const unanswered = (trouble: ApiTrouble): Trouble => ({is: 'unanswered', trouble});
const down: ApiTrouble = {reason: 'daemon-down', socket: '/run/control.sock'};

t.test('each has its code and its exit code', async t => {
  const table: readonly [trouble: Trouble, code: string, exit: number][] = [
    [{is: 'misconfigured', faults: [{is: 'same-language', language: 'es'}]}, 'misconfigured', 2],
    [unanswered(down), 'daemon-down', 6],
    [unanswered({reason: 'not-permitted', socket: '/s', group: null}), 'not-permitted', 6],
    [unanswered({reason: 'no-answer', detail: 'it hung up'}), 'no-answer', 5],
    [unanswered({reason: 'bad-answer', detail: 'x'}), 'bad-answer', 5],
    [problem(404, 'no-such-job'), 'no-such-job', 3],
    [problem(409, 'not-now'), 'not-now', 3],
    [problem(409, 'over-cap'), 'over-cap', 3],
    [problem(422, 'not-media'), 'not-media', 3],
    [problem(507, 'disk-full'), 'disk-full', 3],
    [problem(500, 'engine-missing'), 'engine-missing', 4],
    [problem(429, 'too-often'), 'too-often', 5],
    [problem(500, 'bug'), 'bug', 5],
    [problem(503, 'draining'), 'draining', 5],
    [problem(507, 'not-stored'), 'not-stored', 5],
    [{is: 'no-such-job', asked: 'abcd'}, 'no-such-job', 3],
    [{is: 'no-such', what: 'key', asked: 'abcd', list: 'dubstead key'}, 'no-such-key', 3],
    [{is: 'ambiguous', asked: 'abcd', candidates: [], more: false}, 'ambiguous', 3],
  ];
  for (const [trouble, code, exit] of table) {
    const described = describeTrouble(trouble);
    t.match(described, {code, exit}, code);
    t.match(described.what, /^[A-Z].*[.:]$/s, 'a sentence');
    t.match(described.fix, /\.$/, 'and a way out');
    t.equal(new Hindered(trouble).message, described.what);
  }
});

t.test('a failure of a job ends as the same failure of dubstead dub', async t => {
  const failures: readonly Failure[] = [
    {reason: 'no-speech', path: '/x'},
    {reason: 'unsupported-pair', from: 'en', to: 'ja', pairs: []},
    {reason: 'disk-full', path: '/x', neededBytes: 1, freeBytes: 1},
    {reason: 'engine-missing', kind: 'voice', engines: []},
    {reason: 'worker-lost', exit: 'exit 1', stderr: ''},
    {reason: 'limit', limit: 'memory', allowed: 1, node: null},
    {reason: 'stopped'},
    {reason: 'bug', detail: 'x'},
  ];
  for (const failure of failures)
    t.equal(exitOfFailure({code: failure.reason}), describe(failure).exit, failure.reason);
  for (const {shape} of Failure.options)
    t.not(exitOfFailure({code: shape.reason.value}), 0, 'none of them is a success');
  t.equal(exitOfFailure({code: 'constructor'}), 5, 'nor is what nobody knows');
  t.equal(exitOfAnswer(400, {code: 'bad-body'}), 3);
});

t.test('candidates are listed, as many as a screen takes', async t => {
  const candidates = Array.from({length: 12}, (_, number) => lineOf(`abcd00000${number.toString(16)}`));
  const {what} = describeTrouble({is: 'ambiguous', asked: 'abcd', candidates, more: false});
  t.equal(what.split('\n').length, 1 + 10 + 1);
  t.match(what, '\n  abcd000000  film.mkv\n');
  t.match(what, /\n {2}…$/);
  const two = {is: 'ambiguous', asked: 'abcd', candidates: candidates.slice(0, 2)} as const;
  t.notMatch(describeTrouble({...two, more: false}).what, '…');
  t.match(describeTrouble({...two, more: true}).what, /…$/, 'there are others on the next page');
});

t.test('patience is told of once, comes back with the connection, and has an end', async t => {
  const patience = new Patience();
  t.equal(patience.spend(down, 250), true);
  t.equal(patience.spend(down, 500), false);
  patience.restore();
  t.equal(patience.spend(down, 5000), true, 'another outage is another word');
  for (let waits = 0; waits < 23; waits += 1) t.equal(patience.spend(down, 5000), false);
  t.throws(() => patience.spend(down, 5000), new Hindered(unanswered(down)), 'two minutes are over');
  t.throws(() => new Patience().spend(down, null), Hindered, 'a no for good is not waited for');
  t.equal(
    describeOutage(down),
    'No daemon answers on /run/control.sock. It is tried again; jobs go on meanwhile.',
  );
});

t.test('the start of an id is read as it was meant', async t => {
  const table: readonly [said: string, start: string][] = [
    ['k3v9abcdef', 'k3v9abcdef'],
    ['K3V9', 'k3v9'],
    ['oOiIlL00', '00111100'],
  ];
  for (const [said, start] of table) t.strictSame(readIdStart(said), {ok: true, value: start});
  for (const said of ['', 'k3v', 'k3v9abcdefg', 'kuku', 'k3v9 ', 'k3/9', '日本語版', '-k3v9'])
    t.match(readIdStart(said), {ok: false, why: /^"/}, said);
  t.match(readIdStarts(['k3v9', 'x']), {ok: false, why: /"x" is too short/});
  t.strictSame(readIdStarts([]), {ok: true, value: []});
});
