/** The example files and the manual are those that the table of settings makes, and they do what they say. */
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import t from 'tap';
import {readConfig} from '../../../appliance/config/config.ts';
import {settingNames, settingOf} from '../../../appliance/config/settings.ts';
import {generated} from '../../../scripts/config-docs.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

t.test('no generated file differs from what is generated', async t => {
  for (const [path, made] of Object.entries(generated)) {
    const now = await read(path);
    t.equal(now, made(now), `${path}: if this fails, run node scripts/config-docs.ts`);
  }
});

t.test('a table that was changed by hand is noticed, and put right', async t => {
  const made = generated['docs/configuration.md'];
  if (made === undefined) throw new Error('the manual is not generated');
  const page = await read('docs/configuration.md');
  for (const change of [
    page.replace('| `8700` |', '| `8701` |'),
    page.replace(/^\| `DUB_TO`.*\n/m, ''),
    page.replace(/^\| `HOST`.*\n/m, '$&| `HOTS` | | a row of nothing | |\n'),
    page.replace(/(?<=^## Queue\n\n)[^#]*/m, ''),
  ]) {
    t.not(change, page);
    t.equal(made(change), page);
  }
  t.throws(() => made(page.replace('## Push', '## Pull')), {message: /no section "Push"/});
  const words = page.replace('## Queue\n', '## Queue\n\nWords by hand.\n');
  t.match(made(words), '## Queue\n\nWords by hand.\n\n| name |');
  t.equal(made(made(words)), made(words));
});

t.test('the manual has a row for every setting, and the examples a line, each where it belongs', async t => {
  const page = await read('docs/configuration.md');
  const told = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  t.strictSame(told, settingNames);
  const linesOf = (text: string) => [...text.matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
  const isSecret = (name: (typeof settingNames)[number]): boolean => settingOf(name).isSecret;
  t.strictSame(
    linesOf(await read('.env.public.example')),
    settingNames.filter(name => !isSecret(name)),
  );
  t.strictSame(linesOf(await read('.env.secrets.example')), settingNames.filter(isSecret));
  for (const name of settingNames.filter(isSecret))
    t.match(page, new RegExp(`^\\| \`${name}\` \\| not set \\| Secret\\. `, 'm'));
});

t.test('the examples copied change nothing, also with every line put into force', async t => {
  const dir = t.testdir();
  const copy = async (from: string, to: string, edit: (text: string) => string): Promise<void> =>
    writeFile(join(dir, to), edit(await read(from)), {mode: 0o600});
  const sources = {env: {}, root: '/srv/dubstead', folder: dir};
  const bare = await readConfig(sources);
  for (const edit of [(text: string) => text, (text: string) => text.replaceAll(/^#(?=[A-Z_]+=)/gm, '')]) {
    await copy('.env.public.example', 'dubstead.env', edit);
    await copy('.env.secrets.example', '.env.secrets', edit);
    const config = await readConfig(sources);
    if (!config.ok || !bare.ok) throw new Error(JSON.stringify([config, bare]));
    t.strictSame(config.value.settings, bare.value.settings);
  }
});

t.test('the lines that the manual shows are taken as it says', async t => {
  const page = await read('docs/configuration.md');
  const [, block = ''] = /```sh\n(# a comment[\s\S]*?)```/.exec(page) ?? [];
  const dir = t.testdir({'dubstead.env': block});
  const config = await readConfig({env: {}, root: '/srv/dubstead', folder: dir});
  t.match(config, {
    ok: true,
    value: {settings: {PORT: 8701, INBOX_DIR: '/srv/My films', PUBLIC_BASE_URL: null}},
  });
});
