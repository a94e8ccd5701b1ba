/** What panes have in common: lines, and figures. Whatever came over the wire is drawn as text. */

const NEAR = 24; // px, a line: whoever is so near the end follows it

export const $ = (selector, within = document) => within.querySelector(selector);

/** A copy of what a template holds. */
export const copy = (template) => $(template).content.firstElementChild.cloneNode(true);

/** Lines, of which the end is shown, unless the reader has gone back. */
export class Log {
  #atEnd = true;
  #top = 0;
  #frame = 0;

  /** `box` scrolls, and its first list takes the lines; `latest` is the button that goes back to the end. */
  constructor(box, latest) {
    Object.assign(this, { box, latest, lines: $("ol", box) });
    box.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => { if (this.#atEnd) this.toEnd(); }).observe(box);
    latest.addEventListener("click", () => this.toEnd());
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    if (near || scrollTop < this.#top) this.#atEnd = near; // only a reader goes up: new lines push the end away
    if (near) this.latest.hidden = true;
    this.#top = scrollTop;
  }

  /** Put a line at the end, and stay there, unless the reader has gone back. */
  append(line) {
    this.lines.append(line);
    if (this.#atEnd) this.toEnd();
    else this.latest.hidden = false;
  }

  /** Drop the oldest beyond so many, unless the reader has gone back to them. */
  keep(most) {
    while (this.#atEnd && this.lines.childElementCount > most) this.lines.firstElementChild.remove();
  }

  /** Show the end: once a frame, however many lines came. */
  toEnd() {
    this.#atEnd = true;
    this.latest.hidden = true;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => { this.box.scrollTop = this.box.scrollHeight; });
  }
}

/** A pane, as the page was given it. */
export class Pane extends Log {
  constructor(section) {
    super($(".log", section), $(".latest", section));
    this.section = section;
  }

  figure(name, value) {
    $(`[data-figure=${name}]`, this.section).textContent = value;
  }

  /** A message that came. Whatever it says is text, never markup. Returns its line. */
  message({ seq, sender, text, at }) {
    const line = copy("#message");
    line.dataset.seq = seq;
    $("b", line).textContent = sender;
    $("p", line).textContent = text;
    $("time", line).dateTime = at;
    $("time", line).textContent = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.append(line);
    return line;
  }

  /** A hole in the log, of so many messages, or of nobody knows how many. */
  gap(lost) {
    const line = copy("#message");
    line.className = "gap";
    line.textContent = lost
      ? `${lost} ${lost === 1 ? "message is" : "messages are"} no longer kept.`
      : "The server began a new log. Some messages were lost.";
    this.append(line);
    return line;
  }
}
