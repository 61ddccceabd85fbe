/** Owns what the inbox is given to work with, and what is made of what it tells: log, audit, pushes. Never moves a file. */
import type {AuditRecord} from '../appliance/audit/entry.ts';
import type {Settings} from '../appliance/config/settings.ts';
import {unreachable} from '../appliance/result.ts';
import type {Admissions} from './admissions.ts';
import type {DataFolders} from './folders.ts';
import type {InboxEvent} from './inbox/events.ts';
import {Inbox} from './inbox/inbox.ts';
import type {HomePresets} from './library/presets.ts';
import {freshPushId, type PushRow, pushOfRefusal} from './push/row.ts';
import type {JobDesk} from './queue/desk.ts';
import {optionsOf} from './setting.ts';

export interface InboxGround {
  readonly settings: Settings;
  readonly folders: DataFolders;
  readonly desk: JobDesk;
  readonly admissions: Admissions;
  readonly saved: HomePresets;
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly steady: () => number;
  readonly tell: (event: InboxEvent) => void;
}

const polling = {auto: 'auto', '1': 'always', '0': 'never'} as const;

export function inboxOf({settings, folders, desk, admissions, saved, now, steady, tell}: InboxGround): Inbox {
  return new Inbox(
    {
      ...{inbox: settings.INBOX_DIR, jobs: folders.jobs, owner: settings.INBOX_OWNER},
      ...{options: optionsOf(settings), polling: polling[settings.INBOX_POLLING]},
      optionsFor: (film, folder) => saved.optionsInFolder(film, folder),
      stableMs: settings.INBOX_STABLE_SECONDS * 1000,
      rescanMs: settings.INBOX_RESCAN_SECONDS * 1000,
    },
    {
      ...{now, steady, tell, newId: () => admissions.newId()},
      // Whoever can make a folder in the inbox is on the box: its name need not be that of somebody who logs in.
      knows: () => true,
      room: owner => admissions.room(owner),
      has: id => desk.get(id) !== undefined,
      submit: claimed => admissions.claimed(claimed),
    },
  );
}

/** How an event is written down. */
export interface Telling {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly words: string;
  readonly audit: AuditRecord | null;
}

export function tellingOf(event: InboxEvent): Telling {
  const plain = (fields: Telling['fields'], words: string): Telling => ({
    ...{level: 'info', fields, words, audit: null},
  });
  switch (event.is) {
    case 'claimed': {
      const {path, job, bytes} = event;
      const audit = {action: 'inbox.claimed', result: 'ok', object: `job:${job}`, details: {path}} as const;
      return {...plain({path, job, bytes}, 'taken from the inbox'), audit};
    }
    case 'queued':
      return plain({path: event.path, job: event.job}, 'queued');
    case 'refused': {
      const {path, why} = event;
      const details = {why: why.what};
      const audit = {action: 'inbox.refused', result: 'refused', object: path, details} as const;
      return {
        level: 'warn',
        fields: {path, why: why.what, fix: why.fix},
        words: 'refused in the inbox',
        audit,
      };
    }
    case 'held':
      return plain({path: event.path, why: event.why.what}, 'waits in the inbox');
    case 'returned':
      return plain({path: event.path, why: event.why}, 'back in the inbox');
    case 'offline': {
      const details = {why: event.why};
      const audit = {action: 'inbox.offline', result: 'failed', details} as const;
      return {level: 'error', fields: details, words: 'the inbox is offline', audit};
    }
    case 'online':
      return {...plain({}, 'the inbox is back'), audit: {action: 'inbox.online', result: 'ok'}};
    case 'mode':
      return plain({mode: event.mode, why: event.why}, 'the inbox is looked after');
    case 'fault': {
      const fields = {path: event.path, err: event.cause};
      return {level: 'error', fields, words: 'the inbox had a fault', audit: null};
    }
    default:
      return unreachable(event);
  }
}

/** The push that a refused file is worth; undefined for all else. */
export function pushOfInbox(event: InboxEvent, at: number): PushRow | undefined {
  if (event.is !== 'refused') return undefined;
  const name = event.path.slice(event.path.lastIndexOf('/') + 1);
  const {what, fix} = event.why;
  return pushOfRefusal({id: freshPushId(), owner: null, at, name, what, fix});
}
