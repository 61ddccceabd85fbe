/** Owns whether jobs can be confined as the settings want it: what the machine gives is found by trying, outside of the box. */
import type {Finding} from '../../appliance/doctor.ts';
import {unconfined, withoutTool} from '../confine/confine.ts';
import {type Found, findConfinement, tools} from '../confine/found.ts';
import {type Box, type Check, fault, fine, ofBox, orFine, warning} from './check.ts';
import {isIn} from './programs.ts';

type Wanted = Pick<Box['settings'], 'JOB_ISOLATION' | 'ENABLE_CONTAINER_WORKER'>;

export const confinement: Check = {
  id: 'confinement',
  title: 'Jail and limits',
  looksAt: 'a jail that is made and thrown away, and each program that sets a limit',
  examine: ofBox(async ({settings}, {scratch, searchPath}) => {
    if (settings.ENABLE_CONTAINER_WORKER)
      return judgeContainer(settings, await isIn(searchPath, settings.CONTAINER_ENGINE));
    return judgeConfinement(await findConfinement(scratch), settings);
  }),
};

export function judgeContainer(
  {CONTAINER_ENGINE: engine}: Pick<Box['settings'], 'CONTAINER_ENGINE'>,
  isHere: boolean,
): readonly Finding[] {
  const meaning = 'No job can be started.';
  if (engine === 'docker')
    return [
      fault({
        ...{finding: 'CONTAINER_ENGINE is docker, which takes no open socket along.', meaning},
        fix: 'Set CONTAINER_ENGINE=podman, or ENABLE_CONTAINER_WORKER=0 for the jail.',
      }),
    ];
  if (isHere) return [fine('Jobs run in containers, and podman is here.')];
  const fix = 'Run: apt install podman, or set ENABLE_CONTAINER_WORKER=0 for the jail.';
  return [fault({finding: 'Jobs are to run in containers, and podman is not installed.', meaning, fix})];
}

/** Pure. */
export function judgeConfinement(found: Found, {JOB_ISOLATION: asked}: Wanted): readonly Finding[] {
  const findings = asked === 'jail' ? [...judgeJail(found)] : [unasked(asked)];
  if (asked === 'none') return findings;
  for (const tool of tools) {
    const state = found.tools[tool];
    // A jail dies with its parent by itself.
    if (state.works || (tool === 'setpriv' && asked === 'jail' && found.jail.works)) continue;
    findings.push(
      warning({
        finding: `${tool} does not work: ${state.why}.`,
        meaning: sentence(withoutTool[tool]),
        fix: state.fix,
      }),
    );
  }
  return orFine(findings, 'A jail can be made, and every limit can be set.');
}

function judgeJail({jail}: Found): readonly Finding[] {
  if (!jail.works)
    return [
      warning({finding: `No jail can be made: ${jail.why}.`, meaning: sentence(unconfined), fix: jail.fix}),
    ];
  if (jail.strict) return [];
  return [
    warning({
      finding: 'Programs in the jail may make user namespaces of their own.',
      meaning: 'A fault of the kernel in those is nearer to what a hostile film could make a tool do.',
      fix: 'Install bubblewrap 0.8 or later.',
    }),
  ];
}

function unasked(asked: 'rlimits' | 'none'): Finding {
  return warning({
    finding: `JOB_ISOLATION is ${asked}.`,
    meaning: sentence(asked === 'none' ? `${unconfined}, without limits` : unconfined),
    fix: 'Set JOB_ISOLATION=jail.',
  });
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

export const limits: Check = {
  id: 'limits',
  title: 'What the daemon lacks',
  looksAt: 'the word of the running daemon on how it confines jobs, its control group among that',
  examine: ofBox(async ({daemon}) => {
    const answer = await daemon();
    if (!answer.ok) return [fine('No daemon answers. What it lacks, it finds when it starts.')];
    const {asked, given, lacks} = answer.value.isolation;
    const findings = lacks.map(finding =>
      warning({
        finding,
        meaning: 'Jobs of the running daemon are confined less than they could be.',
        fix: 'As it says; then start the daemon again. systemd/dubstead.service sets up what a shell cannot.',
      }),
    );
    return orFine(findings, `The daemon confines jobs by ${given}, as was asked for (${asked}).`);
  }),
};
