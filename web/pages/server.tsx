/** Owns drawing a page on the box: what the page asks for, as the caller may have it, and the whole HTML of the answer. */
import {renderToString} from 'preact-render-to-string';
import {App, type Outside} from './app.tsx';
import {Document, embedded} from './document.tsx';
import type {Draw} from './drawing.ts';
import type {AnyPage} from './page.ts';
import type {PageName} from './pages.ts';
import {haveReasons} from './parts/reason.tsx';
import * as reasons from './parts/reason.words.ts';
import {page as add} from './views/add.tsx';
import {page as admin} from './views/admin.tsx';
import {page as approve} from './views/approve.tsx';
import {page as edit} from './views/edit.tsx';
import {page as home} from './views/home.tsx';
import {page as library} from './views/library.tsx';
import {page as login} from './views/login.tsx';
import {page as quality} from './views/quality.tsx';
import {page as redeem} from './views/redeem.tsx';
import {page as settings} from './views/settings.tsx';
import {page as watch} from './views/watch.tsx';
import {page as welcome} from './views/welcome.tsx';

const pages: Readonly<Record<PageName, AnyPage>> = {
  ...{
    home,
    login,
    setup: redeem,
    join: redeem,
    add,
    library,
    watch,
    edit,
    quality,
    settings,
    admin,
    approve,
    welcome,
  },
};

haveReasons(reasons);

const nowhere = (): never => {
  throw new Error('a page that is drawn on the box goes nowhere');
};

export const draw: Draw = async ({name, path, params, query, me, language, call, assets, now}) => {
  const answer = await pages[name].open(call, {params, query: new URLSearchParams(query), me});
  if (!answer.ok) return answer;
  const opened = answer.value;
  const start = {me, language, model: opened.model, now};
  const outside: Outside = {call, fetchPage: nowhere, leave: nowhere, follow: nowhere, tell: nowhere};
  const html = renderToString(
    <Document
      language={language}
      title={`${opened.title(language)} · Dubstead`}
      assets={assets}
      state={embedded(start)}
    >
      <App start={start} path={path} opened={opened} outside={outside} />
    </Document>,
  );
  return {ok: true, html: `<!doctype html>${html}`};
};
