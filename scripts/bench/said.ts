/** Owns the figures of the search in what is said: films of 300 made lines each, and questions of every kind. */
import {mkdir, open, readdir, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {digestOf} from '../../appliance/digest.ts';
import {Job, JobId} from '../../appliance/job.ts';
import {ok} from '../../appliance/result.ts';
import {dataFolders} from '../../supervisor/folders.ts';
import {Said} from '../../supervisor/said/said.ts';
import {idOf, jobOf} from './stored.ts';

const linesAFilm = 300;
const wordsALine = 8;
const rounds = 30;
const wantedMs = 50;
const pageLimit = 50;

/** Always the same numbers: xorshift. */
function dice(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Twenty thousand words of made syllables; the n-th is used about 1/n as often as the first. */
function vocabulary(seed: number): readonly string[] {
  const roll = dice(seed);
  const [onsets, vowels] = [
    'b c d f g h j k l m n p r s t v w st tr ch'.split(' '),
    'a e i o u ou ea'.split(' '),
  ];
  const one = (of: readonly string[]): string => of[Math.floor(roll() * of.length)] ?? '';
  const syllables = (count: number): string =>
    Array.from({length: count}, () => one(onsets) + one(vowels)).join('') + (roll() < 0.5 ? one(onsets) : '');
  return Array.from({length: 20_000}, (_, i) => syllables(i < 300 ? 1 : 2 + Math.floor(roll() * 2)));
}

const languages = [vocabulary(1), vocabulary(2)] as const;

function lineOf(words: readonly string[], roll: () => number): string {
  const word = (): string => words[Math.floor(words.length ** roll()) - 1] ?? '';
  return `${Array.from({length: wordsALine}, word).join(' ')}.`;
}

function reportOf(number: number): string {
  const roll = dice(number + 7919);
  const lines = Array.from({length: linesAFilm}, (_, i) => {
    const [text, translation] = languages.map(words => lineOf(words, roll));
    return {source: {start: i * 5}, text: i === 150 ? `${text} ${rareOf(number)}` : text, translation};
  });
  return JSON.stringify({lines});
}

/** Each is in three films. */
const rareOf = (number: number): string => `qx${Math.floor(number / 3)}zj 東京${number}`;

export async function benchSaid(folder: string, films: number): Promise<readonly string[]> {
  const folders = dataFolders(folder);
  const jobs = new Map<JobId, number>();
  for (let i = 0; i < films; i++) jobs.set(JobId.parse(idOf(i)), i);
  for (const id of jobs.keys()) await mkdir(join(folders.jobs, id), {recursive: true});
  const path = join(folder, 'report.json');
  const said = new Said({
    ...{
      isOn: true,
      folders,
      steady: () => performance.now(),
      log: {info() {}, warn: console.warn, error: console.error},
    },
    jobs: {get: id => withReport(id, jobs.get(id) ?? 0), ids: () => jobs.keys()},
    openOutput: async job => {
      await writeFile(path, reportOf(jobs.get(job.id) ?? 0));
      return ok(await open(path));
    },
  });
  const began = performance.now();
  said.start();
  await said.settled();
  const builtMs = performance.now() - began;
  const before = process.memoryUsage.rss();
  const rows = await questions(said, [...jobs.keys()].toReversed(), films);
  const grown = Math.max(0, process.memoryUsage.rss() - before);
  await said.stop();
  return [
    `${films} films of ${linesAFilm} lines in two languages, made text of 20,000 words each. On disk ${await sizes(folder, films)}.`,
    `Made from reports, one film after the other: ${(builtMs / films).toFixed(1)} ms a film, the making of the report included.`,
    '',
    `${rounds} searches each, in turn, pages of ${pageLimit} (wanted: under ${wantedMs} ms).`,
    '',
    '| what is looked for | films found | median, ms | worst, ms | all films looked through |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    `Resident memory after all of it: ${(grown / 1e6).toFixed(0)} MB more than before; nothing is kept between two searches.`,
  ];
}

function withReport(id: JobId, number: number): Job {
  const report = reportOf(number);
  const output = {
    kind: 'report for programs',
    path: `/${id}`,
    bytes: Buffer.byteLength(report),
    digest: digestOf(report),
  };
  const job = jobOf(number);
  if (job.state.is !== 'done') throw new Error('it is done');
  return Job.parse({...job, state: {...job.state, outputs: [output]}});
}

async function questions(said: Said, ids: readonly JobId[], films: number): Promise<string[]> {
  const common = languages[0];
  const table: readonly (readonly [string, string])[] = [
    ['a word that three films have', rareOf(films >> 1).split(' ')[0] ?? ''],
    ['a Japanese word and a number, in one film', rareOf(films >> 1).split(' ')[1] ?? ''],
    ['a word that no film has', 'zzyzxquorn'],
    ['the most frequent word', common[0] ?? ''],
    ['a word that about one line in a thousand has', common[99] ?? ''],
    ['two of the most frequent words, one after the other', `${common[1]} ${common[2]}`],
    [
      'four frequent words in an order that no film has',
      `${common[40]} ${common[41]} ${common[42]} ${common[43]}`,
    ],
  ];
  const times = table.map((): number[] => []);
  const answers: {found: number; partial: boolean; more: boolean}[] = [];
  for (let round = 0; round < rounds; round++)
    for (const [i, [, words]] of table.entries()) {
      const from = performance.now();
      const {found, partial, more} = await said.find({words, ids, limit: pageLimit});
      times[i]?.push(performance.now() - from);
      answers[i] = {found: found.length, partial, more};
    }
  return table.map(([what], i) => {
    const sorted = (times[i] ?? []).toSorted((a, b) => a - b);
    const {found = 0, partial = false, more = false} = answers[i] ?? {};
    const median = sorted[sorted.length >> 1] ?? 0;
    const all = partial ? 'no, it came to its bound of 256 MiB or 2 s' : more ? 'a page was full' : 'yes';
    return `| ${what} | ${found}${more ? ' and more' : ''} | ${median.toFixed(1)} | ${(sorted.at(-1) ?? 0).toFixed(1)} | ${all} |`;
  });
}

async function sizes(folder: string, films: number): Promise<string> {
  const {size} = await stat(join(folder, 'said.sieve'));
  let bytes = 0;
  for (const id of (await readdir(join(folder, 'jobs'))).slice(0, 100))
    bytes += (await stat(join(folder, 'jobs', id, 'said'))).size / 100;
  return `${(bytes / 1000).toFixed(0)} kB a film of text, ${(size / 1e6).toFixed(1)} MB of sieve for ${films}`;
}
