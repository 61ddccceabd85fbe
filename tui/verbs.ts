/** Owns the one table of verbs: parser, help and manual follow from it. */
import type {Verb} from './verb.ts';
import {audit} from './verbs/audit.ts';
import {completion} from './verbs/completion.ts';
import {config} from './verbs/config.ts';
import {doctor} from './verbs/doctor.ts';
import {drain} from './verbs/drain.ts';
import {dub} from './verbs/dub.ts';
import {edit} from './verbs/edit.ts';
import {engines} from './verbs/engines.ts';
import {inbox} from './verbs/inbox.ts';
import {job} from './verbs/job.ts';
import {jobs} from './verbs/jobs.ts';
import {key} from './verbs/key.ts';
import {logs} from './verbs/logs.ts';
import {man} from './verbs/man.ts';
import {priority} from './verbs/priority.ts';
import {purge} from './verbs/purge.ts';
import {retention} from './verbs/retention.ts';
import {session} from './verbs/session.ts';
import {status} from './verbs/status.ts';
import {storage} from './verbs/storage.ts';
import {submit} from './verbs/submit.ts';
import {tui} from './verbs/tui.ts';
import {up} from './verbs/up.ts';
import {user} from './verbs/user.ts';
import {cancel, pause, restore, resume, retry} from './verbs/wishes.ts';

/** As the help lists them: the daemon, its jobs, its people, and those that need no daemon. */
export const verbGroups: readonly (readonly Verb[])[] = [
  [up, tui, status, drain, storage, retention, purge],
  [submit, jobs, job, logs, cancel, pause, resume, retry, restore, priority, inbox],
  [user, session, key, audit],
  [config, doctor, engines, dub, edit, completion, man],
];

export const verbs: readonly Verb[] = verbGroups.flat();

export function verbOf(name: string | undefined): Verb | undefined {
  return verbs.find(verb => verb.name === name);
}
