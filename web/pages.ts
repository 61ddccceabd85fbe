/** Owns what the routes of the pages do: has pages drawn for who asks, and hands out what they load. Never draws one itself. */
import type {PageRows} from '../appliance/api/page-rows.ts';
import type {PageAnswer} from '../appliance/api/row.ts';
import type {Rows} from '../appliance/api/rows.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Box} from './box.ts';
import type {BuiltPages, Bundle} from './bundle.ts';
import type {AnyAsk, Handlers} from './handler.ts';
import {askInside, type InsideInput} from './inside.ts';
import {Packer} from './packed.ts';
import type {Call} from './pages/call.ts';
import {languageFor} from './pages/language.ts';
import {type PageName, pagePaths} from './pages/pages.ts';
import {problems, type Refused} from './problem.ts';

export interface PagesParts {
  readonly box: Box;
  readonly bundle: Bundle;
  /** All there are, once they are. */
  readonly handlers: () => Handlers<Rows>;
  readonly now: () => number;
}

type Answer = Promise<Result<PageAnswer, Refused>>;

export function aboutPages(parts: PagesParts): Handlers<PageRows> {
  const {bundle} = parts;
  const page = (name: PageName) => ({
    answer: async (ask: AnyAsk): Answer => drawn(await bundle.load(), parts, {name, ask}),
  });
  const file = (name: string) => ({answer: async (): Answer => ok(await bundle.file(name))});
  return {
    ...{'page.home': page('home'), 'page.login': page('login'), 'page.setup': page('setup')},
    ...{'page.join': page('join'), 'page.welcome': page('welcome')},
    ...{'page.add': page('add'), 'page.library': page('library')},
    ...{
      'page.watch': page('watch'),
      'page.edit': page('edit'),
      'page.quality': page('quality'),
      'page.settings': page('settings'),
      'page.admin': page('admin'),
    },
    'page.approve': page('approve'),
    'page.asset': {
      answer: async ({params}) => {
        const asset = await bundle.asset(params.asset);
        return asset === undefined ? no(problems.notFound()) : ok(asset);
      },
    },
    'page.worker': file('sw.js'),
    'page.manifest': file('manifest.webmanifest'),
    'page.icon': file('icon.svg'),
    'page.picture': {answer: async ({params}) => ok(await bundle.file(params.picture))},
  };
}

interface Drawing {
  readonly name: PageName;
  readonly ask: AnyAsk;
}

const packer = new Packer();

async function drawn({draw, assetsOf}: BuiltPages, parts: PagesParts, {name, ask}: Drawing): Answer {
  const asked = {box: parts.box, handlers: parts.handlers()};
  // What `draw` is typed to get is what the row of that name answers.
  const call = ((route, input) => askInside(asked, ask, route, input as InsideInput)) as Call;
  const me = ask.caller === null ? null : await call('auth.me', {});
  if (me !== null && !me.ok) return no({status: 500, ...me.why});
  const params: Record<string, string> = {};
  for (const [field, value] of Object.entries(ask.params)) params[field] = String(value);
  const language = me?.value.preferences.language ?? languageFor(ask.languages);
  const {digests: inline, ...assets} = assetsOf(name);
  const page = await draw({
    ...{name, params, language, call, me: me?.value ?? null, assets, now: parts.now()},
    path: pagePaths[name].replaceAll(/:([a-z]+)/g, (_, field: string) => params[field] ?? ''),
    query: new URLSearchParams(ask.query as Record<string, string>).toString(),
  });
  // A no of a handler is a whole one: it came through `askInside`.
  if (!page.ok) return no({status: 500, ...page.why});
  const {html} = page;
  return ok({body: html, gzip: packer.pack(html, [assets.style, assets.script]), inline});
}
