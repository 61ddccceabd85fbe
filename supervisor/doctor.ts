/**
 * The doctor: looks this box over and prints what it found as one line of JSON (`Diagnosis`). A program of its own, so that
 * it works whether the daemon is up or down; it takes no lock and writes nothing of the box. The composition root: only
 * here are environment, user and clock looked at. It ends with 0 when it could look, whatever it found.
 */
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ApiClient} from '../appliance/api/client.ts';
import {type Config, readConfig} from '../appliance/config/config.ts';
import {ok} from '../appliance/result.ts';
import {searchPath} from './confine/confine.ts';
import type {Box} from './doctor/check.ts';
import {checks} from './doctor/checks.ts';
import {examine} from './doctor/examine.ts';
import {dataFolders} from './folders.ts';

const root = join(import.meta.dirname, '..');
const answerMs = 5_000;

function boxOf({settings, origins}: Config): Box {
  const folders = dataFolders(settings.DATA_DIR);
  const client = new ApiClient({socket: folders.socket, answerMs});
  let asked: ReturnType<Box['daemon']> | undefined;
  const daemon: Box['daemon'] = () => {
    asked ??= client.call('status', {});
    return asked;
  };
  return {settings, origins, folders, daemon};
}

const {env} = process;
const credentialsFolder = env['CREDENTIALS_DIRECTORY'];
const read = await readConfig({env, root, credentialsFolder, secrets: 'if-readable'});
const diagnosis = await examine(checks, {
  ...{root, searchPath, now: () => Date.now(), uid: process.getuid?.() ?? 0},
  ...{proc: '/proc', scratch: tmpdir()},
  box: read.ok ? ok(boxOf(read.value)) : read,
});
// What hangs in the system must not keep this from its end.
process.stdout.write(`${JSON.stringify(diagnosis)}\n`, () => process.exit(0));
