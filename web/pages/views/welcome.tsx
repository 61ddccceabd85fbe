/** Owns what is worth doing before the first film: whoever has just got in sees it once, and finds all of it in the settings later. */
import {useAround, useWords} from '../around.tsx';
import type {Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {Icon} from '../parts/icon.tsx';
import {Dubbing, PageLanguage} from './settings/dubbing.tsx';
import {Pushes} from './settings/pushes.tsx';
import {words} from './welcome.words.ts';

interface Model {
  /** Where films are dropped on the machine itself; null for whoever is not told. */
  readonly inbox: string | null;
}

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load,
  View: Welcome,
});

async function load(call: Call) {
  const answer = await call('inbox.get', {});
  return {ok: true as const, value: {inbox: answer.ok ? answer.value.folder : null}};
}

function Welcome({model: {inbox}}: {readonly model: Model}) {
  const {me} = useAround();
  const text = useWords(words);
  if (me === null) throw new Error('a welcome is for somebody');
  const mayAdd = me.role !== 'viewer';
  return (
    <div class="settings">
      <h1>{text.hello(me.name)}</h1>
      <p>{text.about}</p>
      <PageLanguage me={me} />
      {mayAdd && <Dubbing me={me} isOpen />}
      <Pushes me={me} isOpen />
      {inbox !== null && (
        <section>
          <h2>{text.folder}</h2>
          <p>{text.folderAbout}</p>
          <p>
            <code>
              {inbox}/{me.name}/
            </code>
          </p>
          <p class="quiet">{text.folderHint(`${me.name}/es`)}</p>
        </section>
      )}
      <p class="row">
        {mayAdd && (
          <a class="button main" href="/add">
            <Icon name="add" />
            {text.add}
          </a>
        )}
        <a class="button" href="/">
          {text.home}
        </a>
      </p>
    </div>
  );
}
