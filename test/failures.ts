/** Owns one failure of every reason, and one reason to wait of every kind, as they happen. */
import type {Failure} from '../appliance/failure.ts';
import type {Wait} from '../appliance/wait.ts';

const path = '/films/A "film" 映画.mp4';
const limits = ['job', 'stage', 'silence', 'processor', 'memory', 'file'] as const;

export const failures: readonly Failure[] = [
  {reason: 'no-such-file', path},
  {reason: 'is-a-folder', path},
  {reason: 'not-a-file', path},
  {reason: 'unreadable', path, detail: 'EACCES'},
  {reason: 'empty-file', path},
  {reason: 'not-media', path, detail: 'it is text'},
  {reason: 'playlist', path, format: 'hls'},
  {reason: 'truncated', path, detail: 'no moov'},
  {reason: 'no-video', path},
  {reason: 'too-long', path, seconds: 5400, mostSeconds: 3600},
  {reason: 'no-audio', path},
  {reason: 'no-duration', path},
  {reason: 'no-speech', path},
  {reason: 'unsupported-pair', from: 'Korean', to: 'Thai', pairs: ['en-es', 'es-en']},
  {reason: 'unsupported-pair', from: 'Korean', to: 'Spanish', pairs: []},
  {reason: 'same-language', language: 'Spanish'},
  {reason: 'bad-subtitles', path: 'film.srt', line: 12, detail: 'no time'},
  {reason: 'disk-full', path, neededBytes: 4.25e9, freeBytes: 12.1e6},
  {reason: 'disk-full', path, neededBytes: 4.25e9, freeBytes: 4e9, noInodes: true},
  {reason: 'not-writable', path, detail: 'read-only'},
  {reason: 'nothing-to-edit', path},
  {reason: 'which-to-edit', path, titles: ['a.es', 'b.es']},
  {reason: 'no-such-line', line: 9, lines: 3},
  {reason: 'no-such-speaker', speaker: 'S9', speakers: ['S1', 'S2']},
  {reason: 'no-such-voice', voice: 'espeak-ng:f9', voices: ['espeak-ng:f2']},
  {reason: 'engine-missing', kind: 'translator', engines: [{name: 'apertium', why: 'not installed'}]},
  {reason: 'tool-failed', tool: 'ffmpeg', stage: 'mix', exit: 'exit 1', stderr: 'a secret\nlast word\n'},
  {reason: 'bad-output', path, detail: 'it is short'},
  {reason: 'busy', path, pid: 4711},
  {reason: 'worker-lost', exit: 'signal SIGKILL', stderr: 'a secret\nlast word'},
  ...limits.map(limit => ({reason: 'limit', limit, allowed: 7.5e6, node: 'mix@3'}) as const),
  {reason: 'wire-broken', detail: 'answered twice'},
  {reason: 'stopped'},
  {reason: 'bug', detail: 'no scene 3'},
];

const short = {neededBytes: 4e9, freeBytes: 1.26e9};

/** As of the moment 0. */
export const waits: readonly Wait[] = [
  {is: 'queue-paused'},
  {is: 'draining'},
  {is: 'folder-away', path: '/mnt/films'},
  {is: 'resting', until: 180_000, lost: 1},
  {is: 'resting', until: 180_000, lost: 2},
  {is: 'owner-cap', running: 1, cap: 1},
  {is: 'behind', ahead: 0, running: 3},
  {is: 'behind', ahead: 0, running: 0},
  {is: 'behind', ahead: 1, running: 73},
  {is: 'behind', ahead: 12, running: 73},
  {is: 'processors', freeSlots: 1, neededSlots: 2, mostSlots: 64},
  {is: 'processors', freeSlots: 2, neededSlots: 8, mostSlots: 4},
  {is: 'memory', ...short, mostBytes: 8e9},
  {is: 'memory', ...short, mostBytes: 2e9},
  {is: 'gpu', ...short, mostBytes: 8e9},
  {is: 'gpu', ...short, mostBytes: 0},
  {is: 'low-disk', ...short, minimumBytes: 5e9, mostBytes: 8e9},
  {is: 'low-disk', ...short, minimumBytes: 5e9, mostBytes: 2e9},
];
