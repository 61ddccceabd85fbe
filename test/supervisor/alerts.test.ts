/** Everything that a person should look at is told, with how it is put right, and nothing when all is well. */
import t from 'tap';
import {Alert, AlertCode, Inbox, type InboxSummary, type Status} from '../../appliance/api/status.ts';
import {type AlertFacts, alertsOf} from '../../supervisor/alerts.ts';
import type {InboxState} from '../../supervisor/inbox/state.ts';
import {showInbox, summaryOf} from '../../supervisor/inbox-shown.ts';

const inbox: InboxSummary = {
  folder: '/data/inbox',
  state: {is: 'watching'},
  settling: 0,
  held: 0,
  refused: 0,
};
const disk: Status['disks'][number] = {
  what: 'data',
  path: '/data',
  freeBytes: 9e9,
  totalBytes: 1e12,
  low: false,
};

const well: AlertFacts = {
  ...{disks: [disk], inbox, storeTrouble: null, auditTrouble: null, setAside: 0, away: [], warnings: []},
  push: {is: 'on', server: 'ntfy.example', waiting: 3, lastSent: null, trouble: null, last: []},
  isolation: {asked: 'jail', given: 'jail', lacks: ['No ionice.']},
};

const table: readonly [string, AlertCode, Partial<AlertFacts>, RegExp, RegExp][] = [
  [
    'a full store',
    'store-trouble',
    {storeTrouble: 'There is no space left.'},
    /cannot be stored: There is no space left/,
    /Free space/,
  ],
  [
    'an audit that lags',
    'audit-trouble',
    {auditTrouble: 'ENOSPC'},
    /audit cannot be written: ENOSPC/,
    /lines wait/,
  ],
  [
    'a disk that is low',
    'disk-low',
    {disks: [disk, {...disk, what: 'dubs', path: '/mnt/dubs', freeBytes: 1.26e9, low: true}]},
    /disk of dubs \(\/mnt\/dubs\) has 1\.3 GB left: no job starts/,
    /DISK_FREE_MIN_GB/,
  ],
  [
    'a folder that is away',
    'folder-away',
    {away: [{what: 'dubs', path: '/mnt/dubs'}]},
    /folder of dubs \(\/mnt\/dubs\) is not there/,
    /Mount it or make it/,
  ],
  [
    'an inbox that is away',
    'inbox-offline',
    {inbox: {...inbox, state: {is: 'offline', why: 'it is not mounted', since: 5}}},
    /\/data\/inbox is offline: it is not mounted/,
    /nothing in it is lost/,
  ],
  [
    'pushes that wait',
    'push-trouble',
    {
      push: {
        ...{is: 'on', server: 'ntfy.example', waiting: 3, lastSent: null, last: []},
        trouble: 'The server says 429.',
      },
    },
    /Pushes wait: The server says 429/,
    /NTFY_TOKEN/,
  ],
  ['a job that was set aside', 'set-aside', {setAside: 1}, /^1 job is set aside\.$/, /dubstead retry/],
  ['jobs that were set aside', 'set-aside', {setAside: 12}, /^12 jobs are set aside\.$/, /--state set-aside/],
  [
    'less confinement than was asked for',
    'isolation',
    {isolation: {asked: 'jail', given: 'rlimits', lacks: ['No jail: bwrap is not installed.', 'No ionice.']}},
    /confined by rlimits instead of jail/,
    /bwrap is not installed/,
  ],
  [
    'the same without a word why',
    'isolation',
    {isolation: {asked: 'jail', given: 'none', lacks: []}},
    /by none instead of jail/,
    /dubstead status/,
  ],
  [
    'what was said at start',
    'warning',
    {warnings: ['NTFY_TOKEN travels unencrypted.']},
    /travels unencrypted/,
    /docs\/configuration/,
  ],
];

t.test('when all is well there is nothing to tell', async t => {
  t.strictSame(alertsOf(well), []);
  t.strictSame(
    alertsOf({...well, push: {is: 'off', why: 'NTFY_TOPIC is not set.'}}),
    [],
    'what was not asked for is no trouble',
  );
  const none = {
    asked: 'none',
    given: 'none',
    lacks: ['No confinement, as JOB_ISOLATION=none says.'],
  } as const;
  t.strictSame(alertsOf({...well, isolation: {...none, lacks: [...none.lacks]}}), []);
});

t.test('each trouble is one alert, in words of what happened and what to do', async t => {
  for (const [name, code, change, what, fix] of table) {
    const alerts = alertsOf({...well, ...change});
    t.equal(alerts.length, 1, name);
    t.match(Alert.parse(alerts[0]), {code, what, fix});
  }
});

t.test('no code is without an alert', async t => {
  t.strictSame(new Set(table.map(([, code]) => code)), new Set(AlertCode.options));
});

t.test('all troubles at once are all told, what stops everything first', async t => {
  const all: AlertFacts = Object.assign({}, well, ...table.map(([, , change]) => change));
  const alerts = alertsOf(all);
  t.match(alerts[0], {what: /cannot be stored/});
  // Of two rows about one fact the second stands.
  t.equal(alerts.length, table.length - 2);
});

t.test('however long a path or a reason is, an alert is one that the API takes', async t => {
  const long = 'x'.repeat(4096);
  const alerts = alertsOf({
    ...well,
    ...{storeTrouble: long, auditTrouble: long, warnings: [long], away: [{what: 'dubs', path: long}]},
    disks: [{...disk, path: long, low: true}],
    inbox: {...inbox, folder: long, state: {is: 'offline', why: long, since: 0}},
    push: {is: 'on', server: 'x', waiting: 0, lastSent: null, trouble: long, last: []},
    isolation: {asked: 'jail', given: 'none', lacks: [long]},
  });
  t.equal(alerts.length, 8);
  for (const alert of alerts) Alert.parse(alert);
});

const files = {growing: 2, waiting: 3, claiming: 1, refused: 4, sidecar: 5};
const state: InboxState = {
  ...{is: 'online', why: null, since: null, mode: 'watching', modeWhy: null, beyond: 0, refusals: 7},
  ...{files: [], counts: files, lastRefused: []},
};

t.test('how the inbox stands is told in the API’s shapes', async t => {
  t.strictSame(summaryOf(state, '/inbox'), {
    ...{folder: '/inbox', state: {is: 'watching'}, settling: 3, held: 12, refused: 7},
  });
  const polling = {...state, mode: 'polling', modeWhy: 'it is on NFS'} as const;
  t.strictSame(summaryOf(polling, '/inbox').state, {is: 'polling', why: 'it is on NFS'});
  t.match(summaryOf({...polling, modeWhy: null}, '/inbox').state, {why: /INBOX_POLLING/});
  const offline = {...polling, is: 'offline', why: 'it is not mounted', since: 9} as const;
  t.strictSame(summaryOf(offline, '/inbox').state, {is: 'offline', why: 'it is not mounted', since: 9});
  t.match(summaryOf({...offline, why: null, since: null}, '/inbox').state, {is: 'offline', since: 0});
});

t.test('more files than can be told, with names and reasons of any length, are cut to what fits', async t => {
  const why = {what: 'w'.repeat(5000), fix: 'f'.repeat(5000)};
  const file = {path: 'p'.repeat(5000), is: 'waiting', owner: null, bytes: 1, since: 1} as const;
  const shown = Inbox.parse(
    showInbox(
      {
        ...state,
        files: Array.from({length: 600}, (_, n) => ({...file, why: n % 2 === 0 ? why : null})),
        lastRefused: Array.from({length: 200}, () => ({path: file.path, to: null, why, at: 1})),
      },
      '/inbox',
    ),
  );
  t.strictSame([shown.files.length, shown.lastRefused.length], [500, 100]);
  t.equal(shown.files[1]?.held, null, 'nothing is in its way');
});
