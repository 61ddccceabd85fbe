/**
 * Owns the daemon's log: words and fields, redacted, as one JSON line each, to every place the composition root names.
 * Never opens a file, and never fails whoever logs.
 */
import {pino} from 'pino';
import {z} from 'zod';
import {oneLine, redactFields, redactText} from './redact.ts';

/** Takes one line with its end. What it throws is forgotten: it has to see to its own trouble. */
export interface LogPlace {
  write(line: string): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Fields = Readonly<Record<string, unknown>>;

/** `log.info({job, stage, ms}, 'stage done')`: what differs is in the fields, the words stay the same. */
export type Log = Readonly<Record<LogLevel, (fields: Fields, words: string) => void>> & {
  /** One that adds these fields to every line. */
  child(fields: Fields): Log;
};

export interface LogSettings {
  readonly places: readonly LogPlace[];
  readonly level: LogLevel | 'silent';
  /** True leaves what is said in films readable. */
  readonly transcripts: boolean;
  readonly now: () => number;
}

export function createLog({places, level, transcripts, now}: LogSettings): Log {
  const write = (text: string): void => {
    const line = `${oneLine(text.trimEnd())}\n`;
    for (const place of places) attempt(() => place.write(line));
  };
  const writer = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${timeOf(now())}"`,
      formatters: {level: name => ({level: name})},
      // An error comes as plain fields by then; pino's own reader of errors would take them for one.
      serializers: {err: (fields: object) => fields},
    },
    {write},
  );
  const clean = (fields: Fields): Fields => {
    const kept = Object.entries(redactFields(fields, {transcripts}));
    return Object.fromEntries(kept.map(([name, value]) => [own(name), value]));
  };
  const wrap = (bound: Fields): Log => {
    const at = (name: LogLevel) => (fields: Fields, words: string) => {
      if (!writer.isLevelEnabled(name)) return;
      attempt(() => writer[name]({...bound, ...clean(fields)}, redactText(String(words))));
    };
    return {
      ...{debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal')},
      child: fields => wrap({...bound, ...clean(fields)}),
    };
  };
  return wrap({});
}

/** Names that a line has already, and the one by which pino takes fields for a request. */
function own(name: string): string {
  return /^(?:level|time|msg|socket)$/.test(name) ? `${name}_` : name;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // A log that cannot be written is no reason to stop what it tells of.
  }
}

/** A clock that is out of its mind still gets a line. */
function timeOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : 'no time';
}

/** How journald reads the weight of a line. */
const priorities: Readonly<Record<LogLevel, number>> = {debug: 7, info: 6, warn: 4, error: 3, fatal: 2};

const Line = z.looseObject({level: z.enum(logLevels), time: z.string(), msg: z.string().optional()});

/** For people: on a terminal with the time of day (UTC), for journald, which has its own, with its mark of weight. */
export function plainPlace(write: (text: string) => void, style: 'terminal' | 'journal'): LogPlace {
  return {
    write(line) {
      const {level, time, msg = '', ...fields} = Line.parse(JSON.parse(line));
      const start =
        style === 'journal' ? `<${priorities[level]}>` : `${time.slice(11, 19)} ${level.padEnd(5)} `;
      const said = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
      write(`${oneLine(`${start}${msg}${said.join('')}`)}\n`);
    },
  };
}

const ErrorFields = z.object({name: z.string(), message: z.string()});

function plain(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  const error = ErrorFields.safeParse(value);
  // Where it happened is in the file.
  return error.success ? JSON.stringify(`${error.data.name}: ${error.data.message}`) : JSON.stringify(value);
}
