/**
 * Owns what is written from the table of settings: `node scripts/config-docs.ts` writes the two example files and the
 * tables of docs/configuration.md. The words around the tables are written by hand. Never tells a value of anybody.
 */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Setting} from '../appliance/config/setting.ts';
import {type SettingName, settingGroups, settingOf} from '../appliance/config/settings.ts';
import {replaceFile} from '../appliance/files.ts';

const root = join(import.meta.dirname, '..');

/** Each file from the root that is generated, and how: from what it says now. */
export const generated: Readonly<Record<string, (now: string) => string>> = {
  '.env.public.example': () => example(publicHead, ({isSecret}) => !isSecret),
  '.env.secrets.example': () => example(secretsHead, ({isSecret}) => isSecret),
  'docs/configuration.md': withTables,
};

const publicHead = [
  'Settings of Dubstead. Copy to dubstead.env, and take the # away before what you change: nothing has to be set.',
  'A value with spaces or quotes goes between single quotes. docs/configuration.md says more.',
];

const secretsHead = [
  'Secrets of Dubstead. Copy to .env.secrets, and run: chmod 600 .env.secrets',
  'A new secret: openssl rand -hex 20',
];

function example(head: readonly string[], isWanted: (row: Setting<unknown>) => boolean): string {
  const groups = settingGroups.flatMap(({title, names}) => {
    const wanted = names.filter(name => isWanted(settingOf(name)));
    return wanted.length === 0 ? [] : [[`# ---- ${title}`, ...wanted.map(exampleOf)].join('\n\n')];
  });
  return `${[head.map(line => `# ${line}`).join('\n'), ...groups].join('\n\n')}\n`;
}

/** With nothing after the =, the default holds, whatever it is made of. */
function exampleOf(name: SettingName): string {
  const {meaning, kind, default: standard} = settingOf(name);
  const isText = standard.is === 'text';
  const about = [
    `${meaning}`,
    `Allowed: ${kind.allowed}.`,
    ...(isText ? [] : [`Default: ${defaultOf(name)}.`]),
  ];
  return [...about.map(line => `# ${line}`), `#${name}=${isText ? standard.text : ''}`].join('\n');
}

/** The page with the table of each group at the end of the section that is named after it. */
function withTables(page: string): string {
  const sections = page.split(/^(?=## )/m);
  for (const {title, names} of settingGroups) {
    const index = sections.findIndex(section => section.startsWith(`## ${title}\n`));
    const section = sections[index];
    if (section === undefined) throw new Error(`docs/configuration.md has no section "${title}"`);
    const words = section.split('\n').filter(line => !line.startsWith('|'));
    const table = ['| name | default | what it does | allowed |', '|---|---|---|---|', ...names.map(row)];
    const isLast = index === sections.length - 1;
    sections[index] = `${words.join('\n').trim()}\n\n${table.join('\n')}\n${isLast ? '' : '\n'}`;
  }
  return sections.join('');
}

function row(name: SettingName): string {
  const {meaning, kind, isSecret} = settingOf(name);
  const cells = [`\`${name}\``, defaultCell(name), isSecret ? `Secret. ${meaning}` : meaning, kind.allowed];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultCell(name: SettingName): string {
  return settingOf(name).default.is === 'none' ? defaultOf(name) : `\`${defaultOf(name)}\``;
}

function defaultOf(name: SettingName): string {
  const {default: standard} = settingOf(name);
  if (standard.is === 'none') return standard.words;
  return standard.is === 'text' ? standard.text : `DATA_DIR/${standard.name}`;
}

if (import.meta.main) {
  for (const [path, made] of Object.entries(generated)) {
    const now = await readFile(join(root, path), 'utf8').catch(() => '');
    await replaceFile(join(root, path), made(now));
    console.log(path);
  }
}
