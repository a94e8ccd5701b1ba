/** A pane that listens by its transport, and writes by it: what came, how long it took, and what is on its way. */

import { Outbox } from "../outbox.js";
import { $, Pane, copy } from "../pane.js";
import { span } from "../race.js";
import { Room } from "../room.js";
import { Absence } from "./absence.js";
import { Minute } from "./minute.js";

const KEPT = 60; // lines: a robot writes more than anybody reads
const ROOM = "lobby";
const ANYBODY = { valid: () => {} }; // on loopback no token is asked for

export class Listener extends Pane {
  #coming = new Map(); // id -> line: sent from this page, and not seen here yet
  #items = new Map(); // id -> the outbox's, of what was written in this pane
  #word = "connecting";
  #frozen = false;

  /** `lab`: sent (id -> ms), scale, clock, and the functions say(pane, text), seen(pane, message, delay), refused(id),
   *  tell(sentence), trip(), served(). */
  constructor(section, client, lab) {
    super(section);
    Object.assign(this, { client, lab, transport: section.dataset.transport, name: section.ariaLabel, minute: new Minute() });
    this.absence = new Absence(this.name, lab.tell, lab.trip);
    this.room = new Room(ROOM, section.dataset.mount, ANYBODY, {
      message: (message) => this.#take(message),
      gap: (lost) => this.#gap(lost),
      state: (word, why) => this.#state(word, why),
      count: () => this.settle(true), // what is counted here nobody is shown: the stage counts, at the server
    });
    this.outbox = new Outbox((draft) => client.send(this.room, draft), {
      state: (item, word, why) => this.#written(item, word, why),
    });
    const [form, text] = [$("form", section), $("form input", section)];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (text.value.trim()) lab.say(this, text.value);
      text.value = "";
    });
    $("button", form).disabled = false;
  }

  listen() {
    this.room.follow(this.client.receive);
  }

  /** Whether something that was written here has not been acknowledged. */
  get owes() {
    return [...this.#items.values()].some(({ receipt }) => !receipt);
  }

  /** A message was sent from this page, and is on its way to this pane. */
  expect({ id, text }, since) {
    const line = copy("#coming");
    $("p", line).textContent = text;
    $(".coming", this.section).append(line);
    this.#coming.set(id, line);
    this.lab.scale.grow($("i", line), since);
    this.toEnd();
  }

  /** It will not come. */
  forget(id) {
    const line = this.#coming.get(id);
    if (!line) return;
    this.lab.scale.stop($("i", line));
    line.remove();
    this.#coming.delete(id);
    if (this.#items.has(id)) this.#items.get(id).seen = true;
    this.#items.delete(id);
  }

  /** The line holds back what the server says to this pane, or does so no longer. */
  get frozen() {
    return this.#frozen;
  }

  set frozen(yes) {
    if (yes === this.#frozen) return;
    this.#frozen = yes;
    this.section.classList.toggle("frozen", yes);
    if (yes) this.absence.begin(this.room.seq);
    else this.settle(true, "thawed");
    this.#state(this.#word);
  }

  /** Say that it is back, if it is. Without `proof` a question that is not answered may be held, or has come to nobody. */
  settle(proof = this.lab.served(), how = "is back") {
    if (this.#word === "connected" && !this.#frozen && proof) this.absence.end(how);
  }

  #take(message) {
    const { id, at } = message;
    const { sent, scale, clock } = this.lab;
    const delay = sent.has(id) ? performance.now() - sent.get(id) : clock.since(at);
    if (sent.has(id)) clock.check(at, delay);
    this.absence.took(message);
    this.forget(id);
    const line = this.message(message);
    line.classList.toggle("mine", sent.has(id));
    line.classList.toggle("early", delay === null);
    if (delay !== null) {
      this.minute.add(delay);
      scale.stop($("i", line), delay);
      $("small", line).textContent = span(delay);
    }
    this.keep(KEPT);
    this.lab.seen(this, message, delay);
  }

  #gap(lost) {
    this.absence.lost();
    this.lab.tell(`${this.name}: ${this.gap(lost).textContent}`);
    for (const [id, item] of [...this.#items].filter(([, { receipt }]) => receipt)) {
      if (item.receipt.epoch !== this.room.epoch) this.#written(item, "lost", "the server began a new log");
      else if (item.receipt.seq <= this.room.seq) this.forget(id);
    }
  }

  #state(word, why) {
    if (word === "trying again" && this.#word === "connected") this.absence.begin(this.room.seq);
    const news = word !== this.#word;
    this.#word = word;
    if (news) this.settle();
    this.section.dataset.state = word;
    const shown = this.#frozen && word === "connected" ? "frozen" : word;
    this.figure("state", why ? `${shown}: ${why}` : shown);
  }

  /** What was written in this pane: being sent, sent, refused or lost. */
  #written(item, word, why) {
    const { id, text } = item.draft;
    const line = this.#coming.get(id);
    if (!line) return; // it was seen meanwhile
    this.#items.set(id, item);
    const over = word === "refused" || word === "lost";
    line.dataset.state = word;
    $("span", line).textContent = why ? `${word}: ${why}` : word;
    $("button", line).hidden = !over;
    if (!over) return;
    this.lab.scale.stop($("i", line));
    this.lab.refused(this, id);
    $("button", line).onclick = () => {
      this.forget(id);
      const field = $("form input", this.section);
      field.value = text;
      field.focus();
    };
  }
}
