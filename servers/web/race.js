/** Who hears first: how long it takes until each pane has drawn what was sent here, as bars to one scale. */

const FULL = 1000; // ms of a full bar, at the least: the interval that short polling begins with
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A time span for people: 8 ms, 0.42 s. Its number and its unit stay on a line. */
export function span(ms) {
  return ms < 100 ? `${Math.max(1, Math.round(ms))}\u00a0ms` : `${(ms / 1000).toFixed(2)}\u00a0s`;
}

export class Race {
  #started = 0;
  #arrived = new Map(); // bar -> ms
  #frame = 0;

  /** `bars`: an element for each pane (none: no race); `scale`: the element that says what a full one is. */
  constructor(bars, scale) {
    this.bars = bars;
    this.scale = scale;
  }

  start(now) {
    this.#started = now;
    this.#arrived.clear();
    this.#draw();
  }

  arrive(bar, ms) {
    this.#arrived.set(bar, ms);
    this.#draw();
  }

  /** A bar that waits grows with time, unless motion is unwelcome: then it is drawn when its message is. */
  #draw() {
    if (!this.bars.length) return;
    const waiting = this.#arrived.size < this.bars.length;
    const elapsed = waiting && !still.matches ? performance.now() - this.#started : 0;
    const full = Math.max(FULL, elapsed, ...this.#arrived.values());
    for (const bar of this.bars) {
      bar.style.setProperty("--share", (this.#arrived.get(bar) ?? elapsed) / full);
      bar.classList.toggle("waiting", !this.#arrived.has(bar));
    }
    this.scale.textContent = span(full);
    cancelAnimationFrame(this.#frame);
    if (waiting && !still.matches) this.#frame = requestAnimationFrame(() => this.#draw());
  }
}
