/** A room as one transport sees it: how far its log has been read, and what that took. */

import { backoff, pause } from "./retry.js";

const PAGE = 500; // messages in the largest answer: after one of these there are more
const HELD = 500; // ms after which a question that was neither answered nor refused is being held
const PATIENCE = 60_000; // ms for an answer, above any hold that proxies let live (RFC 6202 section 5.5)
const AGAIN = [401, 408, 425, 429]; // refusals that say "not now" rather than "not this"

/** The server said no, and would say it again. `gap` is where to go on, when it was the cursor that is of no use. */
export class Refusal extends Error {
  constructor({ status, title, detail, epoch, cursor }) {
    super(detail || title);
    this.gap = status === 409 || status === 410 ? epoch && { epoch, cursor } : undefined;
  }
}

export class Room {
  epoch = null; // which log this is
  seq = 0; // of the last message taken from it
  requests = 0;
  empty = 0; // answers without news
  interval = 1; // seconds between questions, where they are asked at intervals
  #failures = 0; // in a row
  #left = new AbortController();
  #restart = () => {};

  /** `view` draws: message(message), gap(lost), state(word, why), count(room). */
  constructor(name, mount, session, view) {
    Object.assign(this, { name, mount, session, view });
  }

  /** Where to go on, as the query of a request. */
  get cursor() {
    return this.epoch ? `after=${this.seq}&epoch=${this.epoch}` : "after=0";
  }

  /** The address of a request, which is counted; whoever has left asks for nothing more. */
  url(path) {
    this.#left.signal.throwIfAborted();
    this.requests += 1;
    this.view.count(this);
    return new URL(`.${this.mount}/rooms/${this.name}/${path}`, document.baseURI).href;
  }

  /** A page of the log, as JSON; one without news is counted. */
  async get(path) {
    const late = AbortSignal.timeout(PATIENCE);
    const page = await this.#ask(path, { signal: AbortSignal.any?.([late, this.#left.signal]) ?? late });
    this.empty += page.messages.length ? 0 : 1;
    return page;
  }

  /** The same, of a server that holds the question until there is news: silence is then a good sign, though no proof. */
  hold(path) {
    const held = setTimeout(() => this.view.state("connected"), HELD);
    return this.get(path).finally(() => clearTimeout(held));
  }

  post(path, body) {
    const headers = { "Content-Type": "application/json" };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(path, request) {
    const answer = await fetch(this.url(path), { signal: AbortSignal.timeout(PATIENCE), ...request });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({ title: answer.statusText }));
    throw this.refusal({ ...problem, status: answer.status });
  }

  /** The same socket, which says first whose it is, where tokens are asked for. */
  introduced(socket) {
    const { token } = this.session;
    if (token) socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "auth", token })));
    return socket;
  }

  /** What to throw for a problem document. */
  refusal(problem) {
    const final = problem.status < 500 && !AGAIN.includes(problem.status);
    return final ? new Refusal(problem) : new Error(problem.title);
  }

  /** Take the messages that are new; one that was taken before is dropped, one that is missing leaves a gap. */
  take({ messages, epoch }) {
    this.epoch = epoch;
    this.connected();
    for (const message of messages) {
      if (message.seq <= this.seq) continue;
      if (message.seq > this.seq + 1) this.view.gap(message.seq - this.seq - 1);
      this.seq = message.seq;
      this.view.message(message);
    }
  }

  /** Go on where the server can, and say what was lost: how many messages, or null when nobody knows. */
  reset({ epoch, cursor }) {
    const known = cursor > this.seq && (epoch === this.epoch || !this.epoch);
    const lost = known ? cursor - this.seq : null;
    this.epoch = epoch;
    this.seq = cursor;
    this.view.gap(lost);
    this.connected();
  }

  connected() {
    this.#failures = 0;
    this.view.state("connected");
    this.view.count(this);
  }

  /** Wait for an interval, which begins anew when it is changed; not at all after a full page, which has a sequel. */
  rest({ messages }) {
    if (messages.length === PAGE) return Promise.resolve();
    return new Promise((over) => {
      let timer;
      this.#restart = () => {
        clearTimeout(timer);
        timer = setTimeout(over, this.interval * 1000);
      };
      this.#restart();
    });
  }

  every(seconds) {
    this.interval = seconds;
    this.#restart();
  }

  /** Receive until one leaves, by `receive`, which goes on from the cursor, and ends or throws with its connection. */
  async follow(receive) {
    while (!this.#left.signal.aborted) {
      try {
        await this.session.valid();
        await receive(this);
        this.view.state("trying again");
      } catch (error) {
        if (error.gap) this.reset(error.gap);
        else this.view.state("trying again", error instanceof Refusal ? error.message : "");
      }
      await pause(backoff(this.#failures++));
    }
  }

  /** Hang up. What is being sent is still sent. */
  leave() {
    this.#left.abort();
    (this.socket ?? this.source)?.close();
  }
}
