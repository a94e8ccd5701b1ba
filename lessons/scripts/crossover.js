"use strict";
/* <cost-crossover>: what a crowd costs by each transport, and from which rate and poll interval on polling wins. */

(() => {
  const { html, svg, data, number, seconds, bytes, plain, count, asSeconds, asMilliseconds, asRate } = pollsApart.drawing;
  const { named, id, slider, choice, speaker, table, numbers } = pollsApart.drawing;
  const { transports, titles, within, crowd } = pollsApart.model;
  const { drawn, legend, reckoned, intervals } = pollsApart.map;

  const share = 0.95; // of the messages, by which the objective is meant
  const others = transports.slice(1);
  const measures = {
    bytes: ["bytes", "the fewest bytes"], requests: ["requests", "the fewest requests"], cpu: ["server CPU", "the least CPU"],
  };

  class CostCrossover extends HTMLElement {
    connectedCallback() {
      if (this.wire) return;
      [this.wire, this.machine] = [data("wire"), data("machine")];
      this.given = { clients: 10000, rate: 1, interval: 2, roundTrip: 0.05, share, limit: 5, what: "bytes" };
      this.build();
      this.reckon();
      new ResizeObserver(() => this.draw()).observe(this.map);
    }

    build() {
      const set = (name) => (value) => {
        this.given[name] = value;
        this.reckon();
        this.draw();
      };
      const settled = () => { this.spoken.textContent = this.verdict.textContent; };
      const dial = (name, label, words, values) =>
        slider({ label, values, value: this.given[name], words, changed: set(name), settled });
      const measure = ([what, [words]]) => choice("radio", words, () => {
        set("what")(what);
        this.spoken.textContent = this.here.textContent;
      }, { name: group, checked: what === this.given.what });

      const group = id("measure");
      this.spoken = speaker();
      this.costs = html("table", { class: "costs" });
      this.verdict = html("p", { class: "said" });
      this.here = html("p", { class: "said" });
      this.map = svg("svg", { class: "map", role: "img" });
      this.behind = numbers("The numbers in this map");
      this.replaceChildren(html("figure", { class: "widget crossover" },
        html("figcaption", {}, "What a crowd costs, and where polling wins"),
        html("div", { class: "sliders" },
          dial("clients", "Clients", plain, [10, 100, 1000, 10000, 1e5, 1e6]),
          dial("rate", "Messages", asRate, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]),
          dial("interval", "Poll interval", asSeconds, [0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 60]),
          dial("roundTrip", "Round trip", asMilliseconds, [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5]),
          dial("limit", "95 in 100 within", asSeconds, [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60])),
        this.costs, this.verdict,
        html("fieldset", { class: "buttons" }, html("legend", {}, "Where polling wins, by"),
          ...Object.entries(measures).map(measure)),
        this.map, html("ul", { class: "legend" }, ...legend().map((line) => html("li", {}, ...line))),
        this.here, html("p", { class: "told" }, this.assumed()), this.spoken, this.behind));
    }

    assumed() {
      const { participants, text } = this.wire;
      const { errors } = this.machine;
      const far = errors.map(({ what, median, farthest, where }) =>
        `${what} ${number(median)} (median), ${number(farthest)} (farthest, ${where})`);
      const cells = Math.max(...errors.map((error) => error.cells));
      return `On paper, by the model in lab/model: rooms of ${participants} who all write, messages at random moments, `
        + `${text} bytes of text, a browser's headers, connections that stay open, no TLS. Bytes are of IP packets, both `
        + "ways, and CPU times are fitted to the recorded runs. "
        + `Measured / model over ${cells} of their cells: ${far.join("; ")}.`;
    }

    reckon() {
      const { given, wire, machine } = this;
      this.found = transports.map((transport) => {
        const time = within(transport, wire, given, share);
        const met = time !== null && time <= given.limit;
        return { transport, time, met, ...crowd(transport, wire, machine, given) };
      });
      this.tell();
      const line = reckoned(wire, machine, given);
      if (line === this.line) return; // the map stays as it is: only the reader's place on it moves
      this.line = line;
      const from = (interval) =>
        (interval === Infinity ? "never" : interval <= intervals.low ? "any" : `from ${seconds(interval)}`);
      const rows = this.line.filter((_, n) => n % 8 === 0).map(({ rate, even, longest }) =>
        [number(rate), ...others.map((other) => from(even[other])), longest ? `up to ${seconds(longest)}` : "never"]);
      const caption = `Intervals from which on short polling is no dearer in ${measures[given.what][0]}, and those with which `
        + `it is in time; of all from ${seconds(intervals.low)} to ${seconds(intervals.high)}.`;
      const heads = ["messages a second", ...others.map((other) => `than ${titles[other]}`), "in time"];
      this.behind.lastChild.replaceChildren(table(caption, heads, rows));
    }

    /* ---- the table ---- */

    tell() {
      const most = (key) => Math.max(...this.found.map((row) => row[key])) || 1;
      const bar = (row, key, words) => html("td", { "data-figure": key }, words(row[key]),
        html("i", { class: `bar ${row.transport}`, style: `width: ${(100 * row[key]) / most(key)}%` }));
      const time = ({ time, met }) => html("td", { "data-figure": "time", class: met ? "met" : "missed" },
        time === null ? "never" : seconds(time), html("small", {}, met ? "in time" : "too late"));
      const line = (row) => html("tr", { "data-transport": row.transport }, html("th", { scope: "row" }, ...named(row.transport)),
        time(row), bar(row, "bytes", bytes), bar(row, "requests", number), bar(row, "cpu", number));
      const heads = [html("span", { class: "spoken" }, "transport"), "95 in 100 within", "bytes/s", "requests/s", "CPUs"];
      this.costs.replaceChildren(
        html("caption", { class: "spoken" }, "What the crowd costs by each transport"),
        html("thead", {}, html("tr", {}, ...heads.map((words) => html("th", { scope: "col" }, words)))),
        html("tbody", {}, ...this.found.map(line)));
      this.verdict.textContent = this.sentence();
    }

    sentence() {
      const timely = this.found.filter((row) => row.met);
      if (!timely.length) return "None of the four is in time: the network alone takes longer.";
      const least = (key) => titles[timely.reduce((best, row) => (row[key] < best[key] ? row : best)).transport];
      const [light, idle] = [least("bytes"), least("cpu")];
      const who = timely.length === transports.length ? "All four are in time"
        : `In time: ${timely.map((row) => titles[row.transport]).join(", ")}`;
      const and = light === idle ? "and" : `and ${idle}`;
      return `${who}. Of them ${light} takes the fewest bytes ${and} the least CPU.`;
    }

    /* ---- the map ---- */

    draw() {
      drawn(this.map, this.line, this.given);
      this.here.textContent = this.where();
      this.map.setAttribute("aria-label", this.here.textContent);
    }

    where() {
      const { rate, interval, what } = this.given;
      const here = this.line.find((at) => at.rate >= rate * 0.999);
      const first = this.line.find((at) => at.cheapest <= interval);
      const takes = interval >= here.cheapest ? "takes" : "does not take";
      const from = first ? `from ${number(first.rate)} messages a second on` : "at no rate on this map";
      return `With ${count(rate, "message")} a second and a poll every ${plain(interval)} s, short polling ${takes} `
        + `${measures[what][1]} of the four. With this interval it does so ${from}.`;
    }
  }

  customElements.define("cost-crossover", CostCrossover);
})();
