/** What the stage counted at the server's sockets, drawn beneath the panes. What is null was not measured here. */

import { $ } from "../pane.js";

const COUNTS = ["requests", "empty", "connections", "queued"];
const BYTES = ["socket_up", "socket_down", "ip_up", "ip_down"];

/** Bytes for people: 640 B, 12.3 kB, 4.56 MB. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes}\u00a0B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)}\u00a0kB` : `${(bytes / 1_000_000).toFixed(2)}\u00a0MB`;
}

export function drawFigures(section, counted) {
  for (const name of COUNTS) fill(section, name, counted[name], name === "queued" ? size : String);
  for (const name of BYTES) fill(section, name, counted[name], size);
  $(".state small", section).hidden = !counted.queued;
  for (const layer of ["socket", "ip"]) {
    $(`[data-layer=${layer}] small`, section).hidden = counted[`${layer}_down`] != null;
  }
}

function fill(section, name, value, words) {
  const place = $(`[data-count=${name}]`, section);
  place.value = value ?? "";
  place.textContent = value == null ? "–" : words(value);
}
