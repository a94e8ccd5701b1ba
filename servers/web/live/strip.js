/** The delivery latency of the last minute as a strip: a marker for each message, on a scale of powers of ten. */

import { $ } from "../pane.js";
import { span } from "../race.js";

const MINUTE = 60; // s
const TENS = { 1: "1 ms", 10: "10 ms", 100: "0.1 s", 1000: "1 s", 10_000: "10 s" };
const RANGE = [0.5, 20_000]; // ms: room for a marker beyond the first and the last
const MARGIN = 1.5; // s: the same at the right
const MANY = 100; // markers that can stand apart, each with a rim; more are smaller, and without
const [SIZE, SMALL] = [0.36, 0.22]; // of the text's size: half a marker

const MARKERS = {
  circle: (path, x, y, r) => { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); },
  square: (path, x, y, r) => path.rect(x - r, y - r, 2 * r, 2 * r),
  triangle: (path, x, y, r) => corners(path, [x, y - 1.2 * r], [x + 1.2 * r, y + r], [x - 1.2 * r, y + r]),
  diamond: (path, x, y, r) => corners(path, [x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]),
};

function corners(path, first, ...others) {
  path.moveTo(...first);
  for (const corner of others) path.lineTo(...corner);
  path.closePath();
}

export class Strip {
  #plot = null;
  #empty = false;

  /** `box` is drawn into; `minute` is what came; the colours and the marker are those of the pane around it. */
  constructor(box, minute, name) {
    Object.assign(this, { box, minute, name });
    this.style = getComputedStyle(box);
    new ResizeObserver(() => this.#make()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
  }

  /** Draw what came until now; nothing is done as long as nothing comes. */
  draw() {
    const { came } = this.minute;
    if (!this.#plot || (this.#empty && !came.length)) return;
    this.#empty = !came.length;
    const now = performance.now();
    const ages = came.map(([when]) => (when - now) / 1000);
    const latencies = came.map(([, latency]) => Math.max(1, latency));
    this.#plot.setData([[-MINUTE, ...ages, 0], [null, ...latencies, null]]);
  }

  /** Say it in words, for whoever does not see it; and the median for the back row. */
  say() {
    const { count, median, slowest } = this.minute.figures;
    const words = count ? `${count} ${count === 1 ? "message" : "messages"}, median ${span(median)}, slowest ${span(slowest)}` : "no messages";
    this.box.ariaLabel = `Delivery latency by ${this.name} in the last minute: ${words}`;
    $("[data-figure=median]", this.box.closest(".pane")).textContent = count ? span(median) : "–";
  }

  #colour(name) {
    return () => this.style.getPropertyValue(name).trim();
  }

  #make() {
    this.#plot?.destroy();
    this.#empty = false;
    const { clientWidth: width, clientHeight: height } = this.box;
    const em = parseFloat(this.style.fontSize);
    const quiet = this.#colour("--quiet");
    const rule = { stroke: this.#colour("--rule"), width: 1 };
    const draw = MARKERS[this.style.getPropertyValue("--marker").trim()];
    const markers = (plot, series, from, to) => {
      const path = new Path2D();
      const [xs, ys] = plot.data;
      const many = xs.length > MANY;
      const r = (many ? SMALL : SIZE) * em * devicePixelRatio;
      for (let i = from; i <= to; i += 1) {
        if (ys[i] === null) continue;
        draw(path, plot.valToPos(xs[i], "x", true), plot.valToPos(ys[i], "y", true), r);
      }
      return many ? { fill: path } : { fill: path, stroke: path };
    };
    this.#plot = new uPlot({
      width, height, padding: [em / 2, 0, em / 2, 0], legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false, range: () => [-MINUTE, MARGIN] }, y: { distr: 3, range: () => RANGE } },
      axes: [
        { show: false },
        {
          stroke: quiet, grid: rule, ticks: { show: false }, font: `${em}px ${this.style.fontFamily}`, size: 3.2 * em, gap: em / 4,
          splits: () => Object.keys(TENS).map(Number), values: (_, splits) => splits.map((split) => TENS[split]),
          filter: (_, splits) => splits,
        },
      ],
      series: [{}, { fill: this.#colour("--color"), stroke: this.#colour("--paper"), width: 0.75, paths: markers, points: { show: false } }],
    }, [[-MINUTE, 0], [null, null]], this.box);
    this.draw();
  }
}
