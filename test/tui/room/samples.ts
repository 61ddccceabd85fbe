/** What a room may know: a busy box with something of everything and names that mean harm, and a box that is down. */
import {
  CodeShown,
  IntentShown,
  KeyShown,
  SessionShown,
  UserShown,
} from '../../../appliance/api/account-shapes.ts';
import {PurgePlan} from '../../../appliance/api/purge-rows.ts';
import {QualityShown} from '../../../appliance/api/quality-shapes.ts';
import {RetentionShown} from '../../../appliance/api/retention-rows.ts';
import {EnginesShown, ReceiptShown} from '../../../appliance/api/room-rows.ts';
import type {JobLine} from '../../../appliance/api/shapes.ts';
import {AlertCode} from '../../../appliance/api/status.ts';
import {StorageShown} from '../../../appliance/api/storage-rows.ts';
import {TrailEntry} from '../../../appliance/api/trail-rows.ts';
import type {ApiTrouble} from '../../../appliance/api/trouble.ts';
import {CheckShown, type Diagnosis, diagnosisOf} from '../../../appliance/doctor.ts';
import {JobId} from '../../../appliance/job.ts';
import type {Answers, Subject} from '../../../tui/room/asks.ts';
import {type Deed, type Effect, type Model, numbered, opening, type Turn} from '../../../tui/room/model.ts';
import {paneNamed} from '../../../tui/room/navigate.ts';
import type {Pane} from '../../../tui/room/pane.ts';
import {screenOf} from '../../../tui/room/screens.ts';
import type {Size} from '../../../tui/room/text.ts';
import {update} from '../../../tui/room/update.ts';
import {
  detailOf,
  hour,
  inboxOf,
  lineOf,
  minute,
  noJobs,
  now,
  progress,
  stage,
  states,
  statusOf,
  timelineOf,
} from '../samples.ts';

export const day = 24 * hour;

/** What files, devices and people may be called by those who wish the terminal harm, or only write otherwise. */
export const hostile = [
  'evil\u001b[2J\u202e\r\n\u009b31m\u001b]0;owned\u0007 title',
  `\u0301\u0308a${'\u0301'.repeat(1000)}`,
  '日本語の映画 🎬 です 한국어 영화 👩‍👩‍👧‍👦 🇪🇸 ❤️',
  '\u1112\u1161\u11ab\u200b\u2066\u2069\ufeff\u{e0041} नमस्ते',
  `${'日'.repeat(300)}`,
  `${'unbroken'.repeat(40)}`,
  '\ud800 half of one \t tab',
  '',
] as const;
const nameOf = (i: number): string => hostile[i % hostile.length] ?? '';

const digits = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ten of the letters that ids are of. */
export function idOf(number: number): JobId {
  let text = '';
  for (let left = number; text.length < 10; left = Math.floor(left / 32))
    text = `${digits[left % 32]}${text}`;
  return JobId.parse(text);
}

const wishesOf: Readonly<Record<JobLine['state']['is'], readonly string[]>> = {
  ...{queued: ['pause', 'cancel', 'delete'], running: ['pause', 'cancel', 'delete'], pausing: ['cancel']},
  ...{paused: ['resume', 'cancel', 'delete'], stopping: [], done: ['retry', 'delete']},
  ...{failed: ['retry', 'delete'], cancelled: ['retry', 'delete'], 'set-aside': ['retry', 'delete']},
  deleted: ['restore'],
};

/** One in each state and a few of each hostile name; the newest first. */
export const sampleJobs: readonly JobLine[] = Object.values(states).map((state, i) =>
  lineOf(idOf(1000 - i), {
    ...{state, wishes: wishesOf[state.is], submitted: now - i * hour, title: nameOf(i).slice(0, 255)},
    ...{owner: i % 2 ? 'ann' : 'a-name-of-thirty-two-letters-all', from: i % 2 ? 'en' : null},
    ...{priority: i === 3 ? -100 : i, via: 'command'},
  }),
);

export function manyJobs(amount: number): readonly JobLine[] {
  const one = lineOf(idOf(0));
  return Array.from({length: amount}, (_, i) => ({
    ...one,
    ...{id: idOf(i), title: `film ${i}`, submitted: now - (amount - i) * 1000},
  }));
}

export const trouble: ApiTrouble = {reason: 'daemon-down', socket: '/run/dubstead/api.sock'};

const status = statusOf({
  isolation: {asked: 'jail', given: 'rlimits', lacks: ['The jail: jobs see all files.']},
  queue: {
    mode: 'draining',
    counts: {...noJobs, queued: 12, running: 9, done: 340, failed: 3},
    waiting: [{code: 'behind', what: nameOf(0), jobs: 11}],
  },
  running: Array.from({length: 9}, (_, i) => ({
    ...{id: idOf(1000 - i), owner: 'ann', pid: 1, since: now, progress: i === 1 ? null : progress},
    title: nameOf(i).slice(0, 255),
  })),
  inbox: {
    folder: '/mnt/nas/日本',
    state: {is: 'offline', why: nameOf(0), since: now - hour},
    ...{settling: 1, held: 2, refused: 3},
  },
  disks: [
    {what: 'data', path: '/srv/dubstead', freeBytes: 120.3e9, totalBytes: 500e9, low: false},
    {what: 'dubs', path: '/mnt/dubs', freeBytes: 1.2e9, totalBytes: 2e12, low: true},
    {what: 'inbox', path: '/mnt/none', freeBytes: 0, totalBytes: 0, low: false},
  ],
  gpus: [
    {
      ...{name: 'NVIDIA GeForce RTX 4090', totalBytes: 24e9, freeBytes: 20e9},
      ...{busy: 0.97, celsius: 61.4, job: idOf(1000)},
    },
    {name: 'AMD', totalBytes: 8e9, freeBytes: null, busy: null, celsius: null, job: null},
  ],
  processors: {count: 2, busy: 1, slots: 2, busySlots: 2},
  remote: {mode: 'tailscale', url: 'https://dub.example.org'},
  push: {
    ...{is: 'on', server: 'https://ntfy.example.org', waiting: 2, lastSent: now - hour},
    ...{trouble: 'The server says 429.', last: [{at: now - minute, title: nameOf(0), ok: false}]},
  },
  alerts: AlertCode.options.map(code => ({
    code,
    what: `${code} happened.`,
    fix: `Mend ${code}: ${nameOf(0)}`,
  })),
});

const inbox = inboxOf({
  ...{settling: 1, held: 2, refused: 14},
  files: hostile.map((name, i) => ({
    ...{name: `${i} ${name}`, owner: i % 2 ? 'ann' : null, bytes: i * 1e9, since: now - i * hour},
    held: i % 2 ? nameOf(i + 1) : null,
  })),
  lastRefused: hostile.map((name, i) => ({
    name,
    at: now - i * minute,
    what: nameOf(i + 1),
    fix: nameOf(i + 2),
  })),
});

const users = ['ann', 'anna', 'a-name-of-thirty-two-letters-all', 'bo'].map((name, i) =>
  UserShown.parse({
    ...{name, role: i === 0 ? 'admin' : 'viewer', created: now - day, disabled: i === 3},
    quotas: {keptBytes: null, jobsPerDay: null, queued: null, running: null, uploadMb: null},
    ...{hasPassword: i !== 2, totp: i === 0, sessions: i, lastSeen: i === 2 ? null : now - day},
  }),
);

const sessions = Array.from({length: 9}, (_, i) => i).map(i =>
  SessionShown.parse({
    ...{id: `000000000${i}`, user: i % 2 ? 'ann' : 'anna', device: `${nameOf(i).slice(0, 70)}x`},
    ...{how: 'password', created: now - day, firstAddress: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff'},
    ...{lastAddress: '192.168.100.200', lastSeen: now - i * hour, expires: now + day, current: false},
  }),
);

const keys = Array.from({length: 4}, (_, i) => i).map(i =>
  KeyShown.parse({
    ...{id: `00000000000${i}`, name: ['backup', '日本語'.repeat(20), 'ci', 'old'][i], owner: 'ann'},
    ...{scopes: ['job:0123456789:read', 'project:0123456789:manage'], created: now - day},
    ...{expires: i === 2 ? now - hour : null, revoked: i === 3 ? now - hour : null, lastUsed: i ? null : now},
  }),
);

const intents = Array.from({length: 3}, (_, i) => i).map(i =>
  IntentShown.parse({
    ...{id: `000000000000000${i}`, device: nameOf(i).slice(0, 80), address: '192.168.1.7', number: `4${i}`},
    ...{expires: now + 2 * minute, state: i === 2 ? 'denied' : 'waiting'},
  }),
);

const storage = StorageShown.parse({
  ...{measured: now - hour, whole: false},
  disks: [
    {
      ...{what: 'data', path: '/srv/dubstead', totalBytes: 500e9, freeBytes: 120.3e9, low: false},
      filled: [
        {kind: 'uploads', bytes: 200e9, files: 120},
        {kind: 'intermediates', bytes: 90e9, files: 43_210},
        {kind: 'trash', bytes: 0, files: 0},
      ],
      trend: {bytesPerDay: 30e9, fullAt: now + 4 * day},
    },
    {
      ...{what: 'dubs', path: '/mnt/dubs', totalBytes: 2e12, freeBytes: 1.2e9, low: true},
      filled: [{kind: 'outputs', bytes: 1.9e12, files: 4000}],
      trend: {bytesPerDay: -1e9, fullAt: null},
    },
    {what: 'inbox', path: '/mnt/none', totalBytes: 0, freeBytes: 0, low: false, filled: [], trend: null},
  ],
});

export const purgePlan = PurgePlan.parse({
  ...{plan: '0123456789abcdef', made: now, expires: now + 10 * minute, files: 1234, bytes: 56e9, jobs: 8},
  groups: hostile.map((title, i) => ({
    ...{job: i === 2 ? null : idOf(i), title: title.slice(0, 255), owner: i === 2 ? null : 'ann'},
    ...{kind: 'intermediates', files: 100 * i, bytes: 1e9 * i},
  })),
  ...{more: 3, whole: false},
});

const retention = RetentionShown.parse({
  keeps: [
    {kind: 'uploads', days: 30, setting: 'KEEP_UPLOADS_DAYS'},
    {kind: 'outputs', days: null, setting: 'KEEP_OUTPUTS_DAYS'},
  ],
  ...{next: now + hour, running: false, waits: 'The clock was set back.'},
  ...{last: {at: now - day, files: 12, bytes: 3e9, left: 2}, due: {files: 7, bytes: 8e9}},
});

const receipts = Array.from({length: 5}, (_, i) => i).map(i =>
  ReceiptShown.parse({
    ...{
      id: `receipt-${i}`,
      at: now - i * day,
      trigger: (['schedule', 'command', 'low-disk'] as const)[i % 3],
    },
    ...{state: (['closed', 'interrupted', 'open'] as const)[i % 3], files: i * 1000, bytes: i * 1e9},
    ...{left: i, kinds: {films: i, dubs: 2}},
  }),
);

const engines = EnginesShown.parse({
  engines: hostile.map((about, i) => ({
    ...{name: `engine-${i}`, kind: 'recogniser', about, ready: i % 2 === 0, detail: nameOf(i + 1)},
  })),
  pairs: ['en-es', 'ja-en', 'es-en'],
});

export const diagnosis: Diagnosis = diagnosisOf([
  CheckShown.parse({
    ...{id: 'socket', title: 'The daemon', looksAt: 'its socket', is: 'fault'},
    findings: [
      {is: 'fault', finding: 'Nobody answers.', meaning: 'Nothing is dubbed.', fix: 'Start it: dubstead up.'},
      {is: 'warning', finding: nameOf(0), meaning: nameOf(2), fix: nameOf(4)},
    ],
  }),
  CheckShown.parse({
    ...{id: 'disk-data', title: 'Disks', looksAt: 'free space', is: 'warning'},
    findings: [
      {is: 'warning', finding: 'Little is left.', meaning: 'It stops soon.', fix: 'Delete something.'},
    ],
  }),
  CheckShown.parse({
    ...{id: 'gpu', title: 'GPU', looksAt: 'the driver', is: 'ok'},
    findings: [
      {is: 'ok', finding: 'There is none.'},
      {is: 'skipped', finding: 'Not looked at.'},
    ],
  }),
  CheckShown.parse({
    ...{id: 'clock', title: 'The clock', looksAt: 'the clock', is: 'fault'},
    findings: [{is: 'fault', finding: 'It runs back.', meaning: 'Codes fail.', fix: 'Have it set by NTP.'}],
  }),
]);

export const entries: readonly TrailEntry[] = hostile
  .map((name, i) => [name.slice(0, 400), i] as const)
  .map(([words, i]) =>
    TrailEntry.parse({
      ...{seq: 100 - i, action: 'privacy.purge_planned', result: i % 2 ? 'ok' : 'refused'},
      ...{
        user: i === 1 ? null : 'ann',
        address: i === 2 ? null : words,
        object: i === 3 ? null : `job:${words}`,
      },
      ...{request: i === 4 ? null : 'k3v9', time: '2026-11-21T13:00:00.000Z', details: {words, n: i}},
    }),
  );

const quality = QualityShown.parse({
  ...{from: 'en', to: 'es', duration: 5400, verdict: 'fair', summary: 'A fair dub by what was measured.'},
  metrics: [
    {
      ...{
        key: 'late',
        group: 'timing',
        name: 'Lines that run late',
        value: 0.12345,
        unit: '%',
        target: 'below 2',
      },
      ...{verdict: 'good', about: 'counted', note: null},
    },
    {
      ...{key: 'wer', group: 'voices', name: nameOf(4), value: null, unit: '%', target: null},
      ...{verdict: 'not measured', about: 'heard again', note: 'Nobody listens here.'},
    },
  ],
  findings: [
    {line: 12, what: nameOf(0), severity: 'problem'},
    {what: 'The music is loud.', severity: 'look'},
  ],
  rungs: {voice: 10, 'simpler-voice': 2, original: 1},
  loudness: {targetLufs: -23, binSeconds: 10, lufs: [null, -20]},
  ...{engines: [], notes: [nameOf(2)]},
});

const around: Answers['around'] = {
  log: {
    ...{file: '/srv/log/dubstead.log', trouble: null},
    lines: ['{"level":"fatal","time":"2026-11-21T13:00:01.000Z","msg":"the last words"}', nameOf(0)],
  },
  inbox: {folder: '/srv/inbox', more: true, trouble: null, files: [{name: nameOf(0), bytes: 2e9}]},
};

export const answers: Answers = {
  ...{status, inbox, storage, retention, engines, diagnosis, around, quality},
  ...{users: {users}, sessions: {sessions}, keys: {keys}, pending: {intents}, receipts: {receipts}},
  job: detailOf(idOf(1000), {
    ...{title: nameOf(0), state: states.running, wishes: wishesOf.running},
    outputs: [
      {kind: 'film', name: 'film.es.mkv', path: '/srv/film.es.mkv', bytes: 1e9, digest: 'a'.repeat(64)},
    ],
  }),
  timeline: timelineOf([
    {is: 'state', at: now - minute, state: 'running'},
    stage('probe'),
    {is: 'note', at: now, text: nameOf(0)},
  ]),
};

export const code = CodeShown.parse({
  ...{
    ticket: '0123456789',
    code: 'abcd-efgh',
    url: 'https://dub.example.org/in#abcd-efgh',
    expires: now + day,
  },
});

export const small: Size = {columns: 80, rows: 24};

/** Of which nothing was heard yet. */
export function empty(size: Size = small, changes: Partial<Model> = {}): Model {
  const begin = opening({
    ...{size, now, zone: 'UTC', isReadOnly: false, theme: 'usual', hasShell: false, screen: 'status'},
  });
  return {...begin, ...changes};
}

/** With everything in it. */
export function busy(size: Size = small, changes: Partial<Model> = {}): Model {
  let model = empty(size, {job: idOf(1000)});
  [model] = update(model, {is: 'jobs', jobs: sampleJobs, begins: true, more: true});
  for (const of of Object.keys(answers) as Subject[]) model = told(model, of, answers[of]);
  const paces = Array.from({length: 60}, (_, i) => i / 60);
  const pace = {...progress, paces, lookedAt: now, lookedDone: 0.4};
  return {
    ...model,
    link: {is: 'up'},
    paces: new Map([[idOf(1000), pace]]),
    log: {
      ...{id: idOf(1000), isOver: true},
      lines: hostile.map((text, i) => ({next: i, at: i % 2 ? now : null, text: `log ${i} ${text}`})),
    },
    trail: {entries, isHeard: true, hasGaps: true},
    purge: {
      olderThanDays: 30,
      user: users[0]?.name ?? null,
      jobs: sampleJobs.map(({id}) => id),
      plan: purgePlan,
    },
    ...changes,
  };
}

export function told<S extends Subject>(model: Model, of: S, value: Answers[S] | null): Model {
  // That the value is of the subject is what the signature says.
  return update(model, {is: 'answered', of, value, trouble: null, at: now} as never)[0];
}

export function down(size: Size = small, changes: Partial<Model> = {}): Model {
  return {...busy(size), link: {is: 'down', trouble, starting: false}, ...changes};
}

export const screenNames = [...numbered, 'job'] as const;

/** Every pane of every screen. */
export const everyPane: readonly {readonly name: string; readonly pane: Pane; open(model: Model): Model}[] =
  screenNames.flatMap(screen =>
    screenOf(screen).panes.map(pane => ({
      ...{name: `${screen}.${pane.name}`, pane},
      open: (model: Model) => ({...paneNamed(model, screen, pane.name), back: []}),
    })),
  );

export function paneOf(name: string): (typeof everyPane)[number] {
  const found = everyPane.find(one => one.name === name);
  if (found === undefined) throw new Error(`no pane ${name}`);
  return found;
}

/** Keys by their names, `enter` or `x`; `type:words` types them. What comes of all of them. */
export function press(model: Model, ...names: readonly string[]): Turn {
  const effects: Effect[] = [];
  let next = model;
  for (const name of names.flatMap(one => (one.startsWith('type:') ? [...one.slice(5)] : [one]))) {
    const text = [...name].length === 1 ? name : name === 'space' ? ' ' : null;
    const [after, more] = update(next, {
      is: 'key',
      key: {name: name === ' ' ? 'space' : name, text, raw: text ?? name},
    });
    next = after;
    effects.push(...more);
  }
  return [next, effects];
}

export function deedsOf(effects: readonly Effect[]): readonly Deed[] {
  return effects.flatMap(effect => (effect.is === 'do' ? [effect.deed] : []));
}
