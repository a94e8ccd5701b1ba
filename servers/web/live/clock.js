/** The server's clock and this page's are one, as long as both are on one machine: then the server's stamp tells how long
 *  a message took that was not written here. Whatever was written here shows whether it is so. */

const EXACT = 20; // ms by which a stamp may be off: it is in whole ms, and so is this clock

export class Clock {
  #opened = Date.now();
  #one = true;

  /** How long ago this was stamped, in ms; null for what is older than the page, or where the clocks are two. */
  since(at) {
    const stamped = Date.parse(at);
    return this.#one && stamped >= this.#opened ? Math.max(0, Date.now() - stamped) : null;
  }

  /** A message of our own came after `delay` ms: it was stamped between. */
  check(at, delay) {
    const stamped = Date.parse(at);
    const now = Date.now();
    if (stamped > now + EXACT || stamped < now - delay - EXACT) this.#one = false;
  }
}
