/* Predictions: a box for the guess, and where the page explains, the guess beside what was measured and how far off. */
"use strict";

const predict = (() => {
  /* How much of the first of its kind each unit is. */
  const SCALES = [
    { "µs": 0.001, "us": 0.001, ms: 1, s: 1000, sec: 1000, second: 1000, seconds: 1000, min: 60_000, minutes: 60_000 },
    { b: 1, byte: 1, bytes: 1, kb: 1000, kib: 1024, mb: 1e6, mib: 1024 ** 2 },
  ];

  /* A number as people write it (2 s, 1,500, 0,5) in the unit asked for; NaN where there is none. */
  function read(said, unit) {
    const found = /(\d[\d\s.,]*|[.,]\d+)\s*([^\s\d]*)/.exec(said);
    if (!found || /^\s*[-−]/.test(said)) return NaN;
    const digits = found[1].replace(/\s/g, "").replace(/[.,]$/, "");
    const thousands = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits);
    return Number(thousands ? digits.replaceAll(",", "") : digits.replace(",", ".")) * scale(found[2], unit);
  }

  function scale(typed, unit) {
    const own = unit.split(" ")[0].toLowerCase();
    const units = SCALES.find((known) => own in known) ?? {};
    return typed.toLowerCase() in units ? units[typed.toLowerCase()] / units[own] : 1;
  }

  /* What was typed, with the unit where none was. */
  function written(said, unit) {
    return /[^\d\s.,]/.test(said) ? said : `${said} ${unit}`;
  }

  /* How far what was measured is from what was said, in words. */
  function apart(said, { value, low, high, unit }) {
    const side = value < said ? "less" : "more";
    const times = Math.max(said / value, value / said);
    if (said === value || (low <= said && said <= high)) return "you knew it";
    if (unit.startsWith("%")) {
      const points = Math.abs(value - said);
      return points < 1 ? "very close" : `${rounded(points)} percentage points ${side}`;
    }
    if (!said || !value) return side;
    if (times < 1.05) return "very close";
    if (times < 2) return `${rounded(100 * Math.abs(value / said - 1))} % ${side}`;
    return `${rounded(times)} times ${side === "less" ? "less" : "as much"}`;
  }

  /* 1.5, 2.5, 4, 39, 1,200. */
  function rounded(number) {
    const digits = number < 3 ? 1 : 0;
    const near = number < 100 ? Number(number.toFixed(digits)) : Number(number.toPrecision(2));
    return near.toLocaleString("en");
  }

  return { read, written, apart };
})();

(() => {
  const boxes = [...document.querySelectorAll(".predict")];
  boxes.forEach(fill);
  show();

  /* Put what is needed to answer into a box. */
  function fill(box) {
    const id = box.id.slice("predict-".length);
    const status = document.createElement("p");
    status.setAttribute("role", "status");
    box.querySelector(".on-paper").replaceWith(status);
    status.before(box.dataset.unit ? form(box, id, status) : radios(box, id, status));
  }

  function form(box, id, status) {
    const made = document.createElement("form");
    const input = document.createElement("input");
    const unit = document.createElement("span");
    const button = document.createElement("button");
    Object.assign(input, { type: "text", inputMode: "decimal", autocomplete: "off", size: 8, value: keep.read("predict", id) });
    Object.assign(unit, { id: `${box.id}-unit`, textContent: box.dataset.unit });
    Object.assign(button, { type: "submit", textContent: "Keep my guess" });
    input.setAttribute("aria-labelledby", `${box.id}-question ${unit.id}`);
    made.append(input, unit, button);
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = input.value.trim();
      const unread = said !== "" && Number.isNaN(predict.read(said, box.dataset.unit));
      input.setAttribute("aria-invalid", unread);
      status.textContent = unread ? `There is no number in that: write it like ${predict.written("20", box.dataset.unit)}.`
        : kept(id, said, said && predict.written(said, box.dataset.unit));
    });
    return made;
  }

  function radios(box, id, status) {
    const choices = box.querySelector(".choices");
    for (const choice of choices.children) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const said = choice.dataset.choice;
      Object.assign(input, { type: "radio", name: box.id, value: said, checked: keep.read("predict", id) === said });
      input.addEventListener("change", () => { status.textContent = kept(id, said, said); });
      label.append(input, ...choice.childNodes);
      choice.replaceChildren(label);
    }
    return choices;
  }

  /* Keep it, and say so. */
  function kept(id, said, words) {
    const lasts = keep.write("predict", id, said);
    show();
    if (!said) return "Nothing is kept.";
    return `Kept: ${words}. You will see it again beside the answer.`
      + (lasts ? "" : " This browser keeps nothing for pages, so do not close this one.");
  }

  /* The reader's own beside what was measured, wherever the page explains it. */
  function show() {
    for (const line of document.querySelectorAll(".prediction")) {
      const said = keep.read("predict", line.dataset.of);
      const measured = line.querySelector(".measured");
      line.replaceChildren(...(line.dataset.right ? chosen(said, line.dataset.right, measured) : told(said, line, measured)));
    }
  }

  function told(said, line, measured) {
    const { unit } = line.dataset;
    const number = predict.read(said, unit);
    if (Number.isNaN(number)) return ["You wrote no guess down, which is fine. It was ", measured, "."];
    const [value, low, high] = ["value", "low", "high"].map((name) => Number(line.dataset[name] ?? NaN));
    const far = predict.apart(number, { value, low, high, unit });
    return [`You said ${predict.written(said, unit)}; it was `, measured, `: ${far}.`];
  }

  function chosen(said, right, measured) {
    if (!said) return ["You made no guess, which is fine. The answer is ", measured, "."];
    return said === right ? ["You said ", measured, ", and so it is."] : [`You said ${said}; it is `, measured, "."];
  }
})();
