"use strict";
/* The summary.json that `lab compare` writes (lab/summary.py), as a reader may bring it. No function knows of a page. */

globalThis.pollsApart ??= {};

pollsApart.summaries = (() => {
  const { transports, titles } = pollsApart.model;

  const largest = 5e6; // bytes: a hundred times what the lab writes of a comparison
  const keys = ["latency_p50", "latency_p95", "ip_bytes", "requests", "server_cpu"];

  const isObject = (value) => value !== null && typeof value === "object";
  const numeric = (value) => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null);

  /* What is in a file. An Error says in a sentence what is wrong with it. */
  async function fromFile(file, version) {
    if (file.size > largest) {
      const size = (file.size / 1e6).toFixed(1);
      throw new Error(`${file.name} is too large: it has ${size} MB, and no summary.json has more than ${largest / 1e6} MB.`);
    }
    const text = await file.text().catch(() => { throw new Error(`${file.name} cannot be read: choose a file.`); });
    return read(file.name, text, version);
  }

  /* {scenario, repeats, cells} of a summary. */
  function read(name, text, version) {
    let summary;
    try {
      summary = JSON.parse(text);
    } catch {
      throw new Error(`${name} is not JSON: choose the file summary.json in results/runs/latest.`);
    }
    if (!isObject(summary) || !("schema_version" in summary) || !Array.isArray(summary.cells)) {
      throw new Error(`${name} is JSON, but no summary that lab compare wrote: it has no cells of a known schema.`);
    }
    if (summary.schema_version !== version) {
      const theirs = JSON.stringify(summary.schema_version);
      throw new Error(`${name} has schema version ${theirs} and this page reads version ${version}: `
        + "take both from the same version of the lab.");
    }
    if (!summary.cells.length) throw new Error(`${name} has no cells: its run ended before anything was measured.`);
    if (summary.cells.some((row) => row?.cell && (row.cell.level ?? null) !== null)) {
      throw new Error(`${name} is of an experiment, whose cells have levels: choose a summary.json that lab compare wrote.`);
    }
    const cells = summary.cells.map((row, n) => {
      if (transports.includes(row?.cell?.transport) && isObject(row.figures)) return cellOf(row);
      throw new Error(`${name} is damaged: cell ${n + 1} has no transport that is known, or no figures.`);
    });
    return { scenario: String(summary.scenario), repeats: numeric(summary.repeats) ?? 0, cells };
  }

  /* A row in the form of the reference's, with its verdict. */
  function cellOf({ cell, figures, verdict }) {
    const interval = numeric(cell.poll_interval_s);
    const own = keys.map((key) => [key, ["value", "low", "high"].map((part) => numeric(figures[key]?.[part]))]);
    return {
      transport: cell.transport,
      poll_interval_s: interval,
      title: titles[cell.transport] + (interval === null ? "" : ` ${interval} s`),
      figures: Object.fromEntries(own),
      valid: verdict?.valid ?? null,
      reasons: Array.isArray(verdict?.reasons) ? verdict.reasons.map(String) : [],
    };
  }

  const same = (one, other) => one.transport === other.transport && one.poll_interval_s === other.poll_interval_s;

  /* Every cell that one of two runs has: {title, transport, theirs, own}, where one of the two may be missing. */
  function together(theirs, own) {
    const all = [...theirs, ...own.filter((cell) => !theirs.some((known) => same(known, cell)))];
    const order = (cell) => transports.indexOf(cell.transport);
    all.sort((one, other) => order(one) - order(other) || one.poll_interval_s - other.poll_interval_s);
    return all.map((cell) => {
      const [a, b] = [theirs, own].map((cells) => cells.find((one) => same(one, cell)));
      return { title: cell.title, transport: cell.transport, theirs: a, own: b };
    });
  }

  return { fromFile, read, together };
})();
