/** The delivery latencies of the last minute, in the order in which they came. */

const LENGTH = 60_000; // ms

export class Minute {
  #came = []; // [when, latency], both in ms, `when` by this page's clock

  add(latency) {
    this.#came.push([performance.now(), latency]);
  }

  /** What came in the last minute. */
  get came() {
    const begin = performance.now() - LENGTH;
    const first = this.#came.findIndex(([when]) => when > begin);
    this.#came.splice(0, first < 0 ? this.#came.length : first);
    return this.#came;
  }

  /** In ms; 0 when nothing came. */
  get slowest() {
    return this.came.reduce((most, [, latency]) => Math.max(most, latency), 0);
  }

  /** How many, and in ms the fastest, the median and the slowest; null where there is none. */
  get figures() {
    const sorted = this.came.map(([, latency]) => latency).sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const median = sorted.length ? (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2 : null;
    return { count: sorted.length, fastest: sorted[0] ?? null, median, slowest: sorted.at(-1) ?? null };
  }
}
