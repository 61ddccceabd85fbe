/** Holds the documents against the code they speak of, so that neither changes without the other. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import t from 'tap';
import {z} from 'zod';
import {noBrief} from '../appliance/brief.ts';
import {digestOf} from '../appliance/digest.ts';
import {exitCodes as dubExitCodes} from '../appliance/exit-codes.ts';
import {describe, Failure} from '../appliance/failure.ts';
import {Event} from '../appliance/wire.ts';
import {stageNames} from '../pipeline/catalog.ts';
import {apertium} from '../pipeline/engines/apertium.ts';
import {espeak} from '../pipeline/engines/espeak.ts';
import {pocketsphinx} from '../pipeline/engines/pocketsphinx.ts';
import {sileroDetector} from '../pipeline/engines/silero/detector.ts';
import {speakerClusters} from '../pipeline/engines/speakers/diarizer.ts';
import {stagesOf} from '../pipeline/plan.ts';
import type {Stage} from '../pipeline/stage.ts';
import {cuesStage} from '../pipeline/stages/cues.ts';
import {probeStage} from '../pipeline/stages/probe.ts';
import {checks} from '../supervisor/doctor/checks.ts';
import {readArgs} from '../tui/args.ts';
import {exitCodes, exitMeanings} from '../tui/exit-codes.ts';
import {help} from '../tui/help.ts';
import {verbOf, verbs} from '../tui/verbs.ts';
import {orderFor} from './jobs.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const cli = read('docs/cli.md');
const architecture = read('docs/architecture.md');

/** The cells of every table row under a heading, backticks taken off. */
function rowsUnder(text: string, heading: string): string[][] {
  const [, after = ''] = text.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const rows = section.split('\n').filter(line => line.startsWith('| '));
  return rows.slice(1).map(row =>
    row
      .slice(2, -2)
      .split(' | ')
      .map(cell => cell.replaceAll('`', '').trim()),
  );
}

/** What the manual says of a verb: one section may be about several. */
function manualOf(verb: string): string {
  const sections = cli.split(/^(?=## )/m);
  return (
    sections.find(section => new RegExp(`^## dubstead (?:.*\\s)?${verb}(?:\\s|$)`, 'm').test(section)) ?? ''
  );
}

/** A value that a schema takes; enough for failures and events, which hold words, numbers and lists. */
function sampleOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodEnum) return schema.options[0];
  const candidates = ['x', 1, [], true, null];
  return candidates.find(candidate => schema.safeParse(candidate).success);
}

t.test('every option is in the manual and in the help', async t => {
  const around = {folder: '/', processors: 1};
  for (const {name, options} of verbs) {
    const manual = manualOf(name);
    t.match(manual, /^## dubstead /, `${name} has a section`);
    for (const [option, {short}] of Object.entries(options)) {
      t.match(manual, `\`--${option}`, `${name} --${option} in docs/cli.md`);
      if (short !== undefined) t.match(manual, `\`-${short}`, `${name} -${short} in docs/cli.md`);
      if (option !== 'help') t.match(help(name), `--${option}`, `${name} --${option} in the help`);
    }
    const told = [...manual.matchAll(/^\| `--([\w-]+)/gm)].map(([, option]) => option);
    t.same(told, Object.keys(options), `${name} has no other option, and in this order`);
    t.match(readArgs([name, '--nonsense'], around, verbOf), {ok: false, why: {what: /Unknown option/}});
  }
});

t.test('every check of the doctor is in the manual', async t => {
  const told = rowsUnder(cli, 'dubstead doctor').flatMap(([names = '']) => names.split(', '));
  for (const {id} of checks) t.ok(told.includes(id), id);
});

t.test('every event and every field of it is in the manual', async t => {
  const rows = new Map(
    rowsUnder(cli, 'Events').map(([kind, fields]) => [kind, fields === '–' ? [] : fields?.split(', ')]),
  );
  const declared = new Map(
    Event.options.map(({shape}) => [shape.is.value, Object.keys(shape).filter(key => key !== 'is')]),
  );
  t.same([...rows].toSorted(), [...declared].toSorted());
});

t.test('every reason is in the manual with the code it ends with', async t => {
  const rows = rowsUnder(cli, 'Reasons').map(([reason, code]) => [reason, Number(code)]);
  const declared = Failure.options.map(({shape}) => {
    const entries = Object.entries(shape).map(([key, schema]) => {
      const value = schema instanceof z.ZodLiteral ? schema.value : sampleOf(schema);
      return [key, value];
    });
    const failure = Failure.parse(Object.fromEntries(entries));
    return [failure.reason, describe(failure).exit];
  });
  t.same(rows.toSorted(), declared.toSorted());
});

t.test('every exit code is in the manual, the README and the help', async t => {
  t.same(
    exitMeanings.map(({code}) => code),
    Object.values(exitCodes).toSorted((a, b) => a - b),
  );
  t.same(
    rowsUnder(cli, 'Exit codes').map(([code, about]) => [Number(code), about]),
    exitMeanings.map(({code, about}) => [code, about]),
  );
  for (const code of Object.values(exitCodes)) t.match(help(undefined), new RegExp(`\\b${code} \\w`));
  const [, section = ''] = read('README.md').split('\n## Exit codes\n');
  for (const code of Object.values(dubExitCodes)) t.match(section, new RegExp(`\\b${code} \\w`));
});

t.test('the table of stages is the graph as it is built', async t => {
  const order = orderFor('/film.mp4', '/out');
  const source = {path: '/film.mp4', digest: digestOf('')};
  const chosen = <E>(engine: E) => ({engine, stamp: ''});
  const settled = {
    detector: chosen(sileroDetector),
    recogniser: chosen(pocketsphinx('fast')),
    diarizer: chosen(speakerClusters),
    translator: chosen(apertium),
    voice: chosen(espeak),
    listener: chosen(pocketsphinx('fast')),
    skipped: [],
  };
  const stages: readonly Stage[] = [
    probeStage(source),
    cuesStage({source, brief: noBrief, files: [], from: 'en', to: 'es'}),
    ...stagesOf({
      ...{order, source, settled, title: 'film', given: null, brief: noBrief},
      pair: {from: 'en', to: 'es'},
    }),
  ];
  const listed = (names: readonly string[]): string => (names.length === 0 ? '–' : names.join(', '));
  const rows = rowsUnder(architecture, 'The graph').map(cells => cells.slice(0, 4));
  const declared = stages.map(({name, scope, needs, looksAt, follows}) => {
    const seen = listed(looksAt) + (follows === true ? '; itself in the scene before' : '');
    return [name, scope, listed(needs), seen];
  });
  t.same(rows.toSorted(), declared.toSorted());
  for (const name of stageNames) t.match(architecture, `\`${name}\``, `${name} is spoken of`);
});

t.test('no link leads nowhere', async t => {
  const folders = ['.', 'docs', 'docs/decisions', 'media'];
  const pages = folders.flatMap(folder =>
    readdirSync(join(root, folder))
      .filter(name => name.endsWith('.md'))
      .map(name => join(folder, name)),
  );
  for (const page of pages) {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => link ?? []);
    for (const link of links.filter(link => !/^https?:/.test(link))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      const found = statSync(join(root, target), {throwIfNoEntry: false});
      t.ok(found, `${page}: ${link}`);
      if (anchor !== undefined && found !== undefined) t.ok(anchorsIn(read(target)).includes(anchor), link);
    }
  }
});

/** Anchors as forges make them of headings. */
function anchorsIn(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

t.test('each promise of docs/security.md names a test that there is', async t => {
  const page = read('docs/security.md');
  const rows = [...page.matchAll(/^\| (?!promise|---).* \| `(test\/[\w./-]+)`: (.+) \|$/gm)];
  t.ok(rows.length > 30, 'all of them');
  t.equal(rows.length, [...page.matchAll(/^\| (?!promise|---)/gm)].length, 'and none without one');
  for (const [, file = '', title = ''] of rows) {
    t.ok(read(file).includes(`'${title}'`), `${file}: ${title}`);
  }
});
