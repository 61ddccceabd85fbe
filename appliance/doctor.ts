/**
 * Owns the form of a diagnosis: what was looked at on this box, what was found, what that means to it, and what mends it.
 * Never looks at anything.
 */
import {z} from 'zod';

const text = z.string().min(1).max(4096);
const told = {finding: text, meaning: text, fix: text};

export const Finding = z.discriminatedUnion('is', [
  z.object({is: z.literal('ok'), finding: text}),
  /** It could not be looked at, because of what another check says. */
  z.object({is: z.literal('skipped'), finding: text}),
  /** The box works, and somebody should know. */
  z.object({is: z.literal('warning'), ...told}),
  /** Something that the box is for does not work. */
  z.object({is: z.literal('fault'), ...told}),
]);
export type Finding = z.infer<typeof Finding>;

export const Verdict = z.enum(['ok', 'skipped', 'warning', 'fault']);
export type Verdict = z.infer<typeof Verdict>;

export const CheckShown = z.object({
  id: z.string().max(40),
  title: z.string().max(80),
  /** Where it looks, in a sentence's part. */
  looksAt: z.string().max(400),
  /** The worst of its findings. */
  is: Verdict,
  findings: z.array(Finding).min(1).max(100),
});
export type CheckShown = z.infer<typeof CheckShown>;

export const Diagnosis = z.object({
  checks: z.array(CheckShown).max(100),
  counts: z.record(Verdict, z.number().int().nonnegative()),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

/** From the best to the worst. */
const order = Verdict.options;

export function worstOf(findings: readonly Pick<Finding, 'is'>[]): Verdict {
  return findings.reduce<Verdict>(
    (worst, {is}) => (order.indexOf(is) > order.indexOf(worst) ? is : worst),
    'ok',
  );
}

export function diagnosisOf(checks: readonly CheckShown[]): Diagnosis {
  const counts = {ok: 0, skipped: 0, warning: 0, fault: 0};
  for (const {is} of checks) counts[is]++;
  return {checks: [...checks], counts};
}
