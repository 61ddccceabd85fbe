/** Why a dub failed and why one waits, in every language of the pages: all reasons, nothing lost, nothing that the API did not tell. */
import t from 'tap';
import {describe, Failure, told} from '../../../appliance/failure.ts';
import {told as toldWait, Wait} from '../../../appliance/wait.ts';
import {describeWait} from '../../../supervisor/queue/waits.ts';
import {languages} from '../../../web/pages/language.ts';
import {failureText, waitText} from '../../../web/pages/parts/reason.words.ts';
import {failures, waits} from '../../failures.ts';

/** Words and numbers of a reason that are not its name. */
function factsOf(value: unknown): readonly (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name === 'reason' || name === 'is' || name === 'limit' ? [] : factsOf(each),
  );
}

t.test('the samples leave no reason out', async t => {
  t.strictSame(
    [...new Set(failures.map(({reason}) => reason))].toSorted(),
    Failure.options.map(({shape}) => shape.reason.value).toSorted(),
  );
  t.strictSame(
    [...new Set(waits.map(({is}) => is))].toSorted(),
    Wait.options.map(({shape}) => shape.is.value).toSorted(),
  );
});

t.test('every failure is said in every language, with what it is about', async t => {
  for (const failure of failures.map(told)) {
    const said = languages.map(language => failureText(failure, language));
    t.equal(new Set(said.map(each => each?.join(' '))).size, languages.length, failure.reason);
    for (const each of said) {
      const [what = '', fix = ''] = each ?? [];
      t.match(`${what}\n${fix}`, /^.{3,}\n.{3,}$/su, failure.reason);
      t.notMatch(`${what} ${fix}`, /undefined|NaN|null|\[object|--/);
      if ('path' in failure) t.ok(what.includes(failure.path), what);
      if ('detail' in failure) t.ok(what.includes(failure.detail), what);
    }
  }
  t.match(failureText({reason: 'same-language', language: 'Spanish'}, 'ja'), [/スペイン語/]);
  t.match(failureText({reason: 'unsupported-pair', from: 'Korean', to: 'Thai', pairs: []}, 'es'), [
    /coreano a Thai/,
  ]);
});

t.test('every reason to wait is said in every language', async t => {
  for (const wait of waits.map(toldWait)) {
    const said = languages.map(language => waitText(wait, language, 0));
    t.equal(new Set(said).size, languages.length, wait.is);
    for (const each of said) t.notMatch(each, /undefined|NaN|null|\[object/, wait.is);
    if (wait.is === 'folder-away') for (const each of said) t.ok(each?.includes(wait.path));
  }
  t.match(waitText({is: 'resting', until: 61_000, lost: 1}, 'en', 0), /in 2 minutes/);
});

t.test('of a reason from a newer box the page knows nothing, and says what the box says', async t => {
  t.equal(failureText(JSON.parse('{"reason": "tired"}'), 'es'), undefined);
  t.equal(waitText(JSON.parse('{"is": "tired"}'), 'es', 0), undefined);
});

t.test('what goes to a page as data says the same, and nothing that its sentence did not tell', async t => {
  for (const failure of failures) {
    const data = told(failure);
    const {what, fix} = describe(failure);
    t.strictSame(describe(data), describe(failure), failure.reason);
    for (const fact of factsOf(data))
      if (typeof fact === 'string') t.ok(`${what} ${fix}`.includes(fact), `${fact} in ${what}`);
    if ('noInodes' in data) t.match(data, {freeBytes: 0, neededBytes: 0});
  }
  for (const wait of waits) {
    t.equal(describeWait(toldWait(wait), 0), describeWait(wait, 0), wait.is);
    t.notMatch(factsOf(toldWait(wait)), [73], 'how many run, where it is not said');
    t.notMatch(JSON.stringify(toldWait(wait)), /\b(?:73|64|8000000000)\b/, 'what the machine has in all');
  }
});
