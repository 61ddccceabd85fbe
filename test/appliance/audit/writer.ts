/**
 * A program that writes an audit, for tests that need another process.
 *   flood FOLDER   records without end, and says on stdout how many are on disk
 *   full FOLDER    on a small file system: fills it, records, frees it, and says what it saw
 */
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Audit} from '../../../appliance/audit/audit.ts';
import {verifyAudit} from '../../../appliance/audit/verify.ts';

const [, , mode, folder = ''] = process.argv;

async function flood(): Promise<void> {
  const audit = await Audit.open(folder, Date.now);
  for (let i = 1; ; i++) {
    for (let j = 0; j < 1 + (i % 50); j++) {
      audit.record({
        action: 'job.submitted',
        result: 'ok',
        object: `job:${i}`,
        details: {title: 'ü'.repeat(i % 300)},
      });
    }
    await audit.flush();
    const checked = i === 1 ? '' : `${i}\n`;
    process.stdout.write(checked);
  }
}

async function full(): Promise<void> {
  const filler = join(folder, 'filler');
  const audits = join(folder, 'audit');
  const audit = await Audit.open(audits, Date.now, {waitingLimit: 300, retryMs: 3_600_000});
  const entry = {action: 'file.downloaded', result: 'ok', details: {note: 'x'.repeat(400)}} as const;
  audit.record(entry);
  await audit.flush();
  await writeFile(filler, Buffer.alloc(8 << 20)).catch(() => undefined);
  for (let i = 0; i < 350; i++) audit.record(entry);
  const startedMs = performance.now();
  await audit.flush();
  const during = audit.trouble;
  const whileFull = await verifyAudit(audits);
  await rm(filler);
  await audit.flush();
  const after = audit.trouble;
  await audit.stop();
  const seen = {during, whileFull, after, end: await verifyAudit(audits), ms: performance.now() - startedMs};
  process.stdout.write(JSON.stringify(seen));
}

await (mode === 'full' ? full() : flood());
