/** What a second takes, by transport, over the last three minutes. */

import { bytes, count } from "./rates.js";

const SPAN = 180; // seconds
const TRANSPORTS = ["short-polling", "long-polling", "sse", "websocket"];
const DASHES = [[], [8, 5], [2, 4], [9, 3, 2, 3]]; // px, as in palette.css
const FORMATS = { requests: count, bytes };
const { uPlot } = window; // a script of its own, loaded before
const dark = matchMedia("(prefers-color-scheme: dark)");

export class Timeline {
  #seen = []; // {at_s, rates: {transport: {requests, bytes} or null}}, the oldest first
  #what = "requests";
  #chart = null;

  constructor(holder) {
    this.holder = holder;
    new ResizeObserver(() => this.#make()).observe(holder);
    dark.addEventListener("change", () => this.#make());
  }

  take(at_s, rates) {
    this.#seen.push({ at_s, rates });
    while (at_s - this.#seen[0].at_s > SPAN) this.#seen.shift();
    this.#draw();
  }

  /** `requests` or `bytes`. */
  choose(what) {
    this.#what = what;
    this.#draw();
  }

  #draw() {
    const now = this.#seen.at(-1)?.at_s;
    this.#chart?.setData([
      this.#seen.map(({ at_s }) => at_s - now),
      ...TRANSPORTS.map((transport) => this.#seen.map(({ rates }) => rates[transport]?.[this.#what] ?? null)),
    ]);
  }

  #make() {
    this.#chart?.destroy();
    this.#chart = null;
    const { clientWidth: width, clientHeight: height } = this.holder;
    if (!width || !height) return;
    const style = getComputedStyle(this.holder);
    const [em, color] = [parseFloat(style.fontSize), (name) => style.getPropertyValue(`--${name}`).trim()];
    const axis = { stroke: color("quiet"), font: `${0.85 * em}px ${style.fontFamily}`, ticks: { show: false } };
    this.#chart = new uPlot({
      width, height, legend: { show: false }, cursor: { show: false }, padding: [em / 2, em, 0, 0],
      scales: { x: { time: false, range: [-SPAN, 0] }, y: { range: (_, least, most) => [0, 1.1 * Math.max(1, most)] } },
      axes: [
        { ...axis, size: 1.7 * em, grid: { show: false }, splits: () => [-180, -120, -60, 0],
          values: (_, at) => at.map((s) => (s ? `${-s / 60} min ago` : "now")) },
        { ...axis, size: 3.6 * em, space: 2 * em, grid: { stroke: color("rule"), width: 1 },
          values: (_, at) => at.map((value) => (value ? FORMATS[this.#what](value) : "0")) },
      ],
      series: [{}, ...TRANSPORTS.map((transport, n) => (
        { stroke: color(`${transport}-color`), width: 2.5, dash: DASHES[n], points: { show: false } }))],
    }, [[], [], [], [], []], this.holder);
    this.#draw();
  }
}
