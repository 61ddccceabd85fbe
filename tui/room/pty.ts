/** Owns a program on a terminal of its own. The only importer of node-pty, whose types are told under another name. */
import {createRequire} from 'node:module';

/** As much of node-pty's as is used here. */
export interface Pty {
  readonly pid: number;
  onData(hear: (data: string) => void): void;
  onExit(hear: (end: {readonly exitCode: number; readonly signal?: number}) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
}

interface Library {
  spawn(file: string, args: readonly string[], options: object): Pty;
}

export interface PtySetting {
  readonly columns: number;
  readonly rows: number;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openPty(
  [file = '', ...args]: readonly string[],
  {columns, rows, folder, env}: PtySetting,
): Pty {
  const {spawn} = createRequire(import.meta.url)('node-pty') as Library;
  const set = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const options = {
    cols: columns,
    rows,
    cwd: folder,
    name: env['TERM'] ?? 'xterm',
    env: Object.fromEntries(set),
  };
  return spawn(file, args, options);
}
