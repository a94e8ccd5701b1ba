/** What the class is asked: a vote, which counts as soon as it is tapped, or the exit ticket, which is handed in. */

export class Question {
  #asked = "";

  /** `answer(ids)` is called with the chosen id of each item; it says whether it could be told. */
  constructor(section, answer) {
    this.section = section;
    this.answer = answer;
  }

  /** Ask `{title, items: [{text, choices: [{id, text}]}]}`, or nothing any more. The same again changes nothing. */
  ask(question) {
    const asked = JSON.stringify(question ?? null);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.section.hidden = !question;
    this.section.replaceChildren(...(question ? [this.#form(question)] : []));
  }

  #form({ title, items }) {
    const form = element("form", {}, element("h2", { textContent: title }));
    form.append(...items.map((item, n) => this.#item(item, `item-${n}`)));
    const alone = items.length === 1;
    const button = element("button", { textContent: "Hand in", hidden: alone });
    const told = element("output", { role: "status" });
    form.append(button, told);
    form.onchange = () => alone && form.requestSubmit();
    form.onsubmit = (event) => {
      event.preventDefault();
      const ids = items.map((_, n) => new FormData(form).get(`item-${n}`));
      const heard = this.answer(ids);
      told.textContent = !heard ? "Not yet: the class cannot be reached." : alone ? "Counted. You may change it." : "Thank you.";
      if (heard && !alone) form.querySelectorAll("input, button").forEach((one) => { one.disabled = true; });
    };
    return form;
  }

  #item({ text, choices }, name) {
    const set = element("fieldset", {}, element("legend", { textContent: text }));
    for (const { id, text } of choices) {
      const label = element("label", { className: id });
      label.append(element("input", { type: "radio", name, value: id, required: true }), element("i", { className: "key" }), text);
      set.append(label);
    }
    return set;
  }
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
