/** Owns how a running dub looks to whoever started it: a live line in a terminal, plain lines in a pipe. */
import {basename} from 'node:path';
import type {Event, EventOf, Output} from '../appliance/wire.ts';
import {jsonLine, printable} from './clean.ts';
import {clipped} from './width.ts';
import {duration, size} from './words.ts';

export interface View {
  hear(event: Event): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

export interface Screen {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: () => number;
}

/** One JSON object an event, a line each. */
export function jsonView(screen: Pick<Screen, 'write'>): View {
  // A failure is told once, by whoever ends the attempt: a job process that was killed says nothing.
  const hear = (event: Event): void => {
    if (event.is !== 'failed' && event.is !== 'alive') screen.write(jsonLine(event));
  };
  return {hear, close: () => {}};
}

export function dubView(screen: Screen): View {
  return screen.isTerminal ? liveView(screen) : plainView(screen);
}

function liveView(screen: Screen): View {
  let drawn = false;
  const clear = (): void => {
    if (drawn) screen.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    hear(event) {
      if (event.is === 'progress') {
        screen.write(`\r\u001b[2K${clipped(progressLine(event), Math.max(1, screen.columns() - 1))}`);
        drawn = true;
      }
      const said = sentence(event);
      if (said === undefined) return;
      clear();
      screen.write(`${said}\n`);
    },
    close: clear,
  };
}

/** At most one line for each tenth of the way: a log, not a flood. */
function plainView(screen: Screen): View {
  let told = 0;
  return {
    hear(event) {
      const said = sentence(event);
      if (said !== undefined) screen.write(`${said}\n`);
      if (event.is !== 'progress' || Math.floor(event.done * 10) <= told) return;
      told = Math.floor(event.done * 10);
      screen.write(`${progressLine(event)}\n`);
    },
    close: () => {},
  };
}

/** `[#####.....]  48 %  recognising speech · scene 1 of 3 · about 12 s left`. */
export function progressLine({stage, scenes, scenesDone, done, secondsLeft}: EventOf<'progress'>): string {
  const width = 20;
  const full = Math.round(done * width);
  const parts = [
    printable(stage),
    ...(scenes > 1
      ? [scenesDone === scenes ? `${scenes} scenes` : `scene ${scenesDone + 1} of ${scenes}`]
      : []),
    ...(secondsLeft === null ? [] : [`about ${duration(secondsLeft)} left`]),
  ];
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${String(Math.floor(done * 100)).padStart(3)} %  ${parts.join(' · ')}`;
}

function sentence(event: Event): string | undefined {
  if (event.is === 'skipped') return printable(`Skipped: ${event.stage} (${event.why}).`);
  if (event.is === 'note') return printable(event.text);
  if (event.is === 'finished' && event.how === 'degraded')
    return printable(`Made do: ${event.node}: ${event.why}`);
  return undefined;
}

/** What was written, and how good it is. */
export function doneText(
  title: string,
  {
    outputs,
    summary,
  }: {
    readonly outputs: readonly Pick<Output, 'kind' | 'path' | 'bytes'>[];
    readonly summary: readonly string[];
  },
  seconds: number,
): string {
  const width = Math.max(0, ...outputs.map(({kind}) => kind.length));
  return [
    `${basename(title)} is dubbed (${duration(seconds)}).`,
    ...outputs.map(({kind, path, bytes}) => `  ${kind.padEnd(width)}  ${path}  ${size(bytes)}`),
    ...summary.map(line => `  ${line}`),
    '',
  ]
    .map(printable)
    .join('\n');
}
