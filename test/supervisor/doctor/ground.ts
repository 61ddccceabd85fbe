/** Owns what a check is given in tests: a scratch box with real folders, and the settings that are asked for. */
import {chmod, mkdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import {ApiClient} from '../../../appliance/api/client.ts';
import {readConfig} from '../../../appliance/config/config.ts';
import type {Finding} from '../../../appliance/doctor.ts';
import {ok} from '../../../appliance/result.ts';
import {searchPath} from '../../../supervisor/confine/confine.ts';
import type {Box, Check, Ground} from '../../../supervisor/doctor/check.ts';
import {dataFolders} from '../../../supervisor/folders.ts';
import {shortFolder} from '../../web/served.ts';

export const checkout = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '');

/** DATA_DIR as a daemon leaves it, in a folder with a short path. */
export async function dataFolder(t: Test): Promise<string> {
  const data = join(await shortFolder(t), 'data');
  for (const name of ['', 'jobs', 'uploads', 'state', 'audit', 'log', 'run', 'inbox', 'dubs']) {
    await mkdir(join(data, name), {recursive: true});
    await chmod(join(data, name), 0o700);
  }
  return data;
}

export interface Wish extends Partial<Omit<Ground, 'box'>> {
  readonly env?: Readonly<Record<string, string>>;
  /** Where `dubstead.env` and `.env.secrets` lie. */
  readonly settingsFolder?: string;
  readonly daemon?: Box['daemon'];
}

export async function groundAt(
  data: string,
  {env = {}, settingsFolder = data, daemon, ...rest}: Wish = {},
): Promise<Ground> {
  const read = await readConfig({
    env: {DATA_DIR: data, ...env},
    root: settingsFolder,
    secrets: 'if-readable',
  });
  const folders = dataFolders(data);
  const client = new ApiClient({socket: folders.socket, answerMs: 300});
  const box = read.ok
    ? ok({
        settings: read.value.settings,
        origins: read.value.origins,
        folders,
        daemon: daemon ?? (() => client.call('status', {})),
      })
    : read;
  return {
    ...{
      root: checkout,
      searchPath,
      now: () => Date.now(),
      uid: process.getuid?.() ?? 0,
      proc: '/proc',
      scratch: tmpdir(),
      box,
    },
    ...rest,
  };
}

/** Every finding that is told to people says what it means and what mends it. */
export async function found(t: Test, check: Check, ground: Ground): Promise<readonly Finding[]> {
  const findings = await check.examine(ground);
  t.ok(findings.length > 0, `${check.id} says something`);
  for (const finding of findings) {
    t.match(finding.finding, /^.+\.$/s, 'a sentence');
    if (finding.is !== 'warning' && finding.is !== 'fault') continue;
    t.match(finding.meaning, /^[A-Z].+\.$/s, 'what it means, in a sentence');
    t.match(finding.fix, /^[A-Z].+/s, 'what mends it');
  }
  return findings;
}
