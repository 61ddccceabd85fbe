/** Owns reading the quality report of a finished job. Never makes one. */
import {z} from 'zod';
import type {Job} from '../appliance/job.ts';
import {no, ok, type Result} from '../appliance/result.ts';
import type {Box} from './box.ts';
import {outputsOf} from './files.ts';
import {problems, type Refused, shown} from './problem.ts';

/** As the job wrote it: what is in it is the job's own. */
const Report = z.looseObject({});

type Answer = Promise<Result<z.output<typeof Report>, Refused>>;

const kind = 'report for programs';
/** That of a film of three hours, with a line every two seconds, has three. */
const limitBytes = 8 << 20;

export async function reportOf(box: Pick<Box, 'openOutput'>, job: Job): Answer {
  const output = outputsOf(job).find(each => each.kind === kind);
  if (output === undefined) return no(problems.noReport());
  const opened = shown(await box.openOutput(job, output), file => file);
  if (!opened.ok) return opened;
  await using file = opened.value;
  const {size} = await file.stat();
  if (size !== output.bytes) return no(problems.outputChanged());
  if (size > limitBytes) return no(problems.noReport());
  const report = parsed(await file.readFile('utf8'));
  return report === undefined ? no(problems.outputChanged()) : ok(report);
}

function parsed(text: string): z.output<typeof Report> | undefined {
  try {
    return Report.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
