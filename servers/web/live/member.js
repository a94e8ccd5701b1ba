/** A member's page: one transport at a time, as the class or the member chooses, and how long one's own word takes. */

import { Outbox, newId } from "../outbox.js";
import { $, copy } from "../pane.js";
import { Room } from "../room.js";
import { Session } from "../session.js";
import { Echoes } from "./echoes.js";
import { madeUp } from "./names.js";
import { Question } from "./question.js";
import { Stage } from "./stage.js";

const HEARD = 30; // lines that are kept on the page
const HOW = {
  "short-polling": (every) => `Your device asks every ${every} s: anything new?`,
  "long-polling": () => "Your device has asked, and the question is held until there is news. Then it asks again.",
  sse: () => "Your device asked once. The answer never ends: each word is one more piece of it.",
  websocket: () => "Your device has one connection open, which carries words both ways.",
};

const ways = Object.fromEntries([...document.querySelectorAll("#switch label")].map((label) => [
  $("input", label).value, { name: label.textContent.trim(), mount: $("input", label).dataset.mount },
]));
const clients = Object.fromEntries(await Promise.all(Object.keys(ways).map(async (transport) =>
  [transport, await import(`../clients/${transport.replace("-", "_")}.js`)])));

const sent = new Map(); // id -> {began, transport, item}: sent from here (ms, by this page's clock), and not seen yet
const session = new Session(joining(), $("#name"), $("#leave"), $("#notice"));
const echoes = new Echoes($("#echoes"));
const question = new Question($("#question"), answer);
const outbox = new Outbox((draft) => clients[line.transport].send(line.room, draft), { state: unseen });
let line = null; // {transport, room}: how this device hears at the moment
let asked = null; // the phase in which the question is asked
let asleep = 0; // when the page was last put away: a phone that sleeps sees nothing

const stage = new Stage(document.body.dataset.stage, hello, {
  place,
  sorry: ({ title }) => notice(title),
  down: () => { if (line && asked !== "over") notice("The class cannot be reached. Trying again."); },
});
addEventListener("visibilitychange", () => { asleep = performance.now(); });
$("#leave").addEventListener("click", () => stage.again());
$("#composer").addEventListener("submit", submit);
$("#switch").addEventListener("change", ({ target }) => stage.say("switch", { transport: target.value }));
stage.follow();

/** The dialog. Its code may come with the address, as the QR code has it: behind the #, which no server is told. */
function joining() {
  const dialog = $("#join");
  const [name, code] = [$("[name=name]", dialog), $("[name=code]", dialog)];
  code.value = decodeURIComponent(location.hash.slice(1));
  name.placeholder = madeUp();
  $("form", dialog).addEventListener("submit", () => { name.value = name.value.trim() || name.placeholder; }, { capture: true });
  return dialog;
}

async function hello() {
  await session.valid();
  return { type: "member", token: session.token };
}

function notice(text = "") {
  $("#notice").textContent = text;
  $("#notice").hidden = !text;
}

/** What the stage says of this device: how it hears, what is happening, what is asked. */
function place({ transport, poll_s: every, phase, fixed, room, question: next, said }) {
  notice();
  $("#said").textContent = said;
  if (phase === "over") return over();
  if (transport !== line?.transport || room !== line.room.name) move(transport, room, every);
  if (every !== line.room.interval) line.room.every(every);
  asked = phase;
  $("footer").hidden = phase === "ticket"; // the questions have the whole screen
  question.ask(next);
  $("#place .state").hidden = false;
  $("#place [data-figure=how]").textContent = HOW[transport](every);
  $(`#switch [value=${transport}]`).checked = true;
  document.querySelectorAll("#switch input").forEach((input) => { input.disabled = fixed; });
  $("#fixed").hidden = !fixed;
  $("#composer button").disabled = false;
}

/** Hear another way from now on, from where one was. */
function move(transport, name, every) {
  const before = line?.room;
  before?.leave();
  const room = new Room(name, ways[transport].mount, session, {
    message: hear, gap, count: () => {},
    state: (word, why) => { if (line.room === room) state(word, why); },
  });
  if (before?.name === name) Object.assign(room, { epoch: before.epoch, seq: before.seq });
  room.interval = every;
  line = { transport, room };
  $("#place").className = $("#heard").className = transport;
  $("#place [data-figure=name]").textContent = ways[transport].name;
  state("connecting");
  room.follow(clients[transport].receive);
}

function state(word, why) {
  $("#place").dataset.state = word;
  $("#place [data-figure=state]").textContent = why ? `${word}: ${why}` : word;
}

function submit(event) {
  event.preventDefault();
  const draft = { id: newId(), sender: $("#name").value, text: $("#text").value.trim() || $("#text").placeholder };
  const began = performance.now();
  sent.set(draft.id, { began, transport: line.transport });
  echoes.start(draft.id, line.transport, draft.text, began);
  sent.get(draft.id).item = outbox.add(draft);
  $("#text").value = "";
}

/** A word of this device that is not seen yet, and why. */
function unseen({ draft: { id } }, word, why) {
  if (word === "refused") give(id, `refused: ${why}`);
  else echoes.state(id, word === "sent" ? "" : word);
}

function give(id, words) {
  sent.delete(id);
  echoes.give(id, words);
}

/** A word that came. Whatever it says is text, never markup. */
function hear({ id, sender, text }) {
  const own = sent.get(id);
  if (own) seen(id, own);
  const heard = copy("#message");
  $("b", heard).textContent = sender;
  $("p", heard).textContent = text;
  show(heard);
}

/** Say how long it took. The class is told where it went and came by one way, on a page that was looked at. */
function seen(id, { began, transport, item }) {
  const ms = performance.now() - began;
  if (item) item.seen = true;
  sent.delete(id);
  echoes.arrive(id, ms);
  if (transport === line.transport && began > asleep) stage.say("echo", { transport, ms: Math.round(ms * 10) / 10 });
}

function gap(lost) {
  const heard = copy("#message");
  heard.className = "gap";
  $("p", heard).textContent = lost ? `${lost} words are no longer kept.` : "The server began a new log.";
  show(heard);
  for (const [id, { item }] of sent) if (item?.receipt) give(id, "lost");
}

function show(heard) {
  const list = $("#heard ol");
  list.append(heard);
  while (list.children.length > HEARD) list.firstElementChild.remove();
  $("#heard .log").scrollTop = $("#heard .log").scrollHeight;
}

/** Tell what was answered. */
function answer(ids) {
  return asked === "vote" ? stage.say("vote", { choice: ids[0] }) : stage.say("ticket", { answers: ids });
}

function over() {
  asked = "over";
  stage.end();
  $("#place").removeAttribute("class");
  $("#place .state").hidden = true;
  $("#place [data-figure=name]").textContent = "The class is over";
  $("#place [data-figure=how]").textContent = "";
  line?.room.leave();
  question.ask(null);
  document.querySelectorAll("#switch, footer").forEach((part) => { part.hidden = true; });
}
