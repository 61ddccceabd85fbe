/** Owns what stands around every page: the way to the others, what was said, and the page itself. Never asks for a page. */
import type {ComponentChildren} from 'preact';
import {type Said, useAround, useWords} from './around.tsx';
import {Icon, type IconName} from './parts/icon.tsx';
import {Tray} from './parts/tray.tsx';
import {words} from './shell.words.ts';

export interface ShellParts {
  /** Which page it is; null for one without a place in the menu. */
  readonly path: string;
  readonly said: Said | null;
  /** Something is under way that a person waits for. */
  readonly busy: boolean;
  readonly children: ComponentChildren;
}

export function Shell({path, said, busy, children}: ShellParts) {
  const {me, say} = useAround();
  const text = useWords(words);
  return (
    <>
      <a class="skip" href="#main">
        {text.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Dubstead
        </a>
        {me !== null && <Menu path={path} role={me.role} />}
      </header>
      <main id="main" tabIndex={-1} aria-busy={busy}>
        {said !== null && <SaidLine said={said} close={() => say(null)} />}
        {children}
      </main>
      {me !== null && path !== '/add' && <Tray />}
    </>
  );
}

function Menu({path, role}: {readonly path: string; readonly role: string}) {
  const text = useWords(words);
  const items: readonly (readonly [href: string, icon: IconName, name: string])[] = [
    ['/', 'home', text.home],
    ['/library', 'library', text.library],
    ...(role === 'viewer' ? [] : ([['/add', 'add', text.add]] as const)),
    ['/settings', 'settings', text.settings],
    ...(role === 'admin' ? ([['/admin', 'admin', text.admin]] as const) : []),
  ];
  return (
    <nav class="menu" aria-label={text.nav}>
      {items.map(([href, icon, name]) => (
        <a key={href} href={href} class={icon} aria-current={href === path ? 'page' : undefined}>
          <Icon name={icon} />
          <span>{name}</span>
        </a>
      ))}
    </nav>
  );
}

function SaidLine({said, close}: {readonly said: Said; readonly close: () => void}) {
  const text = useWords(words);
  const isTrouble = said.is === 'trouble';
  return (
    <div class={`said ${said.is}`} role={isTrouble ? 'alert' : 'status'}>
      <p>{isTrouble ? `${said.why.what} ${said.why.fix}` : said.text}</p>
      <button type="button" class="quiet icon" onClick={close} aria-label={text.close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
