/** Owns how the command line reaches the daemon: where its socket is, and what an answer that is a no turns into. */
import {join} from 'node:path';
import type {ApiClient} from '../appliance/api/client.ts';
import type {ApiTrouble} from '../appliance/api/trouble.ts';
import type {Settings} from '../appliance/config/settings.ts';
import type {Result} from '../appliance/result.ts';
import {Hindered} from './trouble.ts';
import type {World} from './world.ts';

export interface Daemon {
  readonly settings: Settings;
  readonly socket: string;
  readonly client: ApiClient;
}

/** It need not be running. Throws Hindered when the settings do not say where it would be. */
export async function findDaemon({sources, connect}: Pick<World, 'sources' | 'connect'>): Promise<Daemon> {
  const {readConfig} = await import('../appliance/config/config.ts');
  const config = await readConfig({...sources, secrets: 'if-readable'});
  if (!config.ok) throw new Hindered({is: 'misconfigured', faults: config.why});
  const {settings} = config.value;
  const socket = join(settings.DATA_DIR, 'run/control.sock');
  return {settings, socket, client: await connect(socket)};
}

/** What it answered. Throws Hindered when that is a no, or nothing. */
export async function answered<T>(answer: Promise<Result<T, ApiTrouble>>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Hindered({is: 'unanswered', trouble: result.why});
  return result.value;
}
