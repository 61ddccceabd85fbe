/**
 * Owns being told that something changed in the inbox: once, and then no more until it is set again. It never says what
 * changed; whoever is told looks for himself.
 *
 * Chokidar reads a whole folder at every event in it, and a file that is being copied causes hundreds a second: a third
 * of a processor for one file, all of one for ten thousand. So it watches only while nothing happens, and folders only:
 * a watch for each of ten thousand files takes 70 MB.
 */
import {basename} from 'node:path';
import {type FSWatcher, watch} from 'chokidar';
import {isIgnored} from './names.ts';
import {depthLimit} from './scan.ts';

export interface TripwireCalls {
  /** Set, and nothing goes unnoticed from here on. */
  readonly ready: () => void;
  readonly tripped: () => void;
  /** It cannot watch, as when the system's limit of watches is reached. */
  readonly failed: (cause: unknown) => void;
}

export class Tripwire {
  readonly #root: string;
  readonly #calls: TripwireCalls;
  #watcher: FSWatcher | undefined;

  constructor(root: string, calls: TripwireCalls) {
    this.#root = root;
    this.#calls = calls;
  }

  get isSet(): boolean {
    return this.#watcher !== undefined;
  }

  set(): void {
    if (this.#watcher !== undefined) return;
    const watcher = watch(this.#root, {
      ...{followSymlinks: false, ignoreInitial: true, ignorePermissionErrors: true, atomic: false},
      depth: depthLimit,
      ignored: (path, stats) =>
        (stats !== undefined && !stats.isDirectory()) || (path !== this.#root && isIgnored(basename(path))),
    });
    this.#watcher = watcher;
    watcher.on('ready', () => this.#ifSet(watcher, this.#calls.ready));
    // The events of files are not asked for; what lies behind them all comes as `raw`.
    watcher.on('raw', () => {
      this.#ifSet(watcher, () => {
        void this.release();
        this.#calls.tripped();
      });
    });
    watcher.on('error', cause => {
      this.#ifSet(watcher, () => {
        void this.release();
        this.#calls.failed(cause);
      });
    });
  }

  async release(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    await watcher?.close();
  }

  /** Chokidar may still speak after it was closed. */
  #ifSet(watcher: FSWatcher, call: () => void): void {
    if (this.#watcher === watcher) call();
  }
}
