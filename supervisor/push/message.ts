/**
 * Owns the words of a push: rows in, one message for a phone out. With titles off nothing of what was dubbed is in it:
 * no title, no file name, no language, nothing that a tool or a job process said. Never sends anything. Pure.
 */
import {type JobId, lostLimit} from '../../appliance/job.ts';
import {languageOf} from '../../appliance/languages.ts';
import {unreachable} from '../../appliance/result.ts';
import type {PushAbout, PushId, PushKind, PushRow} from './row.ts';

/** Rows of one kind that go as one message, oldest first. */
export type Batch = readonly [PushRow, ...PushRow[]];

export interface Wording {
  /** False when a push must not say what was dubbed. */
  readonly titles: boolean;
  /** Where a tap leads; null when the box has no address that a phone could open. */
  readonly publicBaseUrl: string | null;
  readonly dataDir: string;
  /** Taken out of sentences, longest first: a phone has no use for the box's folders. Absolute, as `dataDir` is. */
  readonly folders: readonly string[];
}

/** The fields of ntfy's JSON publish, less the topic. */
export interface PushMessage {
  readonly title: string;
  readonly message: string;
  /** 1 to 5; 3 is what everybody sends. */
  readonly priority: number;
  /** Short codes that ntfy shows as emoji. */
  readonly tags: readonly string[];
  readonly click?: string;
  readonly sequence_id: PushId;
}

/**
 * ntfy takes 4096 bytes of message, 1024 of title (from 2.28) and 8192 of JSON, in which quotes and backslashes count
 * twice. A phone shows a few lines.
 */
export const titleLimitBytes = 250;
export const messageLimitBytes = 2000;
const namesShown = 10;
const nameLimitBytes = 150;

interface Words {
  readonly title: string;
  readonly message: string;
}

/** The id of the oldest row names the message: a batch that is sent again, grown or not, replaces what it told. */
export function messageOf(batch: Batch, wording: Wording): PushMessage {
  const [{id, about}] = batch;
  const {title, message} = batch.length === 1 ? wordsOf(about, wording) : wordsOfMany(batch, wording);
  return {
    title: cutToBytes(title, titleLimitBytes),
    message: cutToBytes(message, messageLimitBytes),
    ...looks[about.kind],
    ...clickOf(batch, wording),
    sequence_id: id,
  };
}

/** For somebody who wants to see whether theirs arrive. */
export function testMessage(id: PushId): PushMessage {
  return {
    ...{title: 'Dubstead can reach you', message: 'This is a test: your pushes arrive here.'},
    ...{priority: 3, tags: ['bell'], sequence_id: id},
  };
}

const looks: Readonly<Record<PushKind, Pick<PushMessage, 'priority' | 'tags'>>> = {
  done: {priority: 3, tags: ['clapper']},
  failed: {priority: 4, tags: ['x']},
  refused: {priority: 3, tags: ['no_entry_sign']},
  'set-aside': {priority: 4, tags: ['warning']},
};

function clickOf(batch: Batch, {publicBaseUrl}: Wording): {readonly click?: string} {
  if (publicBaseUrl === null) return {};
  const jobs = `${publicBaseUrl.replace(/\/+$/, '')}/jobs`;
  const {job} = batch[0].about;
  return {click: batch.length === 1 && job !== null ? `${jobs}/${job}` : jobs};
}

function wordsOf(about: PushAbout, wording: Wording): Words {
  if (!wording.titles) return withoutTitle(about);
  const name = isolated(cutToBytes(cleaned(about.title), nameLimitBytes) || 'A video');
  switch (about.kind) {
    case 'done':
      return {
        title: `${name} speaks ${languageOf(about.to).english} now`,
        message: sentences(`Dubbed in ${spent(about.seconds)}.`, cleaned(about.grade)),
      };
    case 'failed':
      return {
        title: `${name} could not be dubbed`,
        message: sentences(told(about.what, about, wording), stepsFor(about.job)),
      };
    case 'refused':
      return {
        title: `${name} was refused`,
        message: sentences(told(about.what, about, wording), told(about.fix, about, wording)),
      };
    case 'set-aside':
      return {
        title: `${name} was set aside`,
        message: sentences(lostTooOften, told(about.what, about, wording), stepsFor(about.job)),
      };
    default:
      return unreachable(about);
  }
}

const lostTooOften = `Its worker was lost ${lostLimit} times, so it waits for a person.`;

function stepsFor(job: JobId): string {
  return `“dubstead logs ${job}” shows its log, “dubstead retry ${job}” starts it again.`;
}

/** The job's number is random: it says nothing, and leads the owner to what was not said. */
function withoutTitle(about: PushAbout): Words {
  switch (about.kind) {
    case 'done':
      return {title: 'A video is dubbed', message: `Dubbed in ${spent(about.seconds)}.`};
    case 'failed':
      return {title: 'A video could not be dubbed', message: stepsFor(about.job)};
    case 'refused':
      return {
        title: 'A file was refused',
        message: `“${about.job === null ? 'dubstead inbox' : `dubstead job ${about.job}`}” says why.`,
      };
    case 'set-aside':
      return {title: 'A video was set aside', message: sentences(lostTooOften, stepsFor(about.job))};
    default:
      return unreachable(about);
  }
}

const many: Readonly<Record<PushKind, string>> = {
  done: 'videos finished',
  failed: 'videos failed',
  refused: 'files were refused',
  'set-aside': 'videos were set aside',
};

function wordsOfMany(batch: Batch, {titles}: Wording): Words {
  const title = `${batch.length} ${many[batch[0].about.kind]}`;
  if (!titles) return {title, message: '“dubstead jobs” and “dubstead inbox” list them.'};
  const named = batch.slice(0, namesShown).map(({about}) => lineOf(about));
  const more = batch.length - named.length;
  return {title, message: [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')};
}

function lineOf(about: PushAbout): string {
  const name = isolated(cutToBytes(cleaned(about.title), nameLimitBytes) || 'A video');
  return about.kind === 'done' ? `${name} (${languageOf(about.to).english})` : name;
}

function told(sentence: string, {job}: PushAbout, {dataDir, folders}: Wording): string {
  const all = [...(job === null ? [] : [`${dataDir}/jobs/${job}/source`]), ...folders];
  return cleaned(all.reduce((text, folder) => text.replaceAll(`${folder}/`, ''), sentence));
}

function sentences(...parts: readonly string[]): string {
  return parts.filter(part => part !== '').join(' ');
}

/** `40 s`, `12 min`, `2 h 05 min`. */
function spent(seconds: number): string {
  if (Math.round(seconds) < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * Text from outside: control characters and line ends become spaces, marks that turn the reading direction go, half
 * characters are replaced. ntfy decodes `=?utf-8?q?…?=` in a title, which would bring all of them back.
 */
export function cleaned(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Bidi_Control}\ufeff]/gu, '')
    .replace(/=\?/g, '= ?')
    .trim();
}

/** A title that is read from the right is fenced off, or it would pull the English around it along. */
function isolated(name: string): string {
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(name)
    ? `\u2068${name}\u2069`
    : name;
}

/** The longest start that fits, cut between characters as people count them. */
export function cutToBytes(text: string, limitBytes: number): string {
  if (Buffer.byteLength(text) <= limitBytes) return text;
  let kept = '';
  let bytes = Buffer.byteLength('…');
  for (const {segment} of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > limitBytes) break;
    kept += segment;
  }
  return `${kept}…`;
}
