/** What was written here and is not in the log yet. */

import { backoff, pause } from "./retry.js";
import { Refusal } from "./room.js";

const PATIENCE = 10; // seconds for an acknowledgement

/** A name for a message that no other has: 128 random bits. (`randomUUID` is not there on plain http.) */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends in turn, so that the log has the order in which they were written; each again, under the same id, until it is
 *  acknowledged, seen in the log, or refused. */
export class Outbox {
  #queue = [];

  /** `send(draft)` promises a receipt; `view.state(item, word, why)` draws an item {draft, seen, receipt}. */
  constructor(send, view) {
    this.send = send;
    this.view = view;
  }

  add(draft) {
    const item = { draft, seen: false, receipt: null };
    this.view.state(item, "sending");
    this.#queue.push(item);
    if (this.#queue.length === 1) this.#work();
    return item;
  }

  async #work() {
    while (this.#queue.length) {
      await this.#deliver(this.#queue[0]);
      this.#queue.shift();
    }
  }

  async #deliver(item) {
    for (let failures = 0; !item.seen; failures += 1) {
      try {
        const late = pause(PATIENCE).then(() => { throw new Error("No acknowledgement came."); });
        item.receipt = await Promise.race([this.send(item.draft), late]);
        if (!item.seen) this.view.state(item, "sent");
        return;
      } catch (error) {
        if (error instanceof Refusal) return this.view.state(item, "refused", error.message);
      }
      if (!item.seen) this.view.state(item, "trying again");
      await pause(backoff(failures));
    }
  }
}
