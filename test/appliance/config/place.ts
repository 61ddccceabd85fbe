/** Owns folders with the two files and the credentials in them, as an admin would write them, and what comes of them. */
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Test} from 'tap';
import {type Config, readConfig} from '../../../appliance/config/config.ts';
import {type ConfigFault, describeFault} from '../../../appliance/config/fault.ts';
import type {Sources} from '../../../appliance/config/sources.ts';

/** A folder with the two files in it, as anybody would write them. */
interface Place {
  readonly env?: Sources['env'];
  readonly secretsFile?: string;
  readonly plainFile?: string;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly secrets?: 'needed' | 'if-readable';
}

/** Short, since the control socket lies in it, and open to other users, who are tried as well. */
export async function scratch(t: Test): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'dub-'));
  t.teardown(() => rm(root, {recursive: true, force: true}));
  await chmod(root, 0o755);
  return root;
}

export async function placed(
  t: Test,
  {env = {}, secretsFile, plainFile, credentials, ...rest}: Place,
): Promise<Sources> {
  const root = await scratch(t);
  if (secretsFile !== undefined) await writeFile(join(root, '.env.secrets'), secretsFile, {mode: 0o600});
  if (plainFile !== undefined) await writeFile(join(root, 'dubstead.env'), plainFile, {mode: 0o644});
  const credentialsFolder = join(root, 'credentials');
  if (credentials !== undefined) await mkdir(credentialsFolder);
  for (const [name, text] of Object.entries(credentials ?? {}))
    await writeFile(join(credentialsFolder, name), text);
  return {env, root, ...(credentials === undefined ? {} : {credentialsFolder}), ...rest};
}

export async function configOf(sources: Sources): Promise<Config> {
  const read = await readConfig(sources);
  if (read.ok) return read.value;
  throw new Error(read.why.map(describeFault).join('\n'));
}

export async function faultsOf(sources: Sources): Promise<readonly ConfigFault[]> {
  const read = await readConfig(sources);
  return read.ok ? [] : read.why;
}

/** Sentences, with the scratch folder as ROOT. */
export async function sentencesOf(sources: Sources): Promise<readonly string[]> {
  return (await faultsOf(sources)).map(fault => describeFault(fault).replaceAll(sources.root, 'ROOT'));
}

/** Each of them, and no other: `t.match` alone would let more of them pass. */
export function matchEach(
  t: Test,
  found: readonly unknown[],
  expected: readonly unknown[],
  about = '',
): void {
  t.equal(found.length, expected.length, `${about} ${JSON.stringify(found, undefined, 1)}`);
  t.match(found, expected, about);
}
