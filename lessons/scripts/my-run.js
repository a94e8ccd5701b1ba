"use strict";
/* <my-run>: charts of the reference run, over which a reader lays the summary.json of a run of their own. The file is
   read by the page and goes nowhere. */

(() => {
  const { html, svg, data, none, number, marker, named, button, speaker, table, numbers } = pollsApart.drawing;
  const { fromFile, together } = pollsApart.summaries;

  const charts = [
    { key: "latency_p50", title: "Half of the messages arrive within", logarithmic: true },
    { key: "latency_p95", title: "95 in 100 arrive within", logarithmic: true },
    { key: "ip_bytes", title: "Bytes on the network for each message" },
    { key: "requests", title: "Requests for each message" },
    { key: "server_cpu", title: "The server's CPU time for each message" },
  ];
  const thick = 10; // px of a bar

  class MyRun extends HTMLElement {
    connectedCallback() {
      if (this.reference) return;
      this.reference = data("reference");
      const units = this.reference.quantities.map(({ key, unit }) => [key, unit.replace(/ ?per message$/, "")]);
      this.units = Object.fromEntries(units);
      this.build();
      this.show(null);
    }

    build() {
      this.input = html("input", {
        type: "file", accept: ".json,application/json", onchange: () => this.take(this.input.files[0]),
      });
      this.away = button("Take it away", () => this.show(null, "The reference alone."));
      this.said = html("p", { class: "said" });
      this.charts = html("div", { class: "charts" });
      this.spoken = speaker();
      this.behind = numbers("The numbers in these charts");
      const over = (event) => {
        event.preventDefault();
        this.figure.classList.toggle("over", event.type === "dragover");
      };
      const drop = (event) => {
        over(event);
        this.take(event.dataTransfer.files[0]);
      };
      this.figure = html("figure", { class: "widget my-run", ondragover: over, ondragleave: over, ondrop: drop },
        html("figcaption", {}, "Your run beside the reference"),
        html("div", { class: "choose" }, html("label", {}, "Choose your summary.json", this.input), this.away,
          html("p", {}, "or drop it here. make compare leaves it in results/runs/latest. It stays in your browser.")),
        this.said, this.charts, this.spoken, this.behind);
      this.replaceChildren(this.figure);
    }

    async take(file) {
      if (!file) return;
      try {
        this.show(await fromFile(file, this.reference.schema_version));
      } catch (wrong) {
        this.show(null, wrong.message, true);
      }
      this.input.value = ""; // so that the same file can be chosen again when it has been mended
    }

    /* A run over the reference, or the reference alone; and what is to be said of it. */
    show(run, words = run ? this.sentence(run) : "", wrong = false) {
      this.run = run;
      this.away.hidden = !run;
      this.said.classList.toggle("wrong", wrong);
      this.said.textContent = run || wrong ? words : "";
      this.spoken.textContent = words;
      this.rows = together(this.reference.cells, run?.cells ?? []);
      this.charts.replaceChildren(...charts.map((chart) => this.chart(chart)), this.legend());
      this.behind.lastChild.replaceChildren(...charts.map((chart) => this.table(chart)));
    }

    sentence({ scenario, repeats, cells }) {
      const parts = ["Filled is your run, and hollow the reference."];
      if (scenario !== this.reference.scenario) {
        parts.push(`It is of ${scenario} and the reference of ${this.reference.scenario}: they measure different loads.`);
      }
      if (repeats < 2) parts.push("One run of each has no intervals.");
      for (const { title, valid, reasons } of cells) {
        if (valid !== true && reasons.length) {
          parts.push(`${title} ${valid === false ? "is not valid" : "may not be valid"}: ${reasons[0]}.`);
        }
      }
      return parts.join(" ");
    }

    worded(figure, key) { return known(figure) ? `${number(figure[0])}\u00a0${this.units[key]}`.trim() : none; }

    table({ key, title }) {
      const heads = ["cell", "reference", "95 % interval", ...(this.run ? ["yours", "95 % interval", "yours / reference"] : [])];
      const rows = this.rows.map(({ title, theirs, own }) => {
        const [a, b] = [theirs?.figures[key], own?.figures[key]];
        const times = known(a) && known(b) && a[0] ? number(b[0] / a[0]) : none;
        return [title, this.worded(a, key), interval(a), ...(this.run ? [this.worded(b, key), interval(b), times] : [])];
      });
      return table(`${title}. The reference is ${this.reference.run}.`, heads, rows);
    }

    /* ---- the charts ---- */

    chart({ key, title, logarithmic }) {
      const values = this.rows.flatMap(({ theirs, own }) => [theirs, own].flatMap((cell) => cell?.figures[key] ?? []))
        .filter((value) => value !== null);
      const axis = logarithmic ? ofPowers(values) : ofShares(values);
      const draw = logarithmic ? spot : bar;
      const row = ({ title, transport, theirs, own }) => {
        const [a, b] = [theirs?.figures[key], own?.figures[key]];
        const words = [theirs && `reference ${this.worded(a, key)}`, own && `yours ${this.worded(b, key)}`].filter(Boolean);
        const [upper, lower] = this.run ? ["30%", "72%"] : ["50%"];
        const plot = svg("svg", { class: `plot ${transport}`, role: "img", "aria-label": `${title}: ${words.join(", ")}` },
          ...axis.ticks.map((tick) => line("grid", axis.at(tick), axis.at(tick), 0, "100%")),
          ...draw(axis, transport, a, upper, "theirs"),
          ...(own ? draw(axis, transport, b, lower, own.valid === false ? "own doubted" : "own") : []));
        const shown = html("b", {}, this.worded(this.run ? b : a, key));
        const [mark, name] = named(transport, title);
        return html("div", { class: "row" }, html("span", { class: "name" }, mark, html("span", {}, name)), plot,
          html("div", { class: "values" }, this.run ? html("span", {}, this.worded(a, key)) : "", shown));
      };
      return html("div", { class: this.run ? "chart with" : "chart", "data-chart": key },
        html("b", { class: "title" }, title), ...this.rows.map(row), labels(axis));
    }

    legend() {
      const entry = (kind, words) => html("li", {}, svg("svg", { class: "plot websocket", viewBox: "-8 -8 16 16",
        "aria-hidden": "true" }, svg("path", { class: kind, d: marker("websocket", 0, 0, 5) })), words);
      const { run, repeats } = this.reference;
      return html("ul", { class: "legend" },
        entry("theirs", `the reference, ${run}: ${repeats} runs of each, with 95 % intervals`),
        this.run ? entry("own", "your run") : "");
    }
  }

  const known = (figure) => (figure?.[0] ?? null) !== null;
  const sure = (figure) => (figure[1] ?? null) !== null && (figure[2] ?? null) !== null && figure[1] !== figure[2];
  const interval = (figure) => (known(figure) && sure(figure) ? `${number(figure[1])} to ${number(figure[2])}` : none);

  /* An axis: where a value is, in percent, and where its lines are. */
  function ofPowers(values) {
    const positive = values.filter((value) => value > 0);
    const [low, high] = [Math.floor(Math.log10(Math.min(...positive))), Math.ceil(Math.log10(Math.max(...positive)))];
    const ticks = Array.from({ length: high - low + 1 }, (_, n) => 10 ** (low + n));
    return { at: (value) => (100 * (Math.log10(value) - low)) / (high - low || 1), ticks };
  }

  function ofShares(values) {
    const most = Math.max(...values) || 1;
    return { at: (value) => (100 * value) / most, ticks: [0] };
  }

  const line = (look, x1, x2, y1, y2 = y1) => svg("line", { class: look, x1: `${x1}%`, x2: `${x2}%`, y1, y2 });

  /* A value as a marker on its interval; none for 0, which an axis of powers does not have. */
  function spot(axis, transport, figure, y, look) {
    if (!known(figure) || figure[0] === 0) return [];
    const [value, low, high] = figure;
    const range = sure(figure) && low > 0 ? [line("range", axis.at(low), axis.at(high), y)] : [];
    const mark = svg("path", { class: look, d: marker(transport, 0, 0, 5) });
    return [...range, svg("svg", { x: `${axis.at(value)}%`, y, overflow: "visible" }, mark)];
  }

  /* A value as a bar, with its interval. */
  function bar(axis, _, figure, y, look) {
    if (!known(figure) || figure[0] === 0) return [];
    const [value, low, high] = figure;
    const whisker = sure(figure) ? [line("whisker", axis.at(low), axis.at(high), y)] : [];
    const block = svg("rect", { class: look, y: -thick / 2, width: "100%", height: thick });
    return [svg("svg", { y, width: `${axis.at(value)}%`, height: thick, overflow: "visible" }, block), ...whisker];
  }

  /* The numbers below an axis of powers, every second one. */
  function labels(axis) {
    if (axis.ticks.length < 2) return "";
    const word = (tick) => svg("text", { x: `${axis.at(tick)}%`, y: "75%", "text-anchor": "middle" },
      tick.toLocaleString("en", { maximumSignificantDigits: 1 }));
    return svg("svg", { class: "plot ticks", "aria-hidden": "true" }, ...axis.ticks.filter((_, n) => n % 2 === 0).map(word));
  }

  customElements.define("my-run", MyRun);
})();
