/** Owns the one table of verbs: parser, help and manual follow from it. */
import type {Verb} from './verb.ts';
import {config} from './verbs/config.ts';
import {doctor} from './verbs/doctor.ts';
import {drain} from './verbs/drain.ts';
import {dub} from './verbs/dub.ts';
import {edit} from './verbs/edit.ts';
import {engines} from './verbs/engines.ts';
import {inbox} from './verbs/inbox.ts';
import {job} from './verbs/job.ts';
import {jobs} from './verbs/jobs.ts';
import {logs} from './verbs/logs.ts';
import {priority} from './verbs/priority.ts';
import {purge} from './verbs/purge.ts';
import {retention} from './verbs/retention.ts';
import {status} from './verbs/status.ts';
import {storage} from './verbs/storage.ts';
import {submit} from './verbs/submit.ts';
import {up} from './verbs/up.ts';
import {user} from './verbs/user.ts';
import {cancel, pause, restore, resume, retry} from './verbs/wishes.ts';

/** Verbs that share a line in the list of all, which has to fit a screen. */
export interface Together {
  readonly verbs: readonly Verb[];
  readonly brief: string;
}

/** As the help lists them: those of the appliance, and those that do their work by themselves. */
export const verbGroups: readonly (readonly (Verb | Together)[])[] = [
  [
    up,
    status,
    submit,
    jobs,
    job,
    logs,
    {verbs: [cancel, pause, resume], brief: 'end jobs, let them come to rest, let them go on'},
    {verbs: [retry, restore], brief: 'queue jobs again; take deleted ones out of the trash'},
    priority,
    drain,
    inbox,
    {verbs: [storage, retention], brief: 'what fills the disks; how long what is kept'},
    purge,
    user,
    config,
    doctor,
  ],
  [dub, edit, engines],
];

export const verbs: readonly Verb[] = verbGroups
  .flat()
  .flatMap(told => ('verbs' in told ? told.verbs : [told]));

export function verbOf(name: string | undefined): Verb | undefined {
  return verbs.find(verb => verb.name === name);
}
