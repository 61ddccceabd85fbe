/** Owns the one list of what the doctor looks at, in the order in which it is told. */
import type {Check} from './check.ts';
import {clock} from './clock.ts';
import {confinement, limits} from './confinement.ts';
import {disks} from './disks.ts';
import {port, socket} from './doors.ts';
import {engines} from './engines.ts';
import {folders, secrets} from './folders.ts';
import {inbox} from './inbox.ts';
import {ffmpeg, programs} from './programs.ts';
import {audit, state} from './records.ts';
import {settings} from './settings.ts';

/** The settings first: the others go by them. */
export const checks: readonly Check[] = [
  ...[settings, programs, ffmpeg, engines, confinement, limits],
  ...[folders, secrets, ...disks, inbox],
  ...[clock, state, audit, socket, port],
];
