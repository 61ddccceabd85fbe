/** Owns the first screen: whether the box works, what it is at, what fills it, and what needs somebody. Pure. */
import type {Status} from '../../../appliance/api/status.ts';
import {describeApiTrouble} from '../../../appliance/api/trouble.ts';
import {unreachable} from '../../../appliance/result.ts';
import {diagnosisLines} from '../../views/doctor.ts';
import {downLines} from '../../views/down.ts';
import {stateName} from '../../views/state.ts';
import {inboxText, queueText} from '../../views/status.ts';
import {kindName, trendText} from '../../views/storage.ts';
import {padded} from '../../width.ts';
import {age, count, duration, size} from '../../words.ts';
import {bar, spark, toneOf} from '../bars.ts';
import {confirming} from '../dialogs.ts';
import type {Model, Turn} from '../model.ts';
import type {Binding, Screen} from '../pane.ts';
import {type Line, line, paragraph, span} from '../text.ts';
import {alertKey} from './alerts.ts';
import {startKey} from './down.ts';
import {fullTone} from './storage.ts';

const nameColumns = 11;
const barColumns = 14;
const runningShown = 6;
const pushesShown = 3;
const latelyShown = 5;
/** Of the newest: a job that waited longer than so many others ended long ago. */
const latelySought = 200;

const keys: readonly Binding[] = [
  startKey,
  {
    keys: ['p'],
    short: 'pause/go on',
    when: ({link}) => link.is === 'up',
    does: 'hold the queue, or let it go on',
    changes: true,
    run: model => {
      const mode = model.held.status?.value?.queue.mode === 'running' ? 'paused' : 'running';
      return setQueue(model, mode);
    },
  },
  {
    keys: ['d'],
    short: 'drain',
    when: ({link}) => link.is === 'up',
    does: 'finish what runs and start nothing new',
    changes: true,
    run: model => setQueue(model, 'draining'),
  },
];

function setQueue(model: Model, mode: 'running' | 'paused' | 'draining'): Turn {
  const words = {
    running: {title: 'Let the queue go on?', label: 'Go on', done: 'The queue goes on.'},
    paused: {title: 'Hold the queue?', label: 'Hold', done: 'The queue is held: nothing new starts.'},
    draining: {title: 'Drain the queue?', label: 'Drain', done: 'What runs is finished; nothing new starts.'},
  }[mode];
  return confirming(model, {
    ...words,
    about: [
      mode === 'running'
        ? 'Jobs that wait are started.'
        : 'Jobs that run go on to their end. p lets the queue go on again.',
    ],
    deed: {
      calls: [{row: 'queue.set', input: {body: {mode}}}],
      done: words.done,
      refresh: ['status'],
    },
  });
}

export const status: Screen = {
  name: 'status',
  title: 'Status',
  about: 'The whole box at a glance. dubstead status prints the same.',
  panes: [
    {
      is: 'text',
      name: 'box',
      title: 'Status',
      keys,
      wants: ({link}) =>
        link.is === 'down'
          ? [
              {of: 'around', everyMs: 5_000},
              {of: 'diagnosis', everyMs: null},
            ]
          : [
              {of: 'status', input: {}, everyMs: 3_000},
              {of: 'storage', input: {}, everyMs: 60_000},
            ],
      text: statusText,
    },
  ],
};

function statusText(model: Model, columns: number): readonly Line[] {
  const {link, held} = model;
  if (link.is === 'down') return downText(model, columns);
  const box = held.status?.value;
  if (box == null) {
    const trouble = held.status?.trouble;
    if (trouble == null) return [line(), line(span(' Asking the daemon …', 'dim'))];
    const {what, fix} = describeApiTrouble(trouble);
    return [line(), ...paragraph(` ${what} ${fix}`, columns, 'bad')];
  }
  return [
    ...named('Daemon', [daemonLine(box)]),
    ...named('Queue', queueLines(box)),
    ...named('Running', runningLines(model, box, columns - nameColumns - 1)),
    ...named('Processor', [processorLine(box)]),
    ...named('Memory', [memoryLine(box)]),
    ...named('GPU', gpuLines(box)),
    ...named('Network', [networkLine(box)]),
    ...named('Disks', diskLines(box, model)),
    ...named('Inbox', paragraph(inboxText(box.inbox, model.now), columns - nameColumns - 1)),
    ...named('Push', pushLines(box, model.now)),
    ...named('Alerts', alertLines(model, columns - nameColumns - 1)),
    ...named('Lately', latelyLines(model)),
  ];
}

function named(name: string, body: readonly Line[]): readonly Line[] {
  return body.map((text, i) => [span(` ${padded(i === 0 ? name : '', nameColumns - 1)} `, 'dim'), ...text]);
}

function daemonLine({version, started, now, pid, isolation, remote}: Status): Line {
  const {given, asked} = isolation;
  return line(
    `${version}, up for ${age(now - started)}, process ${pid} · `,
    given === asked ? given : span(`${given} instead of ${asked}`, 'warn'),
    ` · remote ${remote.mode}${remote.url === null ? '' : ` (${remote.url})`}`,
  );
}

function queueLines({queue}: Status): readonly Line[] {
  const first = line(span(queueText(queue), queue.mode === 'running' ? 'plain' : 'warn'));
  const waits = queue.waiting
    .slice(0, 2)
    .map(({jobs, what}) => line(span(`${count(jobs, 'job')}: ${what}`, 'dim')));
  return [first, ...waits];
}

function runningLines({paces}: Model, {running}: Status, columns: number): readonly Line[] {
  if (running.length === 0) return [line(span('nothing', 'dim'))];
  const wide = Math.max(8, Math.min(24, Math.floor(columns / 5)));
  const shown = running.slice(0, runningShown).flatMap(({id, owner, title, progress: told}) => {
    const pace = paces.get(id);
    const progress = pace ?? told;
    if (progress === null) return [line(span(`${id} `, 'strong'), 'starting', `  ${title} (${owner})`)];
    const left = progress.secondsLeft === null ? '' : ` ${duration(progress.secondsLeft)} left`;
    return [
      line(
        span(`${id} `, 'strong'),
        ...bar(progress.done, wide),
        ` ${padded(left, 17)}`,
        span(spark(pace?.paces ?? [], Math.max(0, columns - wide - 36)), 'busy'),
      ),
      line(`  ${progress.stage}`, span(` · ${title} (${owner})`, 'dim')),
    ];
  });
  const more = running.length - runningShown;
  return more > 0 ? [...shown, line(span(`and ${more} more: 2 shows them`, 'dim'))] : shown;
}

/** What came to its end last. */
function latelyLines({jobs, now}: Model): readonly Line[] {
  const over = jobs.items.slice(0, latelySought).flatMap(({id, title, state}) => {
    return 'at' in state && state.is !== 'deleted' ? [{id, title, state, at: state.at}] : [];
  });
  const shown = over.toSorted((a, b) => b.at - a.at).slice(0, latelyShown);
  if (shown.length === 0) return [line(span('nothing yet', 'dim'))];
  return shown.map(({id, title, state, at}) =>
    line(
      span(`${id} `, 'strong'),
      span(
        padded(stateName(state.is), 10),
        state.is === 'done' ? 'good' : state.is === 'cancelled' ? 'dim' : 'bad',
      ),
      `${padded(age(now - at), 7, 'right')} ago  ${title}`,
    ),
  );
}

function processorLine({processors}: Status): Line {
  const {count: all, busy, slots, busySlots} = processors;
  const words = ` ${count(all, 'processor')}, ${busySlots} of ${count(slots, 'slot')} taken`;
  return busy === null ? line(words.trim()) : line(...bar(busy, barColumns, toneOf(busy)), words);
}

function memoryLine({memory}: Status): Line {
  const {totalBytes, freeBytes, daemonBytes} = memory;
  const share = totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes;
  return line(
    ...bar(share, barColumns, toneOf(share)),
    ` ${size(freeBytes)} of ${size(totalBytes)} free · daemon ${size(daemonBytes)}`,
  );
}

function gpuLines({gpus}: Status): readonly Line[] {
  if (gpus.length === 0) return [line(span('none: engines work on the processor', 'dim'))];
  return gpus.map(({name, totalBytes, freeBytes, busy, celsius, job}) => {
    const memory = freeBytes === null ? size(totalBytes) : `${size(freeBytes)} of ${size(totalBytes)} free`;
    const heat = celsius === null ? '' : ` · ${celsius} °C`;
    const whose = job === null ? ' · no job holds it' : ` · held by ${job}`;
    const figures = busy === null ? [] : [...bar(busy, barColumns, toneOf(busy)), ' '];
    return line(...figures, `${name} · ${memory}${heat}${whose}`);
  });
}

function networkLine({network}: Status): Line {
  if (network === null) return line(span('not known yet', 'dim'));
  return line(`↓ ${size(network.receivedBytesPerSecond)}/s  ↑ ${size(network.sentBytesPerSecond)}/s`);
}

function diskLines({disks}: Status, {held, now}: Model): readonly Line[] {
  if (disks.length === 0) return [line(span('not known', 'dim'))];
  return disks.flatMap(({what, path, freeBytes, totalBytes, low}) => {
    const share = totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes;
    const filled = held.storage?.value?.disks.find(disk => disk.path === path);
    const kinds = filled?.filled.filter(({bytes}) => bytes > 0).slice(0, 5) ?? [];
    const told = kinds.map(({kind, bytes}) => ` · ${kindName(kind)} ${size(bytes)}`).join('');
    return [
      line(
        ...bar(share, barColumns, low ? 'bad' : toneOf(share)),
        low ? span(' LOW', 'bad') : '',
        ` ${size(freeBytes)} of ${size(totalBytes)} free · ${what} (${path})`,
      ),
      ...(filled === undefined
        ? []
        : [line(span(`  ${trendText(filled.trend, now)}`, fullTone(filled, now)), span(told, 'dim'))]),
    ];
  });
}

function pushLines({push}: Status, now: number): readonly Line[] {
  switch (push.is) {
    case 'off':
      return [line(span(`off: ${push.why}`, 'dim'))];
    case 'on': {
      const last = push.last.slice(0, pushesShown);
      return [
        line(`${push.server} · ${push.waiting} waiting${last.length === 0 ? ' · none sent yet' : ''}`),
        ...(push.trouble === null ? [] : [line(span(push.trouble, 'warn'))]),
        ...last.map(({at, title, ok}) =>
          line(span(ok ? 'sent' : 'NOT SENT', ok ? 'dim' : 'warn'), ` ${age(now - at)} ago: ${title}`),
        ),
      ];
    }
    default:
      return unreachable(push);
  }
}

function alertLines({alerts}: Model, columns: number): readonly Line[] {
  if (alerts.length === 0) return [line(span('none', 'good'))];
  return alerts.flatMap(({code, what, fix}) => [
    ...paragraph(`! ${what}`, columns, 'bad'),
    ...paragraph(fix, columns - 2).map(text => line('  ', ...text)),
    line(span(`  press ${alertKey(code)}`, 'key')),
  ]);
}

function downText(model: Model, columns: number): readonly Line[] {
  const {link, held, now, zone, isReadOnly} = model;
  if (link.is !== 'down') return [];
  const {what, fix} = describeApiTrouble(link.trouble);
  const offer = isReadOnly
    ? []
    : [
        line(
          span(' s', 'key'),
          span(link.starting ? ' tries to start it once more' : ' starts it', 'strong'),
        ),
      ];
  const wide = {columns: columns - 2, zone};
  const around = held.around?.value;
  const found = held.diagnosis?.value;
  const doctor = found == null ? ['The doctor is looking …'] : diagnosisLines(found, columns - 2);
  const last = around == null ? [] : downLines(around, wide);
  return [
    line(),
    ...paragraph(` ${what}`, columns, 'bad'),
    ...paragraph(` ${fix}`, columns),
    ...offer,
    ...last.map(text => line(` ${text}`)),
    line(),
    line(span(' Doctor', 'strong')),
    ...doctor.map(text => line(` ${text}`)),
    line(
      span(
        ` Jobs that wait go on when it is up; this was looked at ${age(Math.max(0, now - (held.around?.at ?? now)))} ago`,
        'dim',
      ),
    ),
  ];
}
