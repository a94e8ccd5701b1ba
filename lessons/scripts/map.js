"use strict";
/* A map of all rates and poll intervals: where short polling costs less than each of the others, and where it is in time. */

globalThis.pollsApart ??= {};

pollsApart.map = (() => {
  const { svg, plain, dash, marker } = pollsApart.drawing;
  const { transports, titles, breakEven, longest } = pollsApart.model;

  const rates = { low: 0.01, high: 100, marks: [0.01, 0.1, 1, 10, 100] }; // messages a second in a room
  const intervals = { low: 0.1, high: 60, marks: [0.1, 1, 10, 60] }; // seconds
  const steps = 64; // in which the rates are gone through
  const others = transports.slice(1);
  const margin = { left: 44, right: 14, top: 10, bottom: 34 }; // px

  const all = (of) => Array.from({ length: steps + 1 }, (_, n) => of(rates.low * (rates.high / rates.low) ** (n / steps), n));

  /* What was reckoned last, kept as long as it is asked for with the same. */
  const kept = {};
  function once(name, asked, of) {
    const key = JSON.stringify(asked);
    if (kept[name]?.key !== key) kept[name] = { key, found: of() };
    return kept[name].found;
  }

  /* For each rate: the interval from which on short polling is no dearer than each of the others, the one from which on
     it is the cheapest, and the longest with which it is in time. The same list as before, where nothing changed. */
  function reckoned(wire, machine, { what, roundTrip, share, limit }) {
    const { low, high } = intervals;
    const evens = once("evens", [what, roundTrip], () => all((rate) => Object.fromEntries(others.map((other) =>
      [other, breakEven(other, what, wire, machine, { rate, roundTrip }, low, high)]))));
    const timely = once("timely", [limit, roundTrip], () => all((rate) =>
      longest(wire, { rate, roundTrip }, share, limit, low, high)));
    return once("line", [what, roundTrip, limit], () => all((rate, n) =>
      ({ rate, even: evens[n], cheapest: Math.max(...Object.values(evens[n])), longest: timely[n] })));
  }

  /* ---- the picture ---- */

  const path = (points) => points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

  /* The runs of neighbours of which something holds. */
  function runs(line, holds) {
    const found = [[]];
    for (const at of line) {
      if (holds(at)) found.at(-1).push(at);
      else if (found.at(-1).length) found.push([]);
    }
    return found.filter((run) => run.length > 1);
  }

  function drawn(picture, line, given) {
    const [width, height] = [picture.clientWidth, picture.clientHeight];
    if (!width) return;
    const [right, bottom] = [width - margin.right, height - margin.bottom];
    const share = (value, { low, high }) => Math.log(value / low) / Math.log(high / low);
    const x = (rate) => margin.left + (right - margin.left) * share(rate, rates);
    const y = (interval) => bottom - (bottom - margin.top) * share(interval, intervals);
    const down = (at) => `M${x(at)} ${margin.top}V${bottom}`;
    const across = (at) => `M${margin.left} ${y(at)}H${right}`;

    const curve = (holds, of) => runs(line, holds).map((run) => path(run.map((at) => [x(at.rate), y(of(at))]))).join("");
    const area = (low, high) => runs(line, (at) => low(at) < high(at)).map((run) => {
      const [lower, upper] = [low, high].map((edge) => run.map((at) => [x(at.rate), y(edge(at))]));
      return `${path([...lower, ...upper.reverse()])}z`;
    }).join("");
    const even = (other) => {
      const holds = (at) => at.even[other] > intervals.low && at.even[other] < Infinity;
      const last = runs(line, holds).at(-1);
      const spot = last?.[Math.floor(last.length / 2)];
      return svg("g", { class: other },
        svg("path", { class: "even", "stroke-dasharray": dash(other), d: curve(holds, (at) => at.even[other]) }),
        spot ? svg("path", { class: "spot", d: marker(other, x(spot.rate), y(spot.even[other]), 5) }) : null);
    };
    const word = (x, y, anchor, words, look) => svg("text", { x, y, "text-anchor": anchor, class: look }, words);

    picture.replaceChildren(
      hatching(),
      svg("path", { class: "grid", d: rates.marks.map(down).join("") + intervals.marks.map(across).join("") }),
      svg("path", { class: "late", d: area((at) => Math.max(at.cheapest, at.longest || intervals.low), () => intervals.high) }),
      svg("path", { class: "wins", d: area((at) => at.cheapest, (at) => at.longest) }),
      svg("path", { class: "limit", d: curve((at) => at.longest > 0, (at) => at.longest) }),
      ...others.map(even),
      svg("path", { class: "cross", d: across(given.interval) + down(given.rate) }),
      svg("path", { class: "here short-polling", d: marker("short-polling", x(given.rate), y(given.interval), 7) }),
      ...rates.marks.map((rate) => word(x(rate), bottom + 15, "middle", plain(rate))),
      ...intervals.marks.map((interval) => word(margin.left - 7, y(interval) + 4, "end", `${plain(interval)} s`)),
      word((margin.left + right) / 2, height - 4, "middle", "messages a second in a room"),
      word(margin.left + 6, margin.top + 14, "start", "poll interval", "word"));
  }

  const hatching = () => svg("defs", {}, svg("pattern", { id: "hatching", width: 6, height: 6, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)" }, svg("path", { class: "hatch", d: "M0 0V6" })));

  /* [a line's look, its words] of each line of the legend. */
  function legend() {
    const key = (...parts) => svg("svg", { class: "map key", width: 30, height: 16, "aria-hidden": "true" }, ...parts);
    const area = (look) => key(svg("path", { class: look, d: "M1 2H29V14H1z" }));
    const line = (look, dashes) => svg("path", { class: look, "stroke-dasharray": dashes, d: "M1 8H29" });
    const even = (other) => key(svg("g", { class: other }, line("even", dash(other)),
      svg("path", { class: "spot", d: marker(other, 15, 8, 5) })));
    return [
      [area("wins"), "short polling is the cheapest, and in time"], [area("late"), "the cheapest, but too late"],
      ...others.map((other) => [even(other), `as dear as ${titles[other]}`]), [key(line("limit")), "the objective"],
    ];
  }

  return { intervals, reckoned, drawn, legend };
})();
