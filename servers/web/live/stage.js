/** The stage: one WebSocket, by which counters come and controls go. It comes back by itself. */

import { backoff, pause } from "../retry.js";

export class Stage {
  #socket = null;
  #failures = 0; // in a row
  #over = false;

  /** `hello()` promises the first frame. `on` has a function for each type of frame, and `down(code)`. */
  constructor(address, hello, on) {
    Object.assign(this, { address, hello, on });
  }

  /** Talk to it until `end`. */
  async follow() {
    while (!this.#over) {
      const first = await this.hello().catch(() => null);
      if (first) this.on.down(await this.#talk(first));
      if (!this.#over) await pause(backoff(this.#failures++));
    }
  }

  /** One conversation; promises the code with which it was closed. */
  #talk(first) {
    const socket = this.#socket = new WebSocket(this.address);
    socket.onopen = () => socket.send(JSON.stringify(first));
    socket.onmessage = ({ data }) => {
      if (this.#failures) this.#failures = 0;
      const { type, ...frame } = JSON.parse(data);
      this.on[type]?.(frame);
    };
    return new Promise((ended) => { socket.onclose = ({ code }) => ended(code); });
  }

  /** Say something; whether it could be said. */
  say(type, frame = {}) {
    const open = this.#socket?.readyState === WebSocket.OPEN;
    if (open) this.#socket.send(JSON.stringify({ type, ...frame }));
    return open;
  }

  /** Begin anew, as somebody else perhaps. */
  again() {
    this.#socket?.close();
  }

  end() {
    this.#over = true;
    this.#socket?.close();
  }
}
