/** How a pane comes back from wherever it was: how long it took, and what it caught up on, in one sentence. */

import { span } from "../race.js";

const SETTLED = 400; // ms on top of a round trip: by then what had waited is there

export class Absence {
  #left = null; // {at, seq}: when it went, by this page's clock, and after which message
  #until = null; // when it came back, by the clock of all: what was said before is what it missed
  #caught = 0;
  #lost = false;

  /** `name` as people know it; `tell(sentence)`; `trip()` is the link's round trip in ms. */
  constructor(name, tell, trip) {
    Object.assign(this, { name, tell, trip });
  }

  /** It went, having heard all up to `seq`. */
  begin(seq) {
    this.#left ??= { at: performance.now(), seq };
  }

  /** It came back, in this way. */
  end(how) {
    if (!this.#left || this.#until) return;
    const away = span(performance.now() - this.#left.at);
    this.#until = Date.now();
    setTimeout(() => this.#say(`${this.name} ${how} after ${away}.`), SETTLED + this.trip());
  }

  /** A message came. It may come before it is known here that nothing holds it back any more. */
  took({ at }) {
    if (this.#left && Date.parse(at) <= (this.#until ?? Infinity)) this.#caught += 1;
  }

  lost() {
    this.#lost = true;
  }

  #say(returned) {
    const messages = `${this.#caught} ${this.#caught === 1 ? "message" : "messages"}`;
    const whole = this.#lost ? "" : ": none is missing";
    this.tell(`${returned} ${this.#caught
      ? `It went on after message ${this.#left.seq} and caught up on ${messages}${whole}.`
      : "It had missed nothing."}`);
    this.#left = this.#until = null;
    this.#caught = 0;
    this.#lost = false;
  }
}
