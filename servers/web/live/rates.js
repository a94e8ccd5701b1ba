/** What a second takes, from totals that come twice a second. */

const SPAN = 5; // seconds that a rate is of: the interval of the slowest poll in the lesson

export class Rates {
  #seen = []; // counters, the oldest first

  /** Take counters; they may have come after a pause, during which nothing was seen. */
  take({ at_s, transports }) {
    this.#seen.push({ at_s, transports });
    while (this.#seen.length > 2 && at_s - this.#seen[1].at_s >= SPAN) this.#seen.shift();
  }

  /** Of a transport `{requests, bytes}` a second, bytes at the IP layer where it is measured; null before there are two. */
  of(transport, layer) {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    const seconds = last?.at_s - first?.at_s;
    if (!(seconds > 0) || !last.transports[transport]) return null;
    const [before, now] = [first.transports[transport] ?? {}, last.transports[transport]];
    const rate = (name) => Math.max(0, (now[name] ?? 0) - (before[name] ?? 0)) / seconds;
    return { requests: rate("requests"), bytes: rate(`${layer}_up`) + rate(`${layer}_down`) };
  }
}

/** A rate of things for people: 0.4, 12, 340. */
export function count(rate) {
  return rate && rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
}

/** Bytes for people: 310 B, 2.4 kB, 31 kB. */
export function bytes(rate) {
  if (rate < 1000) return `${Math.round(rate)}\u00a0B`;
  const [value, unit] = rate < 1e6 ? [rate / 1e3, "kB"] : [rate / 1e6, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0${unit}`;
}
