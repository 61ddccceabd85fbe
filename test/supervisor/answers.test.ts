/** What was answered is answered again: to the same request of the same person, for a day, so many of them. */
import t, {type Test} from 'tap';
import {digestOf} from '../../appliance/digest.ts';
import {HomeAnswers} from '../../supervisor/answers.ts';
import type {OnceAsk} from '../../web/answers.ts';
import {anna, ben, Home} from './home.ts';

const hour = 3_600_000;

const ask = (key: string, request = 'a', user = anna): OnceAsk => ({user, key, request: digestOf(request)});

async function answersFor(t: Test) {
  const home = await Home.at(t, {mode: 'paused'});
  let at = 1_000_000;
  return {
    ...{home, answers: new HomeAnswers(home.store, () => at)},
    pass: (ms: number) => {
      at += ms;
    },
    again: () => new HomeAnswers(home.store, () => at),
  };
}

async function done(answers: HomeAnswers, asked: OnceAsk, answer: string | null): Promise<void> {
  const turn = answers.begin(asked);
  if (turn.is !== 'first') throw new Error(turn.is);
  await turn.end(answer);
}

t.test('the first is done, the second hears what the first did, also from the next daemon', async t => {
  const {answers, again, pass} = await answersFor(t);
  const first = answers.begin(ask('k'));
  t.match(first, {is: 'first'});
  t.strictSame(answers.begin(ask('k')), {is: 'in-use'});
  t.match(answers.begin(ask('k', 'a', ben)), {is: 'first'}, 'of somebody else');
  if (first.is === 'first') await first.end('"yes"');
  pass(23 * hour);
  for (const each of [answers, again()]) {
    t.strictSame(each.begin(ask('k')), {is: 'again', answer: '"yes"'});
    t.strictSame(each.begin(ask('k', 'b')), {is: 'reused'});
  }
  pass(hour);
  t.match(answers.begin(ask('k', 'b')), {is: 'first'}, 'a day later');
});

t.test('what came to nothing may be asked again', async t => {
  const {answers} = await answersFor(t);
  await done(answers, ask('k'), null);
  t.match(answers.begin(ask('k', 'b')), {is: 'first'});
});

t.test('two hundred of each are kept, the newest, and none that is over', async t => {
  const {answers, home, pass} = await answersFor(t);
  await done(answers, ask('other', 'a', ben), '1');
  for (let i = 0; i < 203; i += 1) {
    pass(1);
    await done(answers, ask(`k${i}`), '1');
  }
  t.equal(home.store.all('answers').size, 201);
  t.match(answers.begin(ask('k2')), {is: 'first'});
  t.match(answers.begin(ask('k3')), {is: 'again'});
  pass(25 * hour);
  await done(answers, ask('new'), '1');
  t.equal(home.store.all('answers').size, 1);
});
