/** The projector: the class as a picture and in figures, and the lesson's controls. Its key is behind the # of its address. */

import { $ } from "../pane.js";
import { Diagram } from "./diagram.js";
import { LESSON, OVER } from "./lesson.js";
import { Rates, bytes, count } from "./rates.js";
import { Results } from "./results.js";
import { Stage } from "./stage.js";
import { Strips } from "./strips.js";
import { Timeline } from "./timeline.js";

const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const REFUSED = [4401, 4403, 1008]; // close codes that mean no

const diagram = new Diagram($("#members"), $("#words"));
const strips = new Strips($("#delivery table"));
const timeline = new Timeline($("#time .chart"));
const results = new Results($("#results"));
const rates = new Rates();
let layer = "ip"; // or socket, where the IP layer is not measured
let total = "–"; // requests a second

const stage = new Stage(document.body.dataset.stage, async () => ({ type: "projector", key: location.hash.slice(1) }), {
  controls, counters,
  class: lesson,
  invitation,
  flow: ({ moves }) => diagram.move(moves),
  event: ({ text }) => { $("#event").textContent = text; },
  sorry: ({ title }) => notice(title),
  ended: ({ folder, report }) => ended(folder, report),
  down,
});
if (location.hash.length > 1) stage.follow();
else refuse();
addEventListener("hashchange", () => location.reload()); // the key has come, or another

$("#phases").append(...LESSON.map(({ phase, from, to, name }) => {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.phase = phase;
  button.append(name, Object.assign(document.createElement("small"), { textContent: `${from}–${to} min` }));
  button.onclick = () => stage.say("phase", { phase });
  item.style.setProperty("--minutes", to - from);
  item.append(button);
  return item;
}));
$("#rtt").addEventListener("input", ({ target }) => {
  $(".delay output").value = `${target.value}\u00a0ms`;
  stage.say("set", { control: "rtt_ms", value: Number(target.value) });
});
$("#fix").addEventListener("change", ({ target }) => stage.say("fix", { on: target.checked }));
$("#hush").addEventListener("change", ({ target }) => stage.say("hush", { on: target.checked }));
for (const button of $$("[data-do]")) button.onclick = () => stage.say("do", { action: button.dataset.do, transport: null });
$("#time .choice").addEventListener("change", ({ target }) => timeline.choose(target.value));
$("#enlarge").addEventListener("click", () => $("#large").showModal());
$("#end").addEventListener("click", () => { $("#ending").returnValue = ""; $("#ending").showModal(); });
$("#ending").addEventListener("close", ({ target }) => target.returnValue === "end" && stage.say("end"));

function notice(text = "") {
  $("#notice").textContent = text;
  $("#notice").hidden = !text;
}

function refuse() {
  stage.end();
  figure("say", "This page belongs to whoever runs the class.");
  notice("Its address ends in a key. Open the one that lab live --class shows in the terminal.");
}

function down(code) {
  if (REFUSED.includes(code)) refuse();
  else if (document.body.dataset.phase !== "over") notice("lab live does not answer. Trying again.");
}

/** Put a text wherever a figure of this name is shown. */
function figure(name, text, within = document) {
  for (const place of $$(`[data-figure=${name}]`, within)) if (place.textContent !== text) place.textContent = text;
}

function controls({ rtt_ms: rtt, fixed }) {
  if (document.activeElement !== $("#rtt")) $("#rtt").value = rtt;
  $(".delay output").value = `${rtt}\u00a0ms`;
  if (fixed !== undefined) $("#fix").checked = fixed;
}

function counters({ at_s, server, measured, transports }) {
  layer = measured?.ip === false ? "socket" : "ip";
  figure("layer", layer === "ip" ? "bytes, IP" : "bytes, socket");
  rates.take({ at_s, transports });
  const now = Object.fromEntries(Object.keys(transports).map((name) => [name, rates.of(name, layer)]));
  timeline.take(at_s, now);
  for (const [name, rate] of Object.entries(now)) {
    const row = $(`#rates [data-transport=${name}]`);
    if (!row) continue;
    figure("requests", rate ? count(rate.requests) : "–", row);
    figure("bytes", rate ? bytes(rate.bytes) : "–", row);
  }
  const all = Object.values(now).filter(Boolean);
  total = all.length ? count(all.reduce((sum, rate) => sum + rate.requests, 0)) : "–";
  document.body.dataset.server = server;
}

/** How one joins. The QR code is a path of its dark squares, on white, as cameras want it. */
function invitation({ address, code, qr }) {
  figure("address", address);
  figure("code", code);
  for (const svg of $$("svg.qr")) {
    svg.setAttribute("viewBox", `0 0 ${qr.size} ${qr.size}`);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", qr.path);
    svg.replaceChildren(path);
  }
}

/** The class, twice a second. */
function lesson({ phase, phase_s: passed, members, votes, ticket, echo, everyone, quiet }) {
  notice();
  $("#hush").checked = quiet;
  for (const part of ["main", "footer", ".clock", "#enlarge"]) $(part).hidden = false;
  const step = LESSON.find((one) => one.phase === phase);
  if (document.body.dataset.phase !== phase) enter(phase, step ?? OVER);
  if (step) clock(step, passed);
  const here = members.filter(({ open }) => open);
  figure("here", String(here.length), $("#joining"));
  diagram.show(members, total);
  strips.show(echo);
  for (const row of $$("#rates tbody tr")) cost(row, here, everyone);
  if ($(".diagram details").open) roll(members);
  results.draw(phase, { votes, ticket, here: here.length });
}

function enter(phase, { title, say }) {
  document.body.dataset.phase = phase;
  document.body.dataset.answers = "";
  figure("title", title);
  figure("say", say);
  $("#joining").hidden = phase !== "vote";
  for (const button of $$("#phases button")) {
    if (button.dataset.phase === phase) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
}

function clock({ phase, from, to }, passed) {
  const minutes = to - from;
  figure("clock", `${Math.floor(passed / 60)}:${String(Math.floor(passed % 60)).padStart(2, "0")}`);
  figure("of", `of ${minutes} min`);
  $(`#phases [data-phase=${phase}]`).parentElement.style.setProperty("--passed", Math.min(1, passed / 60 / minutes));
}

/** Who goes this way, and what it would take if all did. */
function cost(row, here, everyone) {
  const { transport } = row.dataset;
  figure("here", String(here.filter((one) => one.transport === transport).length), row);
  const all = everyone?.[transport];
  figure("all-requests", all ? count(all.requests_per_s) : "–", row);
  figure("all-bytes", all ? bytes(all.ip_per_s) : "–", row);
  const most = Math.max(1, ...Object.values(everyone ?? {}).map(({ ip_per_s }) => ip_per_s));
  $("[data-figure=all-bytes]", row).style.setProperty("--share", (all?.ip_per_s ?? 0) / most);
}

function roll(members) {
  $("#roll").replaceChildren(...members.map(({ id, name, transport, open, seen }) => {
    const row = document.createElement("tr");
    row.append(...[name || id, transport, open ? "open" : "closed", seen].map((text) => (
      Object.assign(document.createElement("td"), { textContent: text }))));
    return row;
  }));
}

function ended(folder, report) {
  document.body.dataset.phase = "over";
  stage.end();
  figure("title", OVER.title);
  figure("say", OVER.say);
  $("footer").hidden = true;
  notice(`The run is in ${folder}. Its report: ${report}`);
}
