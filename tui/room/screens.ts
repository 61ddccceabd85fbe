/** Owns the list of screens: keys, tabs, palette and help follow from it. */
import type {ScreenName} from './model.ts';
import type {Screen} from './pane.ts';
import {audit} from './screens/audit.ts';
import {doctor} from './screens/doctor.ts';
import {engines} from './screens/engines.ts';
import {inbox} from './screens/inbox.ts';
import {job} from './screens/job.ts';
import {jobs} from './screens/jobs.ts';
import {retention} from './screens/retention.ts';
import {sessions} from './screens/sessions.ts';
import {shell} from './screens/shell.ts';
import {status} from './screens/status.ts';
import {storage} from './screens/storage.ts';

const all: Readonly<Record<ScreenName, Screen>> = {
  ...{status, jobs, inbox, sessions, storage, retention, engines, audit, doctor},
  ...{job, shell},
};

export function screenOf(name: ScreenName): Screen {
  return all[name];
}
