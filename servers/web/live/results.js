/** What the class has answered, as bars: the vote, and the exit tickets, which are shown when the teacher wants it. */

const NAMES = { "short-polling": "Short polling", "long-polling": "Long polling", sse: "SSE", websocket: "WebSocket" };

export class Results {
  #drawn = "";

  constructor(section) {
    this.section = section;
    this.title = section.querySelector("h2");
    this.show = section.querySelector("button");
    this.tables = section.querySelector("div");
    this.show.addEventListener("click", () => { document.body.dataset.answers = "shown"; });
  }

  /** Those of the phase; in the phases that ask nothing the section is hidden. */
  draw(phase, { votes, ticket, here }) {
    const asked = phase === "vote" || phase === "ticket";
    const shown = phase === "vote" || document.body.dataset.answers === "shown";
    this.section.hidden = !asked;
    this.show.hidden = shown;
    if (!asked) return;
    this.title.textContent = phase === "vote" ? "The vote" : `Handed in: ${ticket.handed} of ${here}`;
    const items = phase === "vote" ? [{ text: "", choices: voted(votes) }] : ticket.items;
    const now = JSON.stringify(shown ? items : []);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.tables.replaceChildren(...(shown ? items.map(table) : []));
  }
}

function voted(votes) {
  return Object.entries(NAMES).map(([id, text]) => ({ id, text, count: votes[id] ?? 0 }));
}

function table({ text, choices }) {
  const made = document.createElement("table");
  if (text) made.append(Object.assign(document.createElement("caption"), { textContent: text }));
  const most = Math.max(1, ...choices.map(({ count }) => count));
  const body = made.appendChild(document.createElement("tbody"));
  for (const { id, text, count, right } of choices) {
    const row = body.insertRow();
    row.className = right ? `${id} right` : id;
    row.dataset.choice = id;
    const head = Object.assign(document.createElement("th"), { scope: "row" });
    if (id in NAMES) head.append(Object.assign(document.createElement("i"), { className: "key" }));
    head.append(text, ...(right ? [" ", Object.assign(document.createElement("b"), { textContent: "✓ right" })] : []));
    const bar = Object.assign(document.createElement("td"), { className: "bar" });
    bar.append(document.createElement("i"));
    bar.firstChild.style.setProperty("--share", count / most);
    row.append(head, bar);
    row.insertCell().textContent = count;
  }
  return made;
}
