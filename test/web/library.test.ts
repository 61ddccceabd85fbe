/** The search in what is said, as it is asked for and answered over HTTP. */
import t from 'tap';
import {jobOf} from './memory-box.ts';
import {ask, serve} from './served.ts';

t.test('said= answers lines with their seconds; without it there are none', async t => {
  const {path, box} = await serve(t, {jobs: [jobOf(1)]});
  const words = encodeURIComponent('東京 café');
  const found = await ask(path, `/api/library/jobs?said=${words}&limit=3`);
  t.match(JSON.parse(found.text), {
    jobs: [{id: jobOf(1).id, said: [{at: 61.5, text: '東京 café', translation: ''}]}],
    ...{partial: false, next: null},
  });
  t.match(box.asked, [{words: '東京 café', limit: 3, view: 'done'}, {limit: 3}]);
  t.match(JSON.parse((await ask(path, '/api/library/jobs')).text), {jobs: [{said: []}], partial: false});
  t.equal((await ask(path, '/api/library/jobs?said=')).status, 400);
  t.equal((await ask(path, `/api/library/jobs?said=${'x'.repeat(101)}`)).status, 400);
});

t.test('where it is off the answer names the setting', async t => {
  const {path, box} = await serve(t);
  box.library.said = async () => ({ok: false, why: {reason: 'said-off'}});
  const answer = await ask(path, '/api/library/jobs?said=x');
  t.equal(answer.status, 403);
  t.match(JSON.parse(answer.text), {error: {code: 'said-off', what: /SEARCH_TRANSCRIPTS=0/}});
});
