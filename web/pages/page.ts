/**
 * Owns what the plain pages do in a browser: log in, use up a code, list finished films, play one. Never decides what
 * somebody may: it asks, and shows what it is told.
 */
import type {LoggedIn, Me} from '../../appliance/api/account-shapes.ts';
import type {FileShown, JobDetail, JobLine, JobsPage, Problem} from '../../appliance/api/shapes.ts';

type Answer<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly why: Problem};
type View = 'login' | 'redeem' | 'list' | 'player';

function get<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const typed = (id: string): string => get(id, HTMLInputElement).value;

/** The one cookie that a page can read; sent back, it shows that the page meant what it asks. */
function csrf(): string {
  return /(?:^|; )(?:__Host-)?csrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

async function ask<T>(path: string, method: 'GET' | 'POST' = 'GET', body?: object): Promise<Answer<T>> {
  const headers = {'X-CSRF-Token': csrf(), ...(body && {'Content-Type': 'application/json'})};
  try {
    const response = await fetch(path, {method, headers, ...(body && {body: JSON.stringify(body)})});
    const json = await response.json();
    return response.ok ? {ok: true, value: json} : {ok: false, why: json.error};
  } catch {
    const fix = 'Check the network, then try again.';
    return {ok: false, why: {code: 'unreached', what: 'The box cannot be reached.', fix}};
  }
}

function say(text: string): void {
  get('said', HTMLElement).textContent = text;
}

/** A login that ended is told by showing the way in. */
function tell({code, what, fix}: Problem): void {
  if (code === 'unknown-caller') showLogin();
  say(`${what} ${fix}`);
}

function show(view: View): void {
  say('');
  const template = get(view, HTMLTemplateElement);
  get('main', HTMLElement).replaceChildren(template.content.cloneNode(true));
  const heading = document.querySelector('h1');
  document.title = `${heading?.textContent || 'Dubstead'} · Dubstead`;
  heading?.focus();
}

function onSubmit(send: () => Promise<void>): void {
  const form = get('form', HTMLFormElement);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const button = form.querySelector('button');
    button?.toggleAttribute('disabled', true);
    say('');
    void send().finally(() => button?.toggleAttribute('disabled', false));
  });
}

function showLogin(): void {
  get('visit', HTMLElement).hidden = true;
  show('login');
  onSubmit(async () => {
    const code = typed('code').trim();
    const given = {name: typed('name'), password: typed('password'), ...(code !== '' && {code})};
    const answer = await ask<LoggedIn>('/api/auth/login', 'POST', given);
    if (answer.ok) return enter(answer.value.me);
    if (answer.why.code !== 'code-needed') return tell(answer.why);
    get('second', HTMLElement).hidden = false;
    get('code', HTMLInputElement).focus();
    say('Type the code that your authenticator shows now, or a recovery code.');
  });
}

/** `/setup#CODE` of the first admin, `/join#TICKET.CODE` of everybody after. */
function showRedeem(isSetup: boolean): void {
  show('redeem');
  const title = isSetup ? 'Set up this box' : 'Choose a password';
  get('title', HTMLElement).textContent = title;
  document.title = `${title} · Dubstead`;
  get('hint', HTMLElement).textContent = isSetup
    ? 'Yours, to log in with.'
    : 'Leave it empty where you were given one.';
  const code = get('code', HTMLInputElement);
  code.value = decodeURIComponent(location.hash.slice(1));
  // What lets somebody in has no place in the history.
  history.replaceState(null, '', location.pathname);
  onSubmit(async () => {
    const [first = '', ...rest] = code.value.trim().split('.');
    const part = isSetup ? {ticket: null, code: code.value.trim()} : {ticket: first, code: rest.join('.')};
    const name = typed('name');
    const given = {...part, password: typed('password'), ...(name !== '' && {name})};
    const answer = await ask<LoggedIn>('/api/auth/redeem', 'POST', given);
    if (answer.ok) location.replace('/');
    else tell(answer.why);
  });
}

async function enter({name, role}: Me): Promise<void> {
  get('who', HTMLElement).textContent = `${name}, ${role}`;
  get('visit', HTMLElement).hidden = false;
  await route();
}

async function route(): Promise<void> {
  const id = /^#\/([0-9a-z]{10})$/.exec(location.hash)?.[1];
  return id === undefined ? showList() : showPlayer(id);
}

async function showList(): Promise<void> {
  show('list');
  get('more', HTMLButtonElement).addEventListener('click', event => {
    const {currentTarget} = event;
    if (currentTarget instanceof HTMLButtonElement) void addPage(currentTarget.value);
  });
  await addPage('');
}

async function addPage(after: string): Promise<void> {
  const answer = await ask<JobsPage>(`/api/jobs?state=done${after === '' ? '' : `&after=${after}`}`);
  if (!answer.ok) return tell(answer.why);
  // Somebody may have gone elsewhere meanwhile.
  const films = document.getElementById('films');
  if (films === null) return;
  const {jobs, next} = answer.value;
  films.append(...jobs.map(lineOf));
  get('none', HTMLElement).hidden = films.childElementCount > 0;
  const more = get('more', HTMLButtonElement);
  more.hidden = next === null;
  more.value = next ?? '';
}

function lineOf({id, card, from, to, submitted}: JobLine): HTMLLIElement {
  const day = new Date(submitted).toLocaleDateString();
  return line(`#/${id}`, card.name, `${from ?? '?'} → ${to} · ${day}`);
}

function line(href: string, name: string, detail: string): HTMLLIElement {
  const [item, link] = [document.createElement('li'), document.createElement('a')];
  const quiet = document.createElement('span');
  link.href = href;
  quiet.className = 'quiet';
  quiet.textContent = detail;
  link.append(name, quiet);
  item.append(link);
  return item;
}

async function showPlayer(id: string): Promise<void> {
  const [job, files] = await Promise.all([
    ask<JobDetail>(`/api/jobs/${id}`),
    ask<{readonly files: readonly FileShown[]}>(`/api/jobs/${id}/files`),
  ]);
  if (!job.ok) return tell(job.why);
  if (!files.ok) return tell(files.why);
  show('player');
  get('title', HTMLElement).textContent = job.value.card.name;
  document.title = `${job.value.card.name} · Dubstead`;
  const video = get('video', HTMLVideoElement);
  video.addEventListener('error', () =>
    say('This browser cannot play the film. Download it, or use another.'),
  );
  for (const file of files.value.files) if (file.type.startsWith('text/vtt')) video.append(trackOf(file));
  video.src = `/video/${id}`;
  const whole = files.value.files.filter(({type}) => !type.includes('mpegurl'));
  get('files', HTMLElement).append(
    ...whole.map(({url, name, kind, bytes}) => line(`${url}?download=1`, name, `${kind} · ${sizeOf(bytes)}`)),
  );
}

/** Its language stands before the ending: `film.es.vtt`. */
function trackOf({url, name}: FileShown): HTMLTrackElement {
  const track = document.createElement('track');
  const language = /\.([a-z]{2})\.vtt$/.exec(name)?.[1] ?? 'en';
  const label = new Intl.DisplayNames([language], {type: 'language'}).of(language) ?? language;
  return Object.assign(track, {kind: 'subtitles', src: url, srclang: language, label});
}

function sizeOf(bytes: number): string {
  const mega = bytes / 1e6;
  return mega < 1 ? `${Math.ceil(bytes / 1000)} kB` : `${mega.toFixed(mega < 10 ? 1 : 0)} MB`;
}

async function logOut(): Promise<void> {
  const answer = await ask('/api/auth/logout', 'POST');
  if (!answer.ok) return tell(answer.why);
  history.replaceState(null, '', '/');
  showLogin();
}

async function start(): Promise<void> {
  const {pathname} = location;
  if (pathname !== '/') return showRedeem(pathname === '/setup');
  get('logout', HTMLButtonElement).addEventListener('click', () => void logOut());
  addEventListener('hashchange', () => void (get('visit', HTMLElement).hidden || route()));
  if (csrf() === '') return showLogin();
  const me = await ask<Me>('/api/auth/me');
  return me.ok ? enter(me.value) : tell(me.why);
}

await start();
