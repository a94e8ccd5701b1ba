"use strict";
/* What the widgets are made of: elements, controls, tables, numbers as people read them, and the palette's looks. */

globalThis.pollsApart ??= {};

pollsApart.drawing = (() => {
  const svgNames = "http://www.w3.org/2000/svg";

  function filled(made, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  const html = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    filled(document.createElementNS(svgNames, tag), attributes, children);

  /* The data that the page brings under this name. */
  const data = (name) => JSON.parse(document.querySelector(`script[data-widgets="${name}"]`).textContent);

  /* ---- numbers ---- */

  /* Three significant digits, without exponent, with thousands marked, as lab/numbers.py writes them. */
  function number(value) {
    if (value === 0) return "0";
    const digits = 2 - Math.floor(Math.log10(Number(Math.abs(value).toPrecision(3))));
    const rounded = digits < 0 ? Math.round(value / 10 ** -digits) * 10 ** -digits : value;
    const shown = Math.max(0, digits);
    return rounded.toLocaleString("en", { minimumFractionDigits: shown, maximumFractionDigits: shown });
  }

  /* In the largest of some units that leaves something before the point. */
  function scaled(value, units) {
    const [size, name] = units.find(([size]) => value >= size) ?? units.at(-1);
    return `${number(value / size)}\u00a0${name}`;
  }

  const none = "\u2013"; // where there is no number
  const times = [[1, "s"], [1e-3, "ms"]];
  const sizes = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];
  const seconds = (value) => (value === null ? none : value === 0 ? "0\u00a0ms" : scaled(value, times));
  const bytes = (value) => (value === null ? none : value === 0 ? "0\u00a0B" : scaled(value, sizes));
  const plain = (value) => value.toLocaleString("en", { maximumFractionDigits: 3 });
  const count = (value, noun) => `${plain(value)} ${noun}${value === 1 ? "" : "s"}`;

  /* What a slider is set to. */
  const asSeconds = (value) => `${plain(value)}\u00a0s`;
  const asMilliseconds = (value) => `${plain(1000 * value)}\u00a0ms`;
  const asRate = (value) => `${plain(value)}\u00a0per\u00a0s`;

  /* ---- the palette (stylesheets/palette.css): a colour, a dash and a marker for each transport ---- */

  const dashes = { solid: "none", dashed: "6 3", dotted: "1.5 2.5", "dash-dot": "8 2.5 1.5 2.5" };
  const lines = (x, y, ...steps) => `M${x} ${y}${steps.map(([dx, dy]) => `l${dx} ${dy}`).join("")}z`;
  const shapes = {
    circle: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    square: (x, y, r, a = 0.89 * r) => lines(x - a, y - a, [2 * a, 0], [0, 2 * a], [-2 * a, 0]),
    triangle: (x, y, r) => lines(x, y - 1.15 * r, [1.1 * r, 1.95 * r], [-2.2 * r, 0]),
    diamond: (x, y, r, a = 1.25 * r) => lines(x, y - a, [a, a], [-a, a], [-a, -a]),
  };

  const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dash = (transport) => dashes[property(`--${transport}-dash`)];
  const marker = (transport, x, y, r) => shapes[property(`--${transport}-marker`)](x, y, r);

  /* A transport's name with its marker. */
  function named(transport, title = pollsApart.model.titles[transport]) {
    const mark = svg("svg", { class: `mark ${transport}`, viewBox: "-8 -8 16 16", "aria-hidden": "true" });
    mark.append(svg("path", { d: marker(transport, 0, 0, 5.5) }));
    return [mark, title];
  }

  /* ---- controls ---- */

  let made = 0;
  const id = (word) => `${word}-${++made}`;

  /* A slider over a list of values: a label, what is chosen in words, and a range. `value` is one of the list; `changed`
     hears each step of the way, and `settled` when there are no more. */
  function slider({ label, values, value, words, changed, settled }) {
    const name = id("slider");
    const shown = html("b", { "aria-hidden": "true" }); // the slider says it itself
    const range = html("input", { type: "range", id: name, min: 0, max: values.length - 1, value: values.indexOf(value) });
    const show = () => {
      shown.textContent = words(values[range.value]);
      range.setAttribute("aria-valuetext", words(values[range.value]));
    };
    range.addEventListener("input", () => { show(); changed(values[range.value]); });
    range.addEventListener("change", settled);
    show();
    return html("div", { class: "slider" }, html("label", { for: name }, label), shown, range);
  }

  const button = (words, pressed, attributes = {}) =>
    html("button", { type: "button", ...attributes, onclick: pressed }, words);

  /* A checkbox, or one of a few radio buttons that are one group by their name. */
  function choice(type, words, changed, attributes = {}) {
    const input = html("input", { type, ...attributes, onchange: () => changed(input.checked) });
    return html("label", { class: "choice" }, input, words);
  }

  /* What only a screen reader hears, when something has been done. */
  const speaker = () => html("p", { class: "spoken", role: "status" });

  /* A table behind a picture. Rows are lists whose first cell is a heading; a cell is text, or a list of nodes. */
  function table(caption, heads, rows) {
    const cell = (tag, attributes) => (content) => html(tag, attributes, ...[content].flat());
    return html("table", { class: "numbers" },
      html("caption", {}, html("span", {}, caption)),
      html("thead", {}, html("tr", {}, ...heads.map(cell("th", { scope: "col" })))),
      html("tbody", {}, ...rows.map(([head, ...cells]) =>
        html("tr", {}, cell("th", { scope: "row" })(head), ...cells.map(cell("td", {}))))));
  }

  /* Numbers that are read by those who ask; it scrolls where the page is narrow. */
  function numbers(words, ...tables) {
    return html("details", { class: "behind" }, html("summary", {}, words),
      html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words }, ...tables));
  }

  return {
    html, svg, data, none, number, seconds, bytes, plain, count, asSeconds, asMilliseconds, asRate, dash, marker, named, id,
    slider, button, choice, speaker, table, numbers,
  };
})();
