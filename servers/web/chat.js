/** The page: a pane for each transport, and one place to write. */

import { Outbox, newId } from "./outbox.js";
import { $, Pane, copy } from "./pane.js";
import { Race, span } from "./race.js";
import { Room } from "./room.js";
import { remember } from "./who.js";

const room = roomName();
const race = new Race([...document.querySelectorAll(".race i")], $("#scale"));
const sent = new Map(); // id -> ms, by this page's clock, when this page sent it
const unsent = new Map(); // id -> {item, pane, line}: sent, or about to be, and not yet seen in the pane that sent it
const session = $("#join") ? await joining() : { valid: () => {} };
const sections = [...document.querySelectorAll(".pane")];
const panes = new Map(sections.map((section) => [section.dataset.transport, new Pane(section)]));
const clients = await Promise.all([...panes.keys()].map((name) => import(`./clients/${name.replace("-", "_")}.js`)));

remember($("#name"), $("#text"));
[...panes.values()].forEach((pane, n) => listen(pane, clients[n]));
$(".interval")?.addEventListener("input", ({ currentTarget: label, target }) => {
  $("output", label).value = `${target.value} s`;
  panes.get("short-polling").room.every(Number(target.value));
});
$("#composer").addEventListener("submit", submit);
$("#text").addEventListener("keydown", (key) => {
  if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
  key.preventDefault();
  $("#composer").requestSubmit();
});
$("#composer button").disabled = false;
addEventListener("beforeunload", (event) => { if (unsent.size) event.preventDefault(); });

/** The room in the address, or the lobby and a notice. */
function roomName() {
  const asked = new URLSearchParams(location.search).get("room") ?? "lobby";
  const name = /^[a-z0-9-]{1,64}$/.test(asked) ? asked : "lobby";
  if (name !== asked) {
    const rule = "small letters, digits and hyphens, at most 64";
    $("#notice").textContent = `“${asked}” cannot be a room: ${rule}. This is the lobby.`;
    $("#notice").hidden = false;
  }
  $("#room").value = name;
  document.title = `${name} · ${document.title}`;
  return name;
}

/** The session of this page, where the server asks for one. */
async function joining() {
  const { Session } = await import("./session.js");
  return new Session($("#join"), $("#name"), $("#leave"), $("#notice"));
}

/** Let a pane follow the room, by its transport. */
function listen(pane, client) {
  pane.room = new Room(room, pane.section.dataset.mount, session, {
    message: (message) => draw(pane, message),
    gap: (lost) => drawGap(pane, lost),
    count: ({ requests, empty }) => {
      pane.figure("requests", requests);
      pane.figure("asked", requests === 1 ? "request" : "requests");
      pane.figure("empty", empty);
      pane.figure("in-vain", empty === 1 ? "empty answer" : "empty answers");
    },
    state: (word, why) => {
      pane.section.dataset.state = word;
      pane.figure("state", why ? `${word}: ${why}` : word);
    },
  });
  pane.outbox = new Outbox((draft) => client.send(pane.room, draft), {
    state: (item, word, why) => drawUnsent(pane, item, word, why),
  });
  pane.room.follow(client.receive);
}

function submit(event) {
  event.preventDefault();
  const text = $("#text").value;
  if (!text.trim()) return;
  const pane = panes.get($("#by").value);
  const draft = { id: newId(), sender: $("#name").value.trim() || "Guest", text };
  sent.set(draft.id, performance.now());
  race.start(sent.get(draft.id));
  pane.outbox.add(draft);
  panes.forEach((each) => each.toEnd());
  $("#text").value = "";
  $("#text").focus();
}

function draw(pane, message) {
  const { id } = message;
  const line = pane.message(message);
  line.classList.toggle("mine", sent.has(id));
  if (sent.has(id)) time(pane, line, id);
  if (unsent.get(id)?.pane === pane) clear(id);
}

/** Say how long it took from sending here to seeing it here. */
function time(pane, line, id) {
  const delay = performance.now() - sent.get(id);
  const bar = $(".race i", pane.section);
  pane.figure("delay", span(delay));
  $("small", line).textContent = `seen after ${span(delay)}`;
  if (bar && id === [...sent.keys()].at(-1)) race.arrive(bar, delay);
}

/** A hole in the log, into which what was sent here may have fallen. */
function drawGap(pane, lost) {
  pane.gap(lost);
  for (const [id, { item }] of [...unsent].filter(([, entry]) => entry.pane === pane && entry.item.receipt)) {
    if (item.receipt.epoch !== pane.room.epoch) drawUnsent(pane, item, "lost", "the server began a new log");
    else if (item.receipt.seq <= pane.room.seq) clear(id);
  }
}

/** What was written here and is not in the pane yet, and why. */
function drawUnsent(pane, item, word, why) {
  const { id, text } = item.draft;
  if (!unsent.has(id)) unsent.set(id, { item, pane, line: $("#outbox").appendChild(copy("#unsent")) });
  const { line } = unsent.get(id);
  line.dataset.state = word;
  $("p", line).textContent = text;
  $("span", line).textContent = why ? `${word}: ${why}` : word;
  $("button", line).hidden = word !== "refused" && word !== "lost";
  $("button", line).onclick = () => {
    clear(id);
    $("#text").value = text;
    $("#text").focus();
  };
}

function clear(id) {
  const { item, line } = unsent.get(id);
  item.seen = true;
  line.remove();
  unsent.delete(id);
}
