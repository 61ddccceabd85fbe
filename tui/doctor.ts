/** Owns starting the doctor, a program of the daemon's side, and hearing what it found. Believes only its form. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Diagnosis} from '../appliance/doctor.ts';
import {no, ok, type Result} from '../appliance/result.ts';

const program = fileURLToPath(new URL('../supervisor/doctor.ts', import.meta.url));
const flags = ['--max-old-space-size=1024', '--disable-warning=ExperimentalWarning'];
const answerLimitBytes = 8 << 20;
const stderrTail = 2000;
const lastLines = 5;

/** Null when it was stopped by the signal; its last words when it ended without an answer. */
export async function askDoctor(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Result<Diagnosis, string> | null> {
  const child = spawn(process.execPath, [...flags, program], {env, stdio: ['ignore', 'pipe', 'pipe']});
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, {once: true});
  if (signal.aborted) stop();
  const chunks: Buffer[] = [];
  let [bytes, stderr] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= answerLimitBytes) chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-stderrTail);
  });
  await once(child, 'close');
  signal.removeEventListener('abort', stop);
  if (signal.aborted) return null;
  try {
    return ok(Diagnosis.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
  } catch {
    return no(stderr.trim().split('\n').slice(-lastLines).join('\n'));
  }
}
