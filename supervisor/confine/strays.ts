/**
 * Owns finding and ending processes of jobs that nobody owns any more, by what their environment says: those that
 * slipped out of their process group where there is no jail and no cgroup, and those of a daemon that was killed. One
 * that changed its environment as well is not found; only a jail or a cgroup holds that.
 */
import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as wait} from 'node:timers/promises';

/** Names the job's folder to every process that is started for it. */
export const jobVariable = 'DUBSTEAD_JOB';

const limitMs = 5000;

/**
 * Whether an environment, as /proc tells it, is that of a process of a job in this folder, or of a tool of one. The
 * folder is that of one job, or that of all of them.
 */
export function belongsTo(environ: string, folder: string): boolean {
  const [job, tool] = [`${jobVariable}=${folder}`, `TMPDIR=${folder}/`];
  return environ
    .split('\0')
    .some(entry => entry === job || entry.startsWith(`${job}/`) || entry.startsWith(tool));
}

/** Ends them all; false when some are left. A process may start another while it is being ended, hence the rounds. */
export async function endStrays(folder: string): Promise<boolean> {
  for (const started = performance.now(); performance.now() - started < limitMs; await wait(10)) {
    const pids = await strays(folder);
    if (pids.length === 0) return true;
    for (const pid of pids) killOne(pid);
  }
  return false;
}

async function strays(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async pid => {
      // Those of others cannot be read, and those that ended have none.
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return belongsTo(environ, folder) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
