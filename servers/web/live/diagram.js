/** The class as a living picture: the members around the server, a wire to each that is connected, and words on their way.
 *
 *  Two canvases: what stands still most of the time, and the words, which alone are drawn at every frame. */

import { places, sectors } from "./standing.js";

const WAY = 350; // ms that a word takes in the picture from a member to the server, or home: slow enough to be seen
const LONGEST = 8000; // ms that a word waits in the picture at the most
const MOST = 800; // words at once: what is more is not drawn
const NAMED = 40; // members: with more their names would lie upon each other
const EASE = 500; // ms in which a member goes to another place
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const NAMES = { "short-polling": "Short polling", "long-polling": "Long polling", sse: "SSE", websocket: "WebSocket" };

export class Diagram {
  #members = new Map(); // id -> {transport, open, name, x, y, from: [x, y], since}
  #here = []; // as the stage tells of them
  #sectors = [];
  #words = []; // {member, transport, ms, since}
  #lit = new Map(); // id -> when a word of theirs came home (ms)
  #frame = 0;
  #centre = ["", ""];

  constructor(members, words) {
    this.layers = [members, words].map((canvas) => ({ canvas, draw: canvas.getContext("2d") }));
    new ResizeObserver(() => this.#fit()).observe(members.parentElement);
    dark.addEventListener("change", () => this.#fit());
  }

  /** Who is here. */
  show(members, requests) {
    this.#centre = [requests, "requests a second"];
    this.#here = members;
    if (!this.width) return; // there is no picture yet: `#fit` comes back
    const now = performance.now();
    const here = new Map();
    this.#sectors = sectors(members);
    for (const sector of this.#sectors) {
      const spots = places(sector, sector.members.length, this.room);
      sector.members.forEach((one, n) => {
        const [x, y] = this.#at(spots[n].angle, spots[n].radius);
        const before = this.#members.get(one.id);
        const moved = before && (before.x !== x || before.y !== y);
        const from = moved ? this.#place(before, now) : before?.from ?? [x, y];
        here.set(one.id, { ...one, x, y, from, since: moved ? now : before?.since ?? -EASE });
      });
    }
    this.#members = here;
    this.#stand();
    this.#run();
  }

  /** Words that were seen, `{from, transport, ms}`: each goes to the server, waits there as long as it took, and home. */
  move(moves) {
    const since = performance.now();
    for (const { from, transport, ms } of moves) {
      if (!this.#members.has(from) || this.#words.length >= MOST) continue;
      if (still.matches) this.#lit.set(from, since);
      else this.#words.push({ id: from, transport, ms: Math.min(ms, LONGEST), since });
    }
    this.#run();
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.layers[0].canvas.parentElement;
    const scale = Math.min(2, devicePixelRatio);
    for (const { canvas, draw } of this.layers) {
      [canvas.width, canvas.height] = [width * scale, height * scale];
      draw.setTransform(scale, 0, 0, scale, 0, 0);
    }
    const style = getComputedStyle(document.body);
    this.em = parseFloat(style.fontSize);
    this.color = Object.fromEntries(["ink", "paper", "quiet", "edge", ...Object.keys(NAMES).map((name) => `${name}-color`)]
      .map((name) => [name, style.getPropertyValue(`--${name}`)]));
    this.family = style.fontFamily;
    [this.width, this.height] = [width, height];
    this.half = [Math.max(1, width / 2 - 1.6 * this.em), Math.max(1, height / 2 - 1.6 * this.em)];
    this.room = (1.5 * this.em) / Math.min(...this.half); // between two members, so that each marker stands alone
    this.#members.clear();
    this.show(this.#here, this.#centre[0]);
  }

  #at(angle, radius) {
    return [this.width / 2 + Math.cos(angle) * radius * this.half[0], this.height / 2 + Math.sin(angle) * radius * this.half[1]];
  }

  /** Where a member is at a moment: on the way to its place, or there. */
  #place({ x, y, from, since }, now) {
    const t = still.matches ? 1 : Math.min(1, (now - since) / EASE);
    const eased = t * t * (3 - 2 * t);
    return [from[0] + (x - from[0]) * eased, from[1] + (y - from[1]) * eased];
  }

  /** Draw frame after frame, as long as anything moves. */
  #run() {
    if (this.#frame) return;
    const step = (now) => {
      this.#frame = 0;
      if ([...this.#members.values()].some(({ since }) => now - since < EASE + 50)) this.#stand(now);
      if (this.#travel(now)) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** What stands still: wires, markers, names, the server. */
  #stand(now = performance.now()) {
    const { draw } = this.layers[0];
    const [cx, cy] = [this.width / 2, this.height / 2];
    draw.clearRect(0, 0, this.width, this.height);
    for (const { transport, members } of this.#sectors) {
      const spots = members.map(({ id }) => [this.#place(this.#members.get(id), now), this.#members.get(id).open]);
      draw.strokeStyle = draw.fillStyle = this.color[`${transport}-color`];
      draw.lineWidth = this.em / 10;
      draw.globalAlpha = 0.45;
      draw.setLineDash(DASHES[transport].map((part) => part * this.em));
      draw.beginPath();
      for (const [[x, y], open] of spots) if (open) { draw.moveTo(cx, cy); draw.lineTo(x, y); }
      draw.stroke();
      draw.globalAlpha = 1;
      draw.setLineDash([]);
      for (const open of [true, false]) {
        draw.beginPath();
        for (const [[x, y]] of spots.filter((spot) => spot[1] === open)) MARKERS[transport](draw, x, y, 0.42 * this.em);
        if (open) draw.fill(); else draw.stroke();
      }
    }
    if (this.#members.size <= NAMED) this.#names(draw, now);
    this.#server(draw, cx, cy);
    for (const sector of this.#sectors) this.#name(draw, sector);
    this.#light(draw, now);
  }

  #server(draw, x, y) {
    draw.fillStyle = this.color.paper;
    draw.strokeStyle = this.color.ink;
    draw.lineWidth = this.em / 8;
    draw.beginPath();
    draw.arc(x, y, this.hub, 0, 2 * Math.PI);
    draw.fill();
    draw.stroke();
    draw.fillStyle = this.color.ink;
    draw.textAlign = "center";
    draw.textBaseline = "middle";
    this.#write(draw, "600", 1.5, this.#centre[0], x, y - 0.25 * this.em);
    draw.fillStyle = this.color.quiet;
    this.#write(draw, "400", 0.7, this.#centre[1], x, y + 0.85 * this.em);
  }

  get hub() {
    return 3.4 * this.em;
  }

  #write(draw, weight, size, text, x, y) {
    draw.font = `${weight} ${size * this.em}px ${this.family}`;
    draw.fillText(text, x, y);
  }

  /** Who gave a name, where names are shown and there is room. */
  #names(draw, now) {
    draw.fillStyle = this.color.quiet;
    draw.textAlign = "center";
    for (const member of this.#members.values()) {
      const [x, y] = this.#place(member, now);
      if (!member.name) continue;
      draw.font = `${0.65 * this.em}px ${this.family}`;
      const half = draw.measureText(member.name).width / 2;
      this.#write(draw, "400", 0.65, member.name, Math.min(this.width - half, Math.max(half, x)), y + this.em);
    }
  }

  /** The name of a sector, before its wires, with the number of those who are in it. */
  #name(draw, { transport, members, from, to }) {
    const angle = (from + to) / 2;
    const text = `${NAMES[transport]} ${members.length}`;
    draw.font = `600 ${this.em}px ${this.family}`;
    const width = draw.measureText(text).width + 1.9 * this.em;
    const out = this.hub + 1.3 * this.em;
    const x = this.width / 2 + Math.cos(angle) * (out + width / 2);
    const y = this.height / 2 + Math.sin(angle) * (out + 0.3 * this.em);
    draw.fillStyle = this.color.paper;
    draw.beginPath();
    draw.roundRect?.(x - width / 2, y - 0.8 * this.em, width, 1.6 * this.em, 0.8 * this.em);
    draw.fill();
    draw.fillStyle = this.color[`${transport}-color`];
    draw.beginPath();
    MARKERS[transport](draw, x - width / 2 + 0.8 * this.em, y, 0.42 * this.em);
    draw.fill();
    draw.fillStyle = this.color.ink;
    draw.textAlign = "left";
    this.#write(draw, "600", 1, text, x - width / 2 + 1.5 * this.em, y + 0.05 * this.em);
  }

  /** Without motion: a ring about whoever saw a word of theirs in the last second. */
  #light(draw, now) {
    draw.strokeStyle = this.color.ink;
    draw.lineWidth = this.em / 8;
    for (const [id, since] of this.#lit) {
      const member = this.#members.get(id);
      if (!member || now - since > 1000) { this.#lit.delete(id); continue; }
      draw.beginPath();
      draw.arc(member.x, member.y, 0.8 * this.em, 0, 2 * Math.PI);
      draw.stroke();
    }
  }

  /** The words at this moment. Whether there is anything that will move. */
  #travel(now) {
    const { draw } = this.layers[1];
    draw.clearRect(0, 0, this.width, this.height);
    this.#words = this.#words.filter(({ id, ms, since }) => this.#members.has(id) && now - since < 2 * WAY + ms);
    const by = new Map(Object.keys(NAMES).map((name) => [name, []]));
    for (const word of this.#words) by.get(word.transport).push(this.#word(word, now));
    for (const [transport, spots] of by) {
      draw.fillStyle = this.color[`${transport}-color`];
      draw.beginPath();
      for (const [x, y] of spots) { draw.moveTo(x, y); draw.arc(x, y, 0.26 * this.em, 0, 2 * Math.PI); }
      draw.fill();
    }
    return this.#words.length > 0 || [...this.#members.values()].some(({ since }) => now - since < EASE);
  }

  /** Where a word is: on its way to the server's rim, at it, or on its way home. */
  #word({ id, ms, since }, now) {
    const [x, y] = this.#place(this.#members.get(id), now);
    const [cx, cy] = [this.width / 2, this.height / 2];
    const rim = (this.hub + 0.5 * this.em) / Math.hypot(x - cx, y - cy);
    const passed = now - since;
    const out = Math.min(1, passed / WAY, Math.max(0, (2 * WAY + ms - passed) / WAY));
    const share = 1 - (1 - rim) * out;
    return [cx + (x - cx) * share, cy + (y - cy) * share];
  }
}

/** The dashes of palette.css, in em, and its markers, about a point. */
const DASHES = { "short-polling": [], "long-polling": [0.5, 0.3], sse: [0.12, 0.25], websocket: [0.6, 0.2, 0.12, 0.2] };
const MARKERS = {
  "short-polling": (draw, x, y, r) => { draw.moveTo(x + r, y); draw.arc(x, y, r, 0, 2 * Math.PI); },
  "long-polling": (draw, x, y, r) => draw.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  sse: (draw, x, y, r) => {
    draw.moveTo(x, y - r * 1.15);
    draw.lineTo(x + r * 1.15, y + r * 0.95);
    draw.lineTo(x - r * 1.15, y + r * 0.95);
    draw.closePath();
  },
  websocket: (draw, x, y, r) => {
    draw.moveTo(x, y - r * 1.3);
    draw.lineTo(x + r * 1.3, y);
    draw.lineTo(x, y + r * 1.3);
    draw.lineTo(x - r * 1.3, y);
    draw.closePath();
  },
};
