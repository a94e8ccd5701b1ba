/** What the class has answered: the votes, and the exit tickets, as bars. */

const NAMES = { "short-polling": "Short polling", "long-polling": "Long polling", sse: "SSE", websocket: "WebSocket" };

/** Draw the results of the phase into a section, which is hidden in the other phases. */
export function drawResults(section, phase, { votes, ticket }) {
  const shown = { vote: () => [["The vote", voted(votes)]], ticket: () => handed(ticket) }[phase]?.() ?? [];
  section.hidden = !shown.length;
  const now = JSON.stringify(shown);
  if (section.dataset.shown === now) return;
  section.dataset.shown = now;
  section.querySelector("h2").textContent = shown[0]?.[0] ?? "";
  section.querySelector("div").replaceChildren(...shown.map(([title, bars], n) => table(n ? title : "", bars)));
}

function voted(votes) {
  return Object.entries(NAMES).map(([id, text]) => ({ id, text, count: votes?.[id] ?? 0 }));
}

/** The tickets: for each item its title, and its choices with who took them. */
function handed(ticket) {
  return (ticket?.items ?? []).map(({ text, choices }) => [text, choices]);
}

function table(title, bars) {
  const made = document.createElement("table");
  if (title) made.append(Object.assign(document.createElement("caption"), { textContent: title }));
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const body = made.appendChild(document.createElement("tbody"));
  for (const { id, text, count, right } of bars) {
    const row = body.insertRow();
    row.className = id;
    row.dataset.choice = id;
    const head = Object.assign(document.createElement("th"), { scope: "row" });
    if (id in NAMES) head.append(Object.assign(document.createElement("i"), { className: "key" }));
    head.append(text, ...(right ? [Object.assign(document.createElement("b"), { textContent: " right" })] : []));
    row.append(head);
    const bar = row.insertCell();
    bar.className = "bar";
    bar.append(document.createElement("i"));
    bar.firstChild.style.setProperty("--share", count / most);
    row.insertCell().textContent = count;
  }
  return made;
}
