/** Owns keeping a screen on while something goes out: a phone that sleeps stops sending. Only where the browser can. */

export class Awake {
  #wanted = false;
  #lock: WakeLockSentinel | null = null;

  want(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    // A browser lets go of it whenever the page is out of sight.
    if (wanted) document.addEventListener('visibilitychange', this.#settle);
    else document.removeEventListener('visibilitychange', this.#settle);
    this.#settle();
  }

  readonly #settle = (): void => void this.#settled();

  async #settled(): Promise<void> {
    if (!this.#wanted) {
      await this.#lock?.release().catch(() => undefined);
      this.#lock = null;
      return;
    }
    if (document.visibilityState !== 'visible' || (this.#lock !== null && !this.#lock.released)) return;
    // Only pages that came over HTTPS may ask, and a phone that saves its battery says no.
    const lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
    // Nobody may want it any more by the time it comes.
    if (this.#wanted) this.#lock = lock;
    else await lock?.release().catch(() => undefined);
  }
}
