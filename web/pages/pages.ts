/** Owns which pages there are and where. Data only: who draws one loads it. */

export const pageNames = [
  ...([
    'home',
    'login',
    'setup',
    'join',
    'welcome',
    'add',
    'library',
    'watch',
    'edit',
    'quality',
    'settings',
    'admin',
  ] as const),
  'approve',
] as const;
export type PageName = (typeof pageNames)[number];

/** In the form of the rows. */
export const pagePaths: Readonly<Record<PageName, string>> = {
  home: '/',
  login: '/login',
  setup: '/setup',
  join: '/join',
  welcome: '/welcome',
  add: '/add',
  library: '/library',
  watch: '/watch/:id',
  edit: '/edit/:id',
  quality: '/quality/:id',
  settings: '/settings',
  admin: '/admin',
  approve: '/approve',
};

/** What draws a page: two ways to use up a code look the same. */
export const viewOf = (name: PageName): string => (name === 'setup' || name === 'join' ? 'redeem' : name);

export interface Found {
  readonly name: PageName;
  readonly params: Readonly<Record<string, string>>;
}

/** Which page an address leads to; undefined for none of ours. */
export function pageAt(pathname: string): Found | undefined {
  for (const name of pageNames) {
    const params = paramsOf(pagePaths[name], pathname);
    if (params !== undefined) return {name, params};
  }
  return undefined;
}

function paramsOf(pattern: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const found = given[i] ?? '';
    if (part.startsWith(':') && found !== '') params[part.slice(1)] = found;
    else if (part !== found) return undefined;
  }
  return params;
}
