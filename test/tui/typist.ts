/** A program in a terminal of its own, and somebody who types there. */
import {spawn} from 'node:child_process';
import type {Test} from 'tap';
import {until} from '../web/served.ts';

export interface Desk {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As a shell reads it. */
  readonly command: string;
}

export interface Typist {
  /** What was said since, once it is an answer. */
  type(keys: string, isAnswered: (said: string) => boolean): Promise<string>;
}

export function typist(t: Test, {folder, env, command}: Desk): Typist {
  const child = spawn('script', ['-qfec', command, '/dev/null'], {cwd: folder, env, stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  return {
    async type(keys, isAnswered) {
      said = '';
      child.stdin.write(keys);
      await until(`an answer to ${JSON.stringify(keys)}`, () => isAnswered(said));
      return said;
    },
  };
}
