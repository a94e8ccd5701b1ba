/** The controls: what the stage can turn and do, and one sentence each of what to watch. */

import { $ } from "../pane.js";

const EVERY = 100; // ms between two values of a dial that is being turned
const OURS = 600; // ms for which a dial that was turned here does not follow what the stage had before
const UNITS = {
  poll_s: (value) => `${value}\u00a0s`,
  rtt_ms: (value) => `${value}\u00a0ms`,
  jitter_ms: (value) => `${value}\u00a0ms`,
  robot_per_s: (value) => (value ? `${value} a second` : "nothing"),
  robot_bytes: (value) => `${value.toLocaleString("en")}\u00a0B`,
};

export class Dials {
  #at = new Map(); // control -> value
  #turned = new Map(); // control -> ms, when it was turned here
  #waiting = new Map(); // control -> timer of the value that goes out next

  /** `stage` hears of it; `turned(control, value)` is told at once. */
  constructor(box, stage, turned) {
    Object.assign(this, { box, stage, turned });
    for (const input of this.#inputs()) {
      input.addEventListener("input", () => this.#turn(input));
      this.#show(input);
    }
    for (const kind of ["pointerover", "focusin", "input"]) document.addEventListener(kind, ({ target }) => this.#watch(target));
  }

  /** What the stage says that the dials are at. */
  follow(controls) {
    for (const input of this.#inputs()) {
      const [least, most] = controls.limits[input.id];
      input.min = Math.max(least, input.min);
      input.max = Math.min(most, input.max);
      if (performance.now() - (this.#turned.get(input.id) ?? -Infinity) < OURS) continue;
      if (this.#at.get(input.id) === controls[input.id]) continue;
      this.#at.set(input.id, controls[input.id]);
      input.value = controls[input.id];
      this.#show(input);
      this.turned(input.id, Number(input.value));
    }
  }

  /** Without a stage only what this page does by itself can be turned. */
  set manned(yes) {
    for (const control of document.querySelectorAll("[data-stage-only]")) control.disabled = !yes;
  }

  #inputs() {
    return [...this.box.querySelectorAll("input")];
  }

  #turn(input) {
    this.#at.set(input.id, Number(input.value));
    this.#turned.set(input.id, performance.now());
    this.#show(input);
    this.turned(input.id, Number(input.value));
    if (this.#waiting.has(input.id)) return;
    this.#waiting.set(input.id, setTimeout(() => {
      this.#waiting.delete(input.id);
      this.stage.say("set", { control: input.id, value: Number(input.value) });
    }, EVERY));
  }

  #show(input) {
    const words = UNITS[input.id](Number(input.value));
    $(`output[for=${input.id}]`, this.box).value = words;
    input.setAttribute("aria-valuetext", words);
  }

  /** Show the sentence of what is pointed at, or turned. */
  #watch(target) {
    const id = target.closest?.("[aria-describedby]")?.getAttribute("aria-describedby");
    if (!id) return;
    for (const sentence of $(".watch", this.box).children) sentence.classList.toggle("shown", sentence.id === id);
  }
}
