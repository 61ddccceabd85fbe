/** Owns what a person should look at, each with how it is put right. Pure. */
import type {Alert, AlertCode, InboxSummary, PushState, Status} from '../appliance/api/status.ts';

export interface AlertFacts {
  readonly disks: Status['disks'];
  readonly inbox: InboxSummary;
  readonly push: PushState;
  readonly storeTrouble: string | null;
  readonly auditTrouble: string | null;
  readonly isolation: Status['isolation'];
  readonly setAside: number;
  /** Folders that are not there, the inbox aside. */
  readonly away: readonly {readonly what: string; readonly path: string}[];
  /** Said once at start: weak secrets, an open way to the push server. */
  readonly warnings: readonly string[];
}

const limit = 4096;

export function alertsOf(facts: AlertFacts): readonly Alert[] {
  return all(facts).map(({code, what, fix}) => ({
    code,
    what: what.slice(0, limit),
    fix: fix.slice(0, limit),
  }));
}

function all(facts: AlertFacts): readonly Alert[] {
  const {disks, inbox, push, storeTrouble, auditTrouble, isolation, setAside, away, warnings} = facts;
  return [
    ...(storeTrouble === null
      ? []
      : [
          alert('store-trouble', {
            what: `Changes cannot be stored: ${storeTrouble}`,
            fix: 'Free space where DATA_DIR is; it goes on by itself.',
          }),
        ]),
    ...(auditTrouble === null
      ? []
      : [
          alert('audit-trouble', {
            what: `The audit cannot be written: ${auditTrouble}.`,
            fix: 'Free space where DATA_DIR is; lines wait until then.',
          }),
        ]),
    ...disks
      .filter(({low}) => low)
      .map(({what, path, freeBytes}) =>
        alert('disk-low', {
          what: `The disk of ${what} (${path}) has ${gigabytes(freeBytes)} GB left: no job starts.`,
          fix: 'Free space there, or set a lower DISK_FREE_MIN_GB.',
        }),
      ),
    ...away.map(({what, path}) =>
      alert('folder-away', {
        what: `The folder of ${what} (${path}) is not there.`,
        fix: 'Mount it or make it: jobs wait for it, and what was finished meanwhile is put out by a retry.',
      }),
    ),
    ...(inbox.state.is === 'offline'
      ? [
          alert('inbox-offline', {
            what: `The inbox ${inbox.folder} is offline: ${inbox.state.why}.`,
            fix: 'Mount it again; nothing in it is lost.',
          }),
        ]
      : []),
    ...(push.is === 'on' && push.trouble !== null
      ? [
          alert('push-trouble', {
            what: `Pushes wait: ${push.trouble}`,
            fix: 'See NTFY_BASE_URL, NTFY_TOPIC and NTFY_TOKEN.',
          }),
        ]
      : []),
    ...(setAside > 0
      ? [
          alert('set-aside', {
            what: `${setAside} ${setAside === 1 ? 'job is' : 'jobs are'} set aside.`,
            fix: 'See dubstead jobs --state set-aside, then dubstead retry ID.',
          }),
        ]
      : []),
    ...(isolation.given === isolation.asked
      ? []
      : [
          alert('isolation', {
            what: `Jobs are confined by ${isolation.given} instead of ${isolation.asked}.`,
            fix: isolation.lacks[0] ?? 'See dubstead status.',
          }),
        ]),
    ...warnings.map(what => alert('warning', {what, fix: 'See docs/configuration.md.'})),
  ];
}

function alert(code: AlertCode, words: Pick<Alert, 'what' | 'fix'>): Alert {
  return {code, ...words};
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
