/** Owns how the whole box looks at a glance, on one screen of 80 columns and 24 lines while little is wrong. Pure. */
import type {InboxSummary, PushState, Queue, Status} from '../../appliance/api/status.ts';
import {unreachable} from '../../appliance/result.ts';
import {printable} from '../clean.ts';
import {field} from '../table.ts';
import {clipped} from '../width.ts';
import {age, count, percent, rate, size} from '../words.ts';
import {progressText, stateName} from './state.ts';

const nameColumns = 11;
const runningShown = 4;
const waitingShown = 3;
const disksShown = 4;

export function statusLines(status: Status, columns: number): readonly string[] {
  const at = (name: string, text: string | readonly string[]): readonly string[] =>
    field(name, text, {nameColumns, columns});
  const {version, pid, started, now, queue, inbox, push, store, audit, alerts} = status;
  return [
    `Dubstead ${version} has been up for ${age(now - started)} (process ${pid}).`,
    '',
    ...at('Queue', [queueText(queue), ...waitingTexts(queue)]),
    ...at('Running', runningTexts(status, columns - nameColumns)),
    ...at('Inbox', inboxText(inbox, now)),
    ...at('Disks', diskTexts(status)),
    ...at('Machine', machineText(status)),
    ...at('GPU', gpuTexts(status)),
    ...at('Network', networkText(status)),
    ...at('Isolation', isolationTexts(status)),
    ...at('Push', pushText(push, now)),
    ...(store.trouble === null ? [] : at('Store', `Changes cannot be stored: ${store.trouble}`)),
    ...(audit.trouble === null ? [] : at('Audit', `Events cannot be written down: ${audit.trouble}`)),
    ...at('Alerts', alerts.length === 0 ? 'none' : alerts.flatMap(({what, fix}) => [what, `  ${fix}`])),
  ];
}

export function queueText({mode, counts}: Queue): string {
  const jobs = Object.entries(counts).flatMap(([name, jobs]) =>
    jobs === 0 ? [] : [`${jobs} ${stateName(name as keyof Queue['counts'])}`],
  );
  return `${modeWords(mode)} · ${jobs.join(', ') || 'no jobs'}`;
}

function modeWords(mode: Queue['mode']): string {
  switch (mode) {
    case 'running':
      return 'open';
    case 'paused':
      return 'paused (dubstead resume lets it go on)';
    case 'draining':
      return 'draining: what runs is finished and nothing new starts';
    default:
      return unreachable(mode);
  }
}

function waitingTexts({waiting}: Queue): readonly string[] {
  const texts = waiting.slice(0, waitingShown).map(({jobs, what}) => {
    return jobs === 1 ? `1 waits: ${what}` : `${jobs} wait, such as: ${what}`;
  });
  const more = waiting.slice(waitingShown).reduce((all, {jobs}) => all + jobs, 0);
  return more === 0 ? texts : [...texts, `${more} wait for other reasons: dubstead jobs --state queued`];
}

/** Two lines a job, cut rather than wrapped. */
function runningTexts({running}: Status, columns: number): readonly string[] {
  if (running.length === 0) return ['nothing'];
  const texts = running.slice(0, runningShown).flatMap(({id, owner, title, progress}) => {
    const how = progress === null ? 'starting' : progressText(progress);
    const whose = ` (${owner})`;
    return [
      clipped(`${id}  ${printable(how)}`, columns),
      `  ${clipped(printable(title), columns - 2 - whose.length)}${whose}`,
    ];
  });
  const more = running.length - runningShown;
  return more > 0 ? [...texts, `and ${more} more: dubstead jobs --state running`] : texts;
}

export function inboxText(inbox: InboxSummary, now: number): string {
  const {folder, state, settling, held, refused} = inbox;
  const files = `${settling} being copied, ${held} waiting, ${refused} refused`;
  switch (state.is) {
    case 'watching':
      return `watching ${folder} · ${files}`;
    case 'polling':
      return `polling ${folder} (${state.why}) · ${files}`;
    case 'offline':
      return `OFFLINE for ${age(now - state.since)}: ${folder}: ${state.why}`;
    default:
      return unreachable(state);
  }
}

function diskTexts({disks}: Status): readonly string[] {
  if (disks.length === 0) return ['not known'];
  const texts = disks.slice(0, disksShown).map(({what, path, freeBytes, totalBytes, low}) => {
    return `${low ? 'LOW: ' : ''}${what} ${size(freeBytes)} of ${size(totalBytes)} free (${path})`;
  });
  const more = disks.length - disksShown;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

function machineText({processors, memory}: Status): string {
  const {busySlots, slots, busy, count: all} = processors;
  const share = busy === null ? '' : ` ${percent(busy)} busy`;
  return [
    `${count(all, 'processor')}${share}, ${busySlots} of ${count(slots, 'slot')} busy`,
    `${size(memory.freeBytes)} of ${size(memory.totalBytes)} memory free`,
    `daemon ${size(memory.daemonBytes)}`,
  ].join(' · ');
}

function gpuTexts({gpus}: Status): readonly string[] {
  if (gpus.length === 0) return ['none'];
  return gpus.map(({name, totalBytes, freeBytes, busy, celsius, job}) => {
    const free = freeBytes === null ? size(totalBytes) : `${size(freeBytes)} of ${size(totalBytes)} free`;
    return [
      `${name}, ${free}`,
      ...(busy === null ? [] : [`${percent(busy)} busy`]),
      ...(celsius === null ? [] : [`${Math.round(celsius)} °C`]),
      ...(job === null ? [] : [`held by ${job}`]),
    ].join(' · ');
  });
}

function networkText({network, remote: {mode, url}}: Status): string {
  const flow =
    network === null
      ? []
      : [`${rate(network.receivedBytesPerSecond)} in, ${rate(network.sentBytesPerSecond)} out`];
  const reach = mode === 'off' ? 'remote access off' : `remote access through ${mode}`;
  return [...flow, url === null ? reach : `${reach} (${url})`].join(' · ');
}

function isolationTexts({isolation}: Status): readonly string[] {
  const {asked, given, lacks} = isolation;
  const text = asked === given ? given : `${given}, though ${asked} was asked for`;
  return [lacks.length === 0 ? text : `${text}; lacking:`, ...lacks.map(lack => `- ${lack}`)];
}

function pushText(push: PushState, now: number): string {
  if (push.is === 'off') return `off: ${push.why}`;
  const sent = push.lastSent === null ? 'none sent yet' : `last sent ${age(now - push.lastSent)} ago`;
  const failed = push.last.filter(({ok}) => !ok).length;
  return [
    `on, through ${push.server}`,
    `${push.waiting} waiting, ${sent}`,
    ...(failed === 0 ? [] : [`${failed} of the last ${push.last.length} did not arrive`]),
    ...(push.trouble === null ? [] : [push.trouble]),
  ].join(' · ');
}
