/** Send to see as a strip for each transport: every echo a mark on one logarithmic scale, and a bar at the median. */

import { span } from "../race.js";

const [LEAST, MOST] = [3, 12_000]; // ms: less than a frame, and more than the longest wait for a poll
const TICKS = [10, 100, 1000, 10_000];
const SVG = "http://www.w3.org/2000/svg";

/** Where a delay lies on the scale, as a share in per cent. */
const along = (ms) => `${100 * Math.min(1, Math.max(0, Math.log(ms / LEAST) / Math.log(MOST / LEAST)))}%`;

export class Strips {
  #drawn = new Map(); // transport -> what is shown, so that the same is not drawn again

  constructor(table) {
    this.table = table;
    table.querySelector(".scale").replaceChildren(picture(TICKS.map((ms) =>
      shape("text", { x: along(ms), y: "0.9em", "text-anchor": "middle" }, span(ms).replace(".00", "")))));
  }

  /** Show `{transport: {n, p50, p95, recent: [ms…]}}`. */
  show(echo) {
    for (const [transport, { n, p50, p95, recent }] of Object.entries(echo)) {
      const now = `${n} ${p50} ${p95}`;
      if (this.#drawn.get(transport) === now) continue;
      this.#drawn.set(transport, now);
      const row = this.table.querySelector(`[data-transport=${transport}]`);
      const ticks = TICKS.map((ms) => shape("line", { class: "tick", x1: along(ms), x2: along(ms), y1: "0", y2: "100%" }));
      const marks = recent.map((ms, i) => shape("circle", { cx: along(ms), cy: `${28 + 44 * ((i * 0.618) % 1)}%`, r: "0.22em" }));
      const median = n ? [shape("line", { class: "median", x1: along(p50), x2: along(p50), y1: "8%", y2: "92%" })] : [];
      row.querySelector(".strip").replaceChildren(picture([...ticks, ...marks, ...median]));
      row.querySelector("[data-figure=p50]").textContent = n ? span(p50) : "–";
      row.querySelector("[data-figure=p95]").textContent = n ? span(p95) : "–";
    }
  }
}

function picture(shapes) {
  const svg = shape("svg", { "aria-hidden": "true" });
  svg.append(...shapes);
  return svg;
}

function shape(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
