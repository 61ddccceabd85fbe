/**
 * Owns the list of routes in docs/api.md: `node scripts/api-docs.ts` writes it from the rows, behind the heading
 * "Routes". The words before it are written by hand. Never asks a daemon.
 */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {z} from 'zod';
import type {Row} from '../appliance/api/row.ts';
import {type RowName, rowNames, rows} from '../appliance/api/rows.ts';
import {shapes} from '../appliance/api/shapes.ts';
import {replaceFile} from '../appliance/files.ts';
import {unreachable} from '../appliance/result.ts';

const page = join(import.meta.dirname, '../docs/api.md');
const heading = '## Routes\n';

/** What stands before the first dot of a row's name, and how that part of the API is called; in this order. */
const areas: Readonly<Record<string, string>> = {
  auth: 'Logging in',
  keys: 'Keys',
  users: 'People',
  sessions: 'Everybody’s logins',
  uploads: 'Uploads',
  jobs: 'Jobs and their files',
  library: 'Library',
  presets: 'Presets',
  series: 'Series',
  inbox: 'Inbox',
  queue: 'Queue',
};
const rest = 'The box';

export function withRoutes(now: string): string {
  const end = now.indexOf(heading);
  if (end === -1) throw new Error('docs/api.md has no heading "Routes"');
  const areaOf = (name: RowName): string => areas[name.split('.')[0] ?? ''] ?? rest;
  const sections = [...Object.values(areas), rest].map(title => {
    const names = rowNames.filter(name => areaOf(name) === title);
    if (names.length === 0) return '';
    const head = ['| route | needs | what it does | takes | answers |', '|---|---|---|---|---|'];
    return ['', `### ${title}`, '', ...head, ...names.map(name => line(rows[name])), ''].join('\n');
  });
  return `${now.slice(0, end)}${heading}${sections.join('')}`;
}

function line(row: Row): string {
  const {method, path, summary} = row;
  const cells = [`\`${method} ${path}\``, needs(row), summary, takes(row), answers(row)];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function needs({permission, fresh, object}: Row): string {
  const whose = {job: ', own or shared', 'own-job': ', own', own: ', own', jobs: '', none: ''}[object];
  const again = fresh === true ? '; password given in the last 5 minutes' : '';
  return permission === 'anyone' ? 'nothing' : `\`${permission}\`${whose}${again}`;
}

function takes({query, body, answer}: Row): string {
  const inQuery = fieldsOf(query).map(field => `?${field}`);
  const inBody = body === null ? [] : fieldsOf(body.schema);
  const bytes = answer.is === 'tus' && answer.takes === 'bytes' ? ['the bytes'] : [];
  return [...inQuery, ...inBody, ...bytes]
    .map(field => (field === 'the bytes' ? field : `\`${field}\``))
    .join(' ');
}

/** One that may be left out has a question mark behind it. */
function fieldsOf(schema: z.ZodType): readonly string[] {
  const shape = 'shape' in schema ? (schema.shape as Readonly<Record<string, z.ZodType>>) : {};
  return Object.entries(shape).map(([name, field]) =>
    field.safeParse(undefined).success ? `${name}?` : name,
  );
}

function answers({answer}: Row): string {
  switch (answer.is) {
    case 'json': {
      const follow = answer.follow === undefined ? '' : ', or an event stream';
      return `${nameOf(answer.schema)}${follow}`;
    }
    case 'events':
      return `event stream of ${nameOf(answer.follow)}`;
    case 'socket':
      return `WebSocket of ${nameOf(answer.message)}`;
    case 'file':
      return 'the file, or a part of it';
    case 'tus':
      return 'header fields';
    case 'text':
      return 'text';
    case 'page':
      return 'a page';
    default:
      return unreachable(answer);
  }
}

function nameOf(schema: z.ZodType): string {
  const known = shapes.get(schema)?.id;
  if (known !== undefined) return known;
  const fields = fieldsOf(schema);
  return fields.length === 0 ? 'JSON' : fields.map(field => `\`${field}\``).join(' ');
}

if (import.meta.main) {
  await replaceFile(page, withRoutes(await readFile(page, 'utf8')));
  console.log('docs/api.md');
}
