/** The live lab: one room, four transports, and what each of them takes, counted at the server while it happens. */

import { newId } from "../outbox.js";
import { $, Log } from "../pane.js";
import { span } from "../race.js";
import { remember } from "../who.js";
import { Clock } from "./clock.js";
import { Dials } from "./dials.js";
import { drawFigures } from "./figures.js";
import { Listener } from "./listener.js";
import { Scale } from "./scale.js";
import { Scenario } from "./scenario.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";

const BROWSER = 6; // HTTP connections to one server, in every browser of today
const HELD = 2; // of them for good by each page like this: long polling's and the stream's
const DRAWN = { moving: 250, still: 1000 }; // ms between two drawings of the strips
const SAID = 2000; // ms between two readings of the figures beneath them, which nobody could follow faster
const PAST = 200; // lines of what happened
const still = matchMedia("(prefers-reduced-motion: reduce)");

const happened = new Log($(".happened .lines"), $(".happened .latest"));
const sent = new Map(); // id -> ms, by this page's clock
const races = new Map(); // id -> [{name, delay}], of what was sent here and not seen in all panes
const scale = new Scale($("main"), $("#scale"), () => Math.max(...panes.map((pane) => pane.minute.slowest)));
const lab = { sent, scale, clock: new Clock(), say, seen, refused, tell, trip: () => Number($("#rtt_ms").value), served: () => document.body.dataset.server === "up" };
const sections = [...document.querySelectorAll(".pane")];
const clients = await Promise.all(sections.map(({ dataset }) => import(`../clients/${dataset.transport.replace("-", "_")}.js`)));
const panes = sections.map((section, n) => new Listener(section, clients[n], lab));
const strips = panes.map((pane) => new Strip($(".strip", pane.section), pane.minute, pane.name));
const scenario = new Scenario($("#scenario"));
const stage = new Stage(document.body.dataset.stage, () => Promise.resolve({ type: "watch" }), {
  controls, counters,
  event: ({ text }) => tell(text),
  sorry: ({ title }) => tell(title),
  scenario: ({ toml }) => scenario.show(toml),
  down: () => manned(false),
});
const dials = new Dials($("#dials"), stage, (control, value) => {
  if (control === "poll_s") panes.find(({ transport }) => transport === "short-polling").room.every(value);
});

remember($("#name"), $(".pane form input"));
document.addEventListener("click", ({ target }) => act(target.closest("[data-do]")));
addEventListener("beforeunload", (event) => { if (panes.some((pane) => pane.owes)) event.preventDefault(); });
panes.forEach((pane) => pane.listen());
stage.follow();
draw();
tabulate();

/** A message, from this pane to all. */
function say(from, text) {
  const draft = { id: newId(), sender: $("#name").value.trim() || "Guest", text };
  sent.set(draft.id, performance.now());
  races.set(draft.id, []);
  for (const pane of panes) pane.expect(draft, sent.get(draft.id));
  from.outbox.add(draft);
}

/** A pane drew a message. When all have, say in which order they did. */
function seen(pane, { id, text }, delay) {
  const race = races.get(id);
  if (!race) return;
  race.push(`${pane.name} ${race.length ? "" : "after "}${span(delay)}`);
  if (race.length < panes.length) return;
  races.delete(id);
  const short = text.length > 30 ? `${text.slice(0, 30)}…` : text;
  tell(`“${short}” was heard by ${race.join(", ")}.`);
}

/** A message will come to nobody. Where it was written one may take it back. */
function refused(from, id) {
  races.delete(id);
  for (const pane of panes) if (pane !== from) pane.forget(id);
}

/** What just happened, in a sentence. */
function tell(sentence) {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString([], { hourCycle: "h23", timeStyle: "medium" });
  line.append(time, " ", sentence);
  happened.append(line);
  happened.keep(PAST);
}

/** A button that says what it does, to one transport or to all. */
function act(button) {
  if (!button) return;
  const { do: action, transport } = button.dataset;
  if (action === "scenario") stage.say("scenario");
  else stage.say("do", { action, transport: transport ?? null });
}

/** Whether the stage is there. */
function manned(yes) {
  $("#unmanned").hidden = yes;
  document.body.classList.toggle("unmanned", !yes);
  dials.manned = yes;
}

function controls(state) {
  manned(true);
  dials.follow(state);
  for (const pane of panes) {
    pane.frozen = state.frozen.includes(pane.transport);
    const button = $("[data-do=freeze], [data-do=thaw]", pane.section);
    button.dataset.do = pane.frozen ? "thaw" : "freeze";
    button.textContent = pane.frozen ? "Thaw" : "Freeze";
    button.ariaLabel = `${button.textContent} ${pane.name}`;
  }
  const most = Math.floor(BROWSER / HELD) - 1;
  $("#crowded").hidden = state.pages <= most;
  $("#crowded b").textContent = state.pages;
}

function counters({ server, transports }) {
  document.body.dataset.server = server;
  for (const pane of panes) {
    drawFigures(pane.section, transports[pane.transport]);
    pane.settle();
  }
}

/** The strips, as often as an eye wants them. */
function draw() {
  strips.forEach((strip) => strip.draw());
  scale.fit();
  setTimeout(draw, still.matches ? DRAWN.still : DRAWN.moving);
}

/** The same in numbers. */
function tabulate() {
  strips.forEach((strip) => strip.say());
  const rows = $("#minute tbody").rows;
  panes.forEach(({ minute }, n) => {
    const { count, fastest, median, slowest } = minute.figures;
    const cells = [String(count), ...[fastest, median, slowest].map((delay) => (delay === null ? "–" : span(delay)))];
    cells.forEach((text, column) => { rows[n].cells[column + 1].textContent = text; });
  });
  setTimeout(tabulate, SAID);
}
