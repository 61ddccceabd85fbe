/**
 * Owns checking the audit from its first line to its last. Never repairs anything.
 *
 * What it can show: any line changed, added, left out, moved or cut off, in any file, as long as lines after it remain.
 * The end of the newest file is the one place where leaving lines out leaves no mark in the chain; there `head.json`
 * stands against it, which names a line that was on disk at most a minute or 200 lines ago.
 *
 * What it cannot show: lines cut off that are younger than the head; and a forger who may write to the folder and writes
 * all lines from some point on anew, and the head with them. Against that, keep the number and the hash that
 * a good check prints somewhere else, and compare: a chain that was written anew has another hash at that number.
 */
import {no, ok, type Result, unreachable} from '../result.ts';
import {type AuditEntry, type AuditHead, decode, origin} from './entry.ts';
import {type AuditLine, dayFile, daysIn, linesOf, readHead} from './files.ts';

export interface AuditCounts {
  readonly days: number;
  readonly lines: number;
  /** When the first and the last of them were written, in UTC; null where there are none. */
  readonly from: string | null;
  readonly to: string | null;
  /** To keep elsewhere; seq 0 when nothing was recorded yet. */
  readonly last: AuditHead;
  /** How often a crash left half a line, which was cut off. */
  readonly recovered: number;
  /** Entries that could not be kept while nothing could be written. */
  readonly dropped: number;
}

export interface AuditFault {
  readonly file: string;
  /** Counted from 1; 0 for the file as a whole. */
  readonly line: number;
  readonly what: 'changed' | 'missing' | 'reordered' | 'cut' | 'missing-file' | 'cut-tail' | 'bad-head';
  readonly detail: string;
}

export interface VerifyAsk {
  /**
   * The last line that whoever writes the audit knows to be on disk: it stands in the place of the head, and what comes
   * after it is not looked at, as it may be half written.
   */
  readonly last?: AuditHead;
  readonly signal?: AbortSignal;
}

/** Throws the signal's reason when that is aborted. */
export async function verifyAudit(
  folder: string,
  {last, signal}: VerifyAsk = {},
): Promise<Result<AuditCounts, AuditFault>> {
  const head = last ?? (await readHead(folder).catch(() => 'damaged' as const));
  const days = await daysIn(folder);
  const check = new Check(
    folder,
    days,
    head === 'damaged' ? undefined : head,
    last === undefined ? 'head.json' : 'the daemon',
  );
  for (const [at, day] of days.entries()) {
    let line = 0;
    for await (const found of linesOf(dayFile(folder, day))) {
      signal?.throwIfAborted();
      if (last !== undefined && check.seq >= last.seq) return check.end(false);
      line++;
      const fault = await check.line(found, {file: `${day}.jsonl`, line, day: at});
      if (fault !== undefined) return no(fault);
    }
  }
  return check.end(head === 'damaged');
}

interface Place {
  readonly file: string;
  readonly line: number;
  /** Which of the days. */
  readonly day: number;
}

class Check {
  readonly #folder: string;
  readonly #days: readonly string[];
  readonly #head: AuditHead | undefined;
  /** Whose word the head is. */
  readonly #witness: string;
  #last = origin;
  #lastPlace: Place = {file: '', line: 0, day: 0};
  #counts = {lines: 0, recovered: 0, dropped: 0};
  #times: Pick<AuditCounts, 'from' | 'to'> = {from: null, to: null};

  constructor(folder: string, days: readonly string[], head: AuditHead | undefined, witness: string) {
    this.#witness = witness;
    this.#folder = folder;
    this.#days = days;
    this.#head = head;
  }

  /** The number of the last line that is in order. */
  get seq(): number {
    return this.#last.seq;
  }

  async line({bytes, ended}: AuditLine, place: Place): Promise<AuditFault | undefined> {
    const {file, line} = place;
    if (!ended)
      return {file, line, what: 'cut', detail: 'it has no end: a crash cut it, or it is being written'};
    const read = decode(bytes);
    if (!read.ok) return {file, line, what: 'changed', detail: read.why};
    const entry = read.value;
    if (entry.seq !== this.#last.seq + 1) return this.#outOfOrder(entry.seq, place);
    if (entry.prev !== this.#last.hash) return this.#broken(place);
    if (this.#head?.seq === entry.seq && this.#head.hash !== entry.hash) {
      return {file, line, what: 'changed', detail: `${this.#witness} knows another line with this number`};
    }
    this.#count(entry);
    this.#last = {seq: entry.seq, hash: entry.hash};
    this.#lastPlace = place;
    return undefined;
  }

  end(headDamaged: boolean): Result<AuditCounts, AuditFault> {
    const head = this.#head;
    if (headDamaged) return no({file: 'head.json', line: 0, what: 'bad-head', detail: 'it does not parse'});
    if (head !== undefined && head.seq > this.#last.seq) {
      const detail = `lines ${this.#last.seq + 1} to ${head.seq}, and what may have followed, are gone from the end`;
      return no({
        file: this.#lastPlace.file || 'head.json',
        line: this.#lastPlace.line,
        what: 'cut-tail',
        detail,
      });
    }
    return ok({days: this.#days.length, last: this.#last, ...this.#counts, ...this.#times});
  }

  #count({action, details, time}: AuditEntry): void {
    this.#counts.lines++;
    this.#times = {from: this.#times.from ?? time, to: time};
    if (action === 'audit.recovered') this.#counts.recovered++;
    if (action === 'audit.gap' && typeof details['dropped'] === 'number')
      this.#counts.dropped += details['dropped'];
  }

  /** Somebody made the hash of a line right again after a change, but the next line still has the old one. */
  #broken({file, line}: Place): AuditFault {
    const before =
      this.#last.seq === 0 ? 'a line that was never there' : 'another line than the one before it';
    const place = this.#last.seq === 0 ? {file, line} : this.#lastPlace;
    return {
      file: place.file,
      line: place.line,
      what: 'changed',
      detail: `line ${this.#last.seq + 1} follows ${before}`,
    };
  }

  async #outOfOrder(seq: number, place: Place): Promise<AuditFault> {
    const {file, line} = place;
    const expected = this.#last.seq + 1;
    if (seq < expected) return {file, line, what: 'reordered', detail: `line ${seq} was there before`};
    if (await this.#isLater(expected, place)) {
      return {file, line, what: 'reordered', detail: `line ${seq} stands where ${expected} belongs`};
    }
    const gone =
      seq === expected + 1 ? `line ${expected} is gone` : `lines ${expected} to ${seq - 1} are gone`;
    if (line > 1) return {file, line, what: 'missing', detail: gone};
    const before =
      this.#lastPlace.file === '' ? 'a file before it' : `a file after ${this.#lastPlace.file}, or its end`;
    return {file, line, what: 'missing-file', detail: `${gone}: ${before}`};
  }

  async #isLater(seq: number, from: Place): Promise<boolean> {
    for (const day of this.#days.slice(from.day)) {
      for await (const {bytes} of linesOf(dayFile(this.#folder, day))) {
        if (bytes.subarray(0, 40).toString('latin1').startsWith(`{"seq":${seq},`)) return true;
      }
    }
    return false;
  }
}

export function describePlace({file, line}: Pick<AuditFault, 'file' | 'line'>): string {
  return line === 0 ? file : `${file}, line ${line}`;
}

/** What is wrong there and what that can mean: sentences, without the place. */
export function wordsOfAuditFault({what, detail}: AuditFault): {readonly what: string; readonly fix: string} {
  const compare = 'Compare the file with a backup.';
  switch (what) {
    case 'changed':
      return {what: `This line is not what was written (${detail}).`, fix: compare};
    case 'missing':
      return {what: `Before this line, ${detail}.`, fix: compare};
    case 'missing-file':
      return {what: `Before this file, ${detail}.`, fix: 'Look for the file in a backup.'};
    case 'reordered':
      return {what: `Lines are out of order: ${detail}.`, fix: compare};
    case 'cut':
      return {
        what: `This line is cut off: ${detail}.`,
        fix: 'Check again; the daemon cuts it off at its next start and records that.',
      };
    case 'cut-tail':
      return {what: `After this line, ${detail}.`, fix: compare};
    case 'bad-head':
      return {
        what: `This file is of no use (${detail}): a missing end would not be seen.`,
        fix: 'The daemon writes it anew.',
      };
    default:
      return unreachable(what);
  }
}
