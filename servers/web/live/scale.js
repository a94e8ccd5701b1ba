/** One scale for all bars: what each stands for in ms is `--delay`, what a full one stands for is `--full`. */

import { span } from "../race.js";

const STEPS = [1, 2, 5, 10, 20, 30, 60].map((seconds) => seconds * 1000); // ms of a full bar
const OVER = 1.1; // by so much a bar may be longer than a full one before the step is too small: it is drawn full
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Scale {
  #waiting = new Map(); // bar -> ms, by this page's clock, when what it waits for was sent
  #frame = 0;

  /** `root` carries `--full`; `label` says it; `slowest()` is the longest delay among the bars that matter. */
  constructor(root, label, slowest) {
    Object.assign(this, { root, label, slowest });
  }

  /** Let a bar grow with time, unless motion is unwelcome: then it stays empty until its message is there. */
  grow(bar, since) {
    this.#waiting.set(bar, since);
    this.fit();
  }

  /** A bar that is done, at its length; without one it is only no longer grown. */
  stop(bar, delay) {
    this.#waiting.delete(bar);
    if (delay !== undefined) bar.style.setProperty("--delay", delay);
  }

  /** Choose the step, and draw those that grow. */
  fit() {
    const now = still.matches ? -Infinity : performance.now();
    const longest = Math.max(this.slowest(), ...[...this.#waiting.values()].map((since) => now - since));
    const full = STEPS.find((step) => step * OVER >= longest) ?? STEPS.at(-1);
    this.root.style.setProperty("--full", full);
    this.label.textContent = span(full).replace(".00", "");
    cancelAnimationFrame(this.#frame);
    if (still.matches) return;
    for (const [bar, since] of this.#waiting) bar.style.setProperty("--delay", now - since);
    if (this.#waiting.size) this.#frame = requestAnimationFrame(() => this.fit());
  }
}
