/**
 * Owns a page that lives: goes from one to the next without leaving, hears what happens on the box, and asks who it is once more
 * where that is wanted. Never draws a page itself, never reaches the box itself.
 */
import {useCallback, useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {Me} from '../../appliance/api/account-shapes.ts';
import type {BoxEvent} from '../../appliance/api/events.ts';
import {type Around, AroundContext, type Said} from './around.tsx';
import type {Call} from './call.ts';
import {type Language, languageFor} from './language.ts';
import {mayLeave} from './leaving.ts';
import type {AnyPage, Opened} from './page.ts';
import {type Found, type PageName, pageAt} from './pages.ts';
import {Shell} from './shell.tsx';

/** Who looks, and in which language. */
export interface Who {
  readonly me: Me | null;
  readonly language: Language;
}

/** What the box wrote into the page, and all that the browser begins with. */
export interface Start extends Who {
  readonly model: unknown;
  readonly now: number;
}

/** The world around the app: of a browser, or of nobody while it is drawn on the box. */
export interface Outside {
  readonly call: Call;
  readonly fetchPage: (name: PageName) => Promise<AnyPage>;
  /** Leaves for another document. */
  readonly leave: (href: string) => void;
  readonly follow: (hear: (event: BoxEvent) => void) => () => void;
  /** Tells who looks now, and in which language. */
  readonly tell: (who: Who) => void;
}

export interface AppParts {
  readonly start: Start;
  readonly path: string;
  readonly opened: Opened;
  readonly outside: Outside;
}

interface Shown {
  readonly path: string;
  readonly opened: Opened;
  /** Counts looks at pages, so that each begins anew. */
  readonly look: number;
}

/** That something went well need not stand there for long; what went wrong does. */
const doneMs = 8_000;

export function App({start, path, opened: first, outside}: AppParts) {
  const [{me, language}, setWho] = useState<Who>(start);
  const [shown, show] = useState<Shown>({path, opened: first, look: 0});
  const [said, say] = useState<Said | null>(null);
  const [busy, setBusy] = useState(false);
  const [now, setNow] = useState(start.now);
  const wanted = useRef(0);

  const open = useCallback(
    async (href: string, how: 'push' | 'back' | 'stay') => {
      if (how !== 'stay' && !mayLeave()) {
        // The browser has gone back already.
        if (how === 'back') history.pushState(null, '', shown.path);
        return;
      }
      const url = new URL(href, location.href);
      const found = pageAt(url.pathname);
      if (found === undefined || leadsOut(found, me)) return outside.leave(href);
      // News do not get in the way of somebody who is going elsewhere.
      const look = how === 'stay' ? wanted.current : ++wanted.current;
      setBusy(true);
      // The box has newer pages than this one knows of: that one's own document has the new.
      const page = await outside.fetchPage(found.name).catch(() => null);
      if (page === null) return outside.leave(href);
      const answer = await page.open(outside.call, {params: found.params, query: url.searchParams, me});
      // Somebody went on meanwhile.
      if (look !== wanted.current) return;
      setBusy(false);
      if (!answer.ok) return say({is: 'trouble', why: answer.why});
      if (how === 'push') {
        history.pushState(null, '', url);
        say(null);
      }
      show({path: url.pathname, opened: answer.value, look: how === 'stay' ? shown.look : look});
      if (how === 'push') arrive();
    },
    [me, outside, shown.look, shown.path],
  );
  const go = useCallback((href: string) => void open(href, 'push'), [open]);
  const again = useCallback(() => void open(location.href, 'stay'), [open]);

  useLinks(go);
  useEffect(() => {
    const back = (): void => void open(location.href, 'back');
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, [open]);
  useNews({outside, shown, show, again, isOn: me !== null});
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    setNow(Date.now());
    return () => clearInterval(timer);
  }, []);

  const became = useCallback(
    (next: Me) => {
      const who = {me: next, language: next.preferences.language ?? languageFor(navigator.languages.join())};
      document.documentElement.lang = who.language;
      outside.tell(who);
      setWho(who);
    },
    [outside],
  );
  useEffect(() => {
    document.title = `${shown.opened.title(language)} · Dubstead`;
  }, [shown, language]);

  useEffect(() => {
    if (said?.is !== 'done') return;
    const timer = setTimeout(() => say(null), doneMs);
    return () => clearTimeout(timer);
  }, [said]);

  const around = useMemo<Around>(
    () => ({me, language, call: outside.call, go, again, say, became, now}),
    [me, language, outside, go, again, became, now],
  );
  const change = (next: Opened): void => show(before => ({...before, opened: next}));
  return (
    <AroundContext.Provider value={around}>
      <Shell path={shown.path} said={said} busy={busy}>
        <div class="page" key={shown.look}>
          {shown.opened.draw(change)}
        </div>
      </Shell>
    </AroundContext.Provider>
  );
}

/** To log in, and to use up a code, is begun with a clean page. */
function leadsOut({name}: Found, me: Me | null): boolean {
  return me === null || name === 'login' || name === 'setup' || name === 'join';
}

/** As after a link that was followed: at the top, and read out from the heading on. */
function arrive(): void {
  scrollTo(0, 0);
  const heading = document.querySelector<HTMLElement>('main h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus();
}

/** Plain links between pages do not leave; those that a person wants elsewhere do as ever. */
function useLinks(go: (href: string) => void): void {
  useEffect(() => {
    const follow = (event: MouseEvent): void => {
      if (
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        event.altKey
      )
        return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link === null || link.target !== '' || link.hasAttribute('download')) return;
      if (link.origin !== location.origin || link.hash !== '' || pageAt(link.pathname) === undefined) return;
      event.preventDefault();
      go(link.href);
    };
    document.addEventListener('click', follow);
    return () => document.removeEventListener('click', follow);
  }, [go]);
}

interface News {
  readonly outside: Outside;
  readonly shown: Shown;
  readonly show: (change: (before: Shown) => Shown) => void;
  readonly again: () => void;
  readonly isOn: boolean;
}

/** Only pages that make something of events listen for them. */
function useNews({outside, shown, show, again, isOn}: News): void {
  const latest = useRef(shown);
  latest.current = shown;
  const ask = useRef(again);
  ask.current = again;
  const listens = isOn && shown.opened.heard !== null;
  useEffect(() => {
    if (!listens) return;
    return outside.follow(event => {
      const next = latest.current.opened.heard?.(event);
      if (next === 'stale') ask.current();
      else if (next !== undefined) show(before => ({...before, opened: next}));
    });
  }, [listens, outside, show]);
}
