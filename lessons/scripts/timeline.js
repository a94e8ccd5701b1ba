"use strict";
/* <wait-timeline>: one stream of messages seen through all four transports, as sequence diagrams that share a clock. */

(() => {
  const { html, svg, data, none, seconds, bytes, plain, count, asSeconds, asMilliseconds, asRate } = pollsApart.drawing;
  const { named, slider, button, choice, speaker, table, numbers } = pollsApart.drawing;
  const { transports, titles } = pollsApart.model;
  const { moments, random, trips, told, happenings } = pollsApart.stream;
  const { height, lane, curtained, sides, dot, key } = pollsApart.sequence;

  const until = 60; // seconds that the stream lasts
  const begin = 7; // seconds of the first picture, where there is room for them
  const seed = 33; // whose first seconds have a bit of everything
  const pace = 80; // px for a second; a narrow page shows fewer seconds
  const [fewest, most] = [5, 12]; // seconds
  const legend = [
    ["asks", "a question"], ["empty", "an answer with nothing new"], ["news", "an answer with news, or a push"],
    ["held", "the server can speak: somebody waits there"], ["wait", "a message waits at the server"],
  ];

  class WaitTimeline extends HTMLElement {
    connectedCallback() {
      if (this.wire) return;
      this.wire = data("wire");
      this.settings = { interval: 1, rate: 0.75, delay: 0.15, rhythm: false, seed };
      this.build();
      this.reckon();
      this.now = Math.min(begin, Math.floor(0.95 * this.visible()));
      new ResizeObserver(() => this.draw()).observe(this.axis);
    }

    /* ---- what stands on the page ---- */

    build() {
      const set = (name) => (value) => {
        this.settings[name] = value;
        this.reckon();
        this.draw();
      };
      const settled = () => this.say();
      const dial = (name, label, words, values) =>
        slider({ label, values, value: this.settings[name], words, changed: set(name), settled });
      const change = (name) => (value) => {
        set(name)(value);
        settled();
      };
      this.play = button("Play", () => this.toggle(), { class: "play" });
      this.clock = html("span", { class: "clock" });
      this.spoken = speaker();
      this.lanes = Object.fromEntries(transports.map((transport) => [transport, this.place(transport)]));
      this.events = svg("svg", { class: "strip events", height: 22, "aria-hidden": "true" });
      this.axis = svg("svg", { class: "strip axis", height: 26, "aria-hidden": "true" });
      this.behind = numbers("The numbers in this picture");
      this.behind.addEventListener("toggle", () => this.tell());
      this.replaceChildren(html("figure", { class: "widget timeline" },
        html("figcaption", {}, "One stream of messages, heard four ways"),
        html("div", { class: "sliders" },
          dial("interval", "Poll interval", asSeconds, [0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5]),
          dial("rate", "Messages", asRate, [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5]),
          dial("delay", "Link delay", asMilliseconds, [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])),
        html("div", { class: "buttons" }, this.play,
          button("Next event", () => this.step()), button("From the start", () => this.jump(0)),
          button("Another stream", () => change("seed")(this.settings.seed + 1)),
          choice("checkbox", "in a fixed rhythm", change("rhythm")), this.clock),
        html("div", { class: "lanes" },
          html("div", { class: "head" }, html("b", {}, "Messages reach the server")), this.events,
          ...transports.flatMap((transport) => [this.lanes[transport].head, this.lanes[transport].strip]), this.axis),
        html("ul", { class: "legend" }, ...legend.map(([kind, words]) => html("li", {}, key(kind), words))),
        this.gap = html("p", { class: "told" }),
        this.spoken, this.behind));
    }

    place(transport) {
      const figure = (name) => html("dd", { "data-figure": name });
      const parts = { mean: figure("mean"), empty: figure("empty"), asked: figure("asked"), bytes: figure("bytes") };
      const names = { mean: "mean wait", empty: "empty polls", asked: "requests", bytes: "bytes" };
      const figures = Object.entries(names).map(([name, words]) => html("div", {}, html("dt", {}, words), parts[name]));
      const head = html("div", { class: "head", "data-transport": transport },
        html("b", {}, ...named(transport)), html("dl", {}, ...figures));
      const strip = svg("svg", { class: `strip ${transport}`, height, role: "img" });
      return { head, strip, parts };
    }

    /* ---- what happens ---- */

    reckon() {
      const { rate, interval, delay, rhythm, seed } = this.settings;
      this.messages = moments(rate, until, seed, rhythm);
      const given = { interval, delay, phase: interval * random(seed + 1)(), hold: this.wire.times.hold };
      const made = transports.map((transport) => [transport, trips(transport, this.messages, given, until)]);
      this.made = Object.fromEntries(made);
    }

    seen(transport) { return told(this.made[transport], this.messages, this.wire, this.now); }

    toggle() {
      if (this.ticking) return this.stop();
      if (this.now >= until) this.now = 0;
      let before = performance.now();
      const tick = (at) => {
        this.now = Math.min(until, this.now + Math.min(0.1, Math.max(0, at - before) / 1000));
        before = at;
        this.move();
        if (this.now >= until) this.stop(); else this.ticking = requestAnimationFrame(tick);
      };
      this.play.textContent = "Pause";
      this.ticking = requestAnimationFrame(tick);
    }

    stop() {
      cancelAnimationFrame(this.ticking);
      this.ticking = null;
      this.play.textContent = "Play";
      this.say();
    }

    jump(to, words) {
      if (this.ticking) this.stop();
      this.now = to;
      this.move();
      this.say(words);
    }

    /* To the next moment at which something leaves or arrives, in any of the four. */
    step() {
      const happened = happenings(this.made, this.messages).filter(([at]) => at > this.now + 1e-9);
      const next = Math.min(until, ...happened.map(([at]) => at));
      const words = happened.filter(([at]) => at < next + 1e-9).map(([, words]) => words);
      this.jump(next, `At ${next.toFixed(2)} s. ${words.join(". ")}.`);
    }

    say(words) {
      const waits = transports.map((transport) => {
        const { mean } = this.seen(transport);
        return `${titles[transport]} ${mean === null ? "unknown yet" : seconds(mean)}`;
      });
      this.spoken.textContent = words ?? `At ${this.now.toFixed(1)} s the mean wait is: ${waits.join(", ")}.`;
    }

    /* ---- the picture ---- */

    draw() {
      this.width = this.axis.clientWidth;
      if (!this.width) return;
      this.scale = this.width / this.visible();
      this.moving = [];
      const ticks = Array.from({ length: until + 1 }, (_, n) => n);
      this.frame(this.axis, 26, [
        svg("path", { class: "rule", d: ticks.map((n) => `M${this.x(n)} 0v5`).join("") }),
        ...ticks.map((n) => svg("text", { x: this.x(n), y: 19, "text-anchor": n ? "middle" : "start" }, n || "0 s")),
      ], true);
      this.frame(this.events, 22, [
        svg("path", { class: "guide", d: this.messages.map((at) => `M${this.x(at)} 11v11`).join("") }),
        svg("path", { class: "message", d: this.messages.map((at) => dot(this.x(at), 11, 4)).join("") }),
      ]);
      for (const transport of transports) {
        const { strip } = this.lanes[transport];
        this.frame(strip, height, lane(transport, this.made[transport], this.messages, (at) => this.x(at), until));
        strip.append(...sides());
      }
      this.move();
    }

    /* How many seconds the page is wide. */
    visible() { return Math.min(most, Math.max(fewest, this.axis.clientWidth / pace)); }

    x(at) { return Math.round(at * this.scale * 10) / 10; }

    /* A strip's picture, which moves with the clock. */
    frame(strip, tall, parts, whole = false) { this.moving.push(curtained(strip, tall, parts, whole)); }

    /* Only what changes from one moment to the next. */
    move() {
      if (!this.moving) return;
      const at = this.x(this.now);
      const shift = Math.max(0, at - this.width * 0.9);
      for (const { clip, group, hand } of this.moving) {
        clip.setAttribute("width", at);
        group.setAttribute("transform", `translate(${-shift} 0)`);
        hand.setAttribute("x1", at);
        hand.setAttribute("x2", at);
      }
      this.clock.textContent = `${this.now.toFixed(1)}\u00a0s`;
      this.tell();
    }

    tell() {
      const after = `${this.now.toFixed(1)} s`;
      const rows = transports.map((transport) => {
        const seen = this.seen(transport);
        const { parts, strip } = this.lanes[transport];
        const empty = transport.endsWith("polling") ? `${seen.empty} of ${seen.answers}` : none;
        const shown = { mean: seconds(seen.mean), empty, asked: plain(seen.asked), bytes: bytes(seen.bytes) };
        for (const [name, words] of Object.entries(shown)) {
          if (parts[name].textContent !== words) parts[name].textContent = words;
        }
        const words = `${count(seen.asked, "request")}, mean wait ${shown.mean}`;
        strip.setAttribute("aria-label", `${titles[transport]} after ${after}: ${words}`);
        if (transport === "long-polling") this.tellGap(seen);
        return [titles[transport], `${seen.arrived} of ${seen.came}`, shown.mean, seconds(seen.longest), shown.asked, empty,
          shown.bytes, bytes(seen.arrived ? seen.bytes / seen.arrived : null)];
      });
      if (!this.behind.open) return;
      const caption = `After ${after}. Bytes are of IP packets, both ways: what the client hears, and asks in order to hear.`;
      const heads = ["transport", "messages", "mean wait", "longest wait", "requests", "empty polls", "bytes", "bytes per message"];
      this.behind.lastChild.replaceChildren(table(caption, heads, rows));
    }

    tellGap({ arrived, caught }) {
      const back = seconds(2 * this.settings.delay);
      this.gap.textContent = "Long polling's gap: from an answer until the next question is there, twice the link delay, "
        + `${back}, nobody waits at the server. ${caught} of the ${count(arrived, "message")} so far fell into it.`;
    }
  }

  customElements.define("wait-timeline", WaitTimeline);
})();
