/** Owns what feeds the room: the daemon's client, the doctor, what lies around while the daemon is down, and starting it. */
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {closeSync, existsSync, openSync, readFileSync, unlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {rows} from '../../appliance/api/rows.ts';
import {findDaemon} from '../daemon.ts';
import {askDoctor} from '../doctor.ts';
import {lookAround} from '../down.ts';
import {daemonFlags, daemonProgram} from '../verbs/up.ts';
import type {World} from '../world.ts';
import type {Ground} from './room.ts';
import {Shell} from './shell.ts';

export async function groundOf(world: World): Promise<Ground> {
  const {settings, client} = await findDaemon(world);
  const {sources, clock} = world;
  return {
    client,
    // A plan is made by POST, and does nothing.
    changes: row => rows[row].method !== 'GET' && row !== 'purge.plan',
    now: clock.now,
    around: () => lookAround(settings),
    diagnosis: signal => askDoctor(sources.env, signal),
    startDaemon: () => startDaemon(sources.env),
    settle: () => globalThis.gc?.({type: 'major', execution: 'sync', flavor: 'last-resort'}),
    square: async text => (await import('../square-code.ts')).squareCode(text),
    shell: setting => new Shell({...setting, env: sources.env}),
  };
}

const unit = 'dubstead.service';
/** Who does not end within that is on its way; that it answers, its socket says. */
const firstMs = 1_500;

/** By systemd where it looks after the daemon; else as a process of its own, which outlives this screen. */
async function startDaemon(env: World['sources']['env']): Promise<string | null> {
  const isUnit =
    existsSync('/run/systemd/system') &&
    spawnSync('systemctl', ['cat', unit], {stdio: 'ignore'}).status === 0;
  if (!isUnit) return started([process.execPath, ...daemonFlags, daemonProgram], env);
  return started(['systemctl', '--no-ask-password', 'start', unit], env);
}

async function started(
  [program = '', ...args]: readonly string[],
  env: World['sources']['env'],
): Promise<string | null> {
  const path = join(tmpdir(), `dubstead-start-${randomUUID()}`);
  const errors = openSync(path, 'wx+', 0o600);
  try {
    const child: ChildProcess = spawn(program, args, {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', errors],
    });
    child.unref();
    const [code] = await Promise.race([
      once(child, 'exit').catch((cause: unknown) => [cause]),
      delay(firstMs, [null]),
    ]);
    if (code === null || code === 0) return null;
    const words = readFileSync(path, 'utf8').trim().split('\n').slice(-2).join(' ');
    return `The daemon did not start: ${words === '' ? String(code) : words}`;
  } finally {
    closeSync(errors);
    unlinkSync(path);
  }
}
