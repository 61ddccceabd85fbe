/** Owns the beginning in a browser: takes over the page that the box has drawn. Never decides what somebody may. */
import {hydrate} from 'preact';
import {App, type Outside, type Start, type Who} from './app.tsx';
import {httpCall} from './http.ts';
import {follow} from './news.ts';
import type {AnyPage} from './page.ts';
import {type PageName, pageAt} from './pages.ts';
import {proveIt} from './prove.ts';
import {words} from './shell.words.ts';
import {uploads} from './uploads.ts';

/** Each page is a file of its own, fetched when somebody goes there. */
const loaders: Readonly<Record<PageName, () => Promise<{readonly page: AnyPage}>>> = {
  home: () => import('./views/home.tsx'),
  login: () => import('./views/login.tsx'),
  setup: () => import('./views/redeem.tsx'),
  join: () => import('./views/redeem.tsx'),
  welcome: () => import('./views/welcome.tsx'),
  add: () => import('./views/add.tsx'),
  library: () => import('./views/library.tsx'),
  watch: () => import('./views/watch.tsx'),
  edit: () => import('./views/edit.tsx'),
  quality: () => import('./views/quality.tsx'),
  settings: () => import('./views/settings.tsx'),
  admin: () => import('./views/admin.tsx'),
  approve: () => import('./views/approve.tsx'),
};

const fetchPage = async (name: PageName): Promise<AnyPage> => (await loaders[name]()).page;

function stateOf(): Start {
  return JSON.parse(document.getElementById('state')?.textContent ?? '');
}

async function begin(): Promise<void> {
  const found = pageAt(location.pathname);
  const root = document.getElementById('app');
  if (found === undefined || root === null) return;
  const start = stateOf();
  let who: Who = start;
  const call = httpCall({
    unreached: () => ({what: words[who.language].unreached, fix: words[who.language].unreachedFix}),
    loggedOut: () => location.assign(`/login?next=${encodeURIComponent(location.pathname)}`),
    proveIt: () =>
      proveIt(who.language, who.me?.totp === true, async given => {
        const answer = await call('auth.step_up', {body: given});
        return answer.ok ? null : answer.why;
      }),
  });
  const outside: Outside = {
    ...{call, fetchPage, follow, leave: href => location.assign(href)},
    tell: now => {
      who = now;
    },
  };
  const page = await fetchPage(found.name);
  const opened = page.revive(start.model);
  hydrate(<App start={start} path={location.pathname} opened={opened} outside={outside} />, root);
  document.documentElement.dataset['ready'] = '';
  if (start.me !== null) uploads.wake(call, start.me);
  if ('serviceWorker' in navigator) await navigator.serviceWorker.register('/sw.js').catch(() => undefined);
}

await begin();
