/** How long one's own words took from sending to seeing, as bars to one scale, the newest first. */

import { copy } from "../pane.js";
import { span } from "../race.js";

const FULL = 1000; // ms of a full bar, at the least
const KEPT = 6; // bars: so many ways to compare fit on a phone
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Echoes {
  #echoes = []; // {id, transport, began, ms, line}, the newest first
  #frame = 0;

  /** `section` holds a list, the words of its scale, and a status line for who cannot see the bars. */
  constructor(section) {
    this.list = section.querySelector("ol");
    this.scale = section.querySelector("[data-figure=scale]");
    this.last = section.querySelector("[data-figure=last]");
  }

  /** A word was sent, by a transport, now (ms, by this page's clock). */
  start(id, transport, text, now) {
    const line = copy("#echo");
    line.className = transport;
    line.querySelector("span").textContent = text;
    this.list.prepend(line);
    this.#echoes.unshift({ id, transport, began: now, ms: null, line });
    for (const old of this.#echoes.splice(KEPT)) old.line.remove();
    this.scale.parentElement.hidden = false;
    this.#draw();
  }

  /** It was seen, `ms` after it was sent. */
  arrive(id, ms) {
    const echo = this.#echoes.find((one) => one.id === id);
    if (!echo) return;
    echo.ms = ms;
    echo.line.querySelector("b").textContent = span(ms);
    this.last.textContent = `Seen after ${span(ms)}.`;
    this.#draw();
  }

  /** What keeps it. */
  state(id, words) {
    const echo = this.#echoes.find((one) => one.id === id);
    if (echo && echo.ms === null) echo.line.querySelector("b").textContent = words;
  }

  /** It will not come any more. */
  give(id, words) {
    this.state(id, words);
    this.#echoes.filter((one) => one.id === id).forEach((echo) => { echo.ms ??= 0; });
    this.last.textContent = words;
    this.#draw();
  }

  /** A bar that waits grows with time, unless motion is unwelcome: then it is drawn when its word is. */
  #draw() {
    const now = performance.now();
    const waiting = this.#echoes.some(({ ms }) => ms === null) && !still.matches;
    const length = ({ ms, began }) => ms ?? (still.matches ? 0 : now - began);
    const full = Math.max(FULL, ...this.#echoes.map(length));
    for (const echo of this.#echoes) {
      const bar = echo.line.querySelector(".bar i");
      bar.style.setProperty("--share", length(echo) / full);
      bar.classList.toggle("waiting", echo.ms === null);
    }
    this.scale.textContent = span(full);
    cancelAnimationFrame(this.#frame);
    if (waiting) this.#frame = requestAnimationFrame(() => this.#draw());
  }
}
