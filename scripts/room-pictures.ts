/**
 * Owns the pictures of the terminal screen in docs/pictures/room: `node scripts/room-pictures.ts` starts a box, gives it
 * films and people, opens `dubstead tui` on a pseudo-terminal, and takes what an emulator shows. For people to look at;
 * never a test.
 */
import {execFile} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import {type Browser, chromium} from 'playwright-core';
import {UserName} from '../appliance/job.ts';
import {Appliance} from './appliance.ts';
import {Glass} from './glass.ts';

const exec = promisify(execFile);
const root = join(import.meta.dirname, '..');
const to = join(root, 'docs/pictures/room');
const owner = UserName.parse('maria');
const down = '\x1b[B';

interface Shot {
  readonly name: string;
  readonly keys: readonly string[];
  /** What is there when it is whole. */
  readonly shows: RegExp;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
}

const shots: readonly Shot[] = [
  {name: 'status', keys: [], shows: /Running +[0-9a-z]{10} .*\d+ %/, columns: 110, rows: 32},
  {name: 'status-80x24', keys: [], shows: /Alerts/},
  {name: 'jobs', keys: ['2', down], shows: /done/, columns: 110, rows: 32},
  {name: 'jobs-80x24', keys: ['2'], shows: /done/},
  {name: 'job', keys: ['2', '/', 'coast', '\r', '\r'], shows: /Stages/, columns: 110, rows: 32},
  {name: 'job-log', keys: ['2', '/', 'coast', '\r', '\r', '\t'], shows: /master ran/, columns: 110, rows: 32},
  {
    name: 'job-report',
    keys: ['2', '/', 'coast', '\r', '\r', '\t', '\t'],
    shows: /target/,
    columns: 110,
    rows: 32,
  },
  {name: 'cancel-80x24', keys: ['2', '/', 'ocean', '\r', 'c'], shows: /Cancel 1 job\?/},
  {name: 'inbox-80x24', keys: ['3', '\t'], shows: /notes\.txt/},
  {name: 'sessions', keys: ['4', '\t'], shows: /maria/, columns: 110, rows: 32},
  {name: 'invite-80x24', keys: ['4', '\t', 'i', 'viewer', '\r'], shows: /Good for/},
  {name: 'storage', keys: ['5'], shows: /work between film and dub/, columns: 110, rows: 32},
  {name: 'purge-80x24', keys: ['5', '\t', ' ', '\r', 'X'], shows: /Type \d+/},
  {name: 'retention-80x24', keys: ['6'], shows: /UPLOADS_KEEP_DAYS/},
  {name: 'engines-80x24', keys: ['7'], shows: /espeak-ng/},
  {name: 'audit', keys: ['8'], shows: /job\.submitted/, columns: 110, rows: 32},
  {name: 'doctor', keys: ['9'], shows: /checks? well/, columns: 110, rows: 32},
  {name: 'help-80x24', keys: ['2', '?'], shows: /Keys of Jobs/},
  {name: 'safe', keys: ['2'], shows: /done/, argv: ['--theme', 'safe']},
  {name: 'no-color', keys: ['2'], shows: /done/, env: {NO_COLOR: '1'}},
];

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  const data = join(folder, 'box');
  const appliance = await Appliance.start(data, {
    ...{PORT: '0', DISK_FREE_MIN_GB: '0', INBOX_STABLE_SECONDS: '0.2', DUB_PRESET: 'fast', JOBS_RUNNING: '1'},
  });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await mkdir(to, {recursive: true});
    await fill(appliance, folder);
    for (const shot of shots) await take(browser, data, shot);
    await appliance.stop();
    await take(browser, data, {name: 'down-80x24', keys: [], shows: /last lines of its log/});
  } finally {
    await browser.close();
    await appliance.stop();
    await rm(folder, {recursive: true, force: true});
  }
}

/** One film that is done, one that is being dubbed, some that wait, one that is refused. */
async function fill({client, inbox}: Appliance, folder: string): Promise<void> {
  await client.call('users.add', {body: {name: owner, role: 'admin', password: 'seven grey herons wait'}});
  await client.call('users.add', {body: {name: UserName.parse('kenji'), role: 'operator', password: null}});
  const films = join(folder, 'films');
  await mkdir(films);
  // Each is another film: the same a second time would make no job.
  const submit = async (name: string): Promise<void> => {
    const path = join(films, name);
    const sample = join(root, 'media/sample.mp4');
    await exec('ffmpeg', [
      '-nostdin',
      '-v',
      'error',
      '-i',
      sample,
      '-c',
      'copy',
      '-metadata',
      `title=${name}`,
      path,
    ]);
    const made = await client.call('jobs.submit', {body: {path, owner}});
    if (!made.ok) throw new Error(JSON.stringify(made.why));
  };
  await submit('A walk along the coast S01E02.mp4');
  for (;;) {
    const page = await client.call('jobs.list', {query: {limit: 1, sort: 'newest'}});
    if (page.ok && page.value.jobs[0]?.state.is === 'done') break;
    await wait(300);
  }
  await copyFile(join(root, 'README.md'), join(inbox, 'notes.txt'));
  for (const name of [
    '東京の朝 S01E01.mp4',
    'The ocean at night.mp4',
    'Holiday 🎬 2026.mp4',
    'Lecture 7.mp4',
  ])
    await submit(name);
}

async function take(browser: Browser, data: string, shot: Shot): Promise<void> {
  const {name, keys, shows, columns = 80, rows = 24, env = {}, argv = []} = shot;
  await using glass = new Glass(['tui', ...argv], {columns, rows, env: {DATA_DIR: data, ...env}});
  await glass.shows(/Dubstead \d|DOWN/);
  for (const key of keys) {
    glass.press(key);
    await wait(500);
  }
  await glass.shows(shows);
  await wait(800);
  const page = await browser.newPage({viewport: {width: columns * 9 + 24, height: rows * 18 + 24}});
  await page.setContent(htmlOf(glass));
  await page.screenshot({path: join(to, `${name}.png`)});
  await page.close();
  console.log(`docs/pictures/room/${name}.png`);
}

/** The sixteen colours of a plain dark terminal. */
const palette = [
  ...['#16181d', '#e06c75', '#98c379', '#e5c07b', '#6aa5f0', '#c678dd', '#56b6c2', '#d7dae0'],
  ...['#5c6370', '#ff7b86', '#b5e890', '#ffd68a', '#8cc0ff', '#e29bf5', '#7fe0ec', '#ffffff'],
];

function htmlOf({emulator}: Glass): string {
  const {active} = emulator.buffer;
  const cell = active.getNullCell();
  const rows = Array.from({length: emulator.rows}, (_, y) => {
    const line = active.getLine(active.baseY + y);
    let html = '';
    for (let x = 0; x < emulator.cols; x++) {
      const at = line?.getCell(x, cell);
      if (at === undefined || at.getWidth() === 0) continue;
      const colour = at.isFgDefault() ? palette[7] : palette[at.getFgColor()];
      const [ink, paper] = at.isInverse() ? [palette[0], colour] : [colour, palette[0]];
      const weight = at.isBold() ? ';font-weight:700' : '';
      const dim = at.isDim() ? ';opacity:.6' : '';
      const under = at.isUnderline() ? ';text-decoration:underline' : '';
      const text = (at.getChars() || ' ').replace(/[&<>]/g, letter => `&#${letter.charCodeAt(0)};`);
      html += `<i style="width:${at.getWidth() * 9}px;color:${ink};background:${paper}${weight}${dim}${under}">${text}</i>`;
    }
    return `<div>${html}</div>`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;padding:12px;background:${palette[0]}}
    div{height:18px;white-space:pre;display:flex}
    i{font:15px/18px "DejaVu Sans Mono","Noto Sans Mono",monospace;display:inline-block;overflow:hidden;height:18px}
  </style>${rows.join('')}`;
}

await main();
