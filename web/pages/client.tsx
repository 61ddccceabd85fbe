/** Owns the beginning in a browser: takes over the page that the box has drawn. Never decides what somebody may. */
import {hydrate} from 'preact';
import {App, type Outside, type Start, type Who} from './app.tsx';
import {httpCall} from './http.ts';
import {follow} from './news.ts';
import type {AnyPage} from './page.ts';
import {type PageName, pageAt, viewOf} from './pages.ts';
import {proveIt} from './prove.ts';
import {words} from './shell.words.ts';
import {uploads} from './uploads.ts';

/** What the core of a page makes of itself: views take its parts from there, and leave there what they are. */
declare const dubstead: {readonly views: Partial<Record<string, AnyPage>>};
/** Where each view is that does not stand in this page: written in when the pages are bundled. */
declare const VIEWS: Readonly<Record<string, string>>;

const fetchPage = async (name: PageName): Promise<AnyPage> => {
  const view = viewOf(name);
  if (dubstead.views[view] === undefined) await import(VIEWS[view] ?? '');
  const page = dubstead.views[view];
  if (page === undefined) throw new Error(`${view} is not what it was`);
  return page;
};

function stateOf(): Start {
  return JSON.parse(document.getElementById('state')?.textContent ?? '');
}

/** Called when what this page shows is there as well. */
export async function begin(): Promise<void> {
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
