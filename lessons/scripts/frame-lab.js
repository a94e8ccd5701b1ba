"use strict";
/* <frame-lab>: WebSocket's handshake, from a key to its accept, and a message's frame bit by bit. */

(() => {
  const { html, number, plain, count, id, button, choice, speaker, table, numbers } = pollsApart.drawing;
  const { guid, example, utf8, hex, sha1, base64, accept, randomKey, fields, encode, why } = pollsApart.frames;

  const shown = 32; // bytes of a payload; the rest is counted
  const wide = 16; // bits in a row
  const samples = {
    Hello: "Hello", "beyond ASCII": "Ça va 👋", "125 bytes": "a".repeat(125), "126 bytes": "a".repeat(126),
    "65,535 bytes": "a".repeat(65535), "65,536 bytes": "a".repeat(65536),
  };
  const mask = new Uint8Array([0x37, 0xfa, 0x21, 0x3d]); // of RFC 6455's example, section 5.7
  const randomMask = () => crypto.getRandomValues(new Uint8Array(4));

  class FrameLab extends HTMLElement {
    connectedCallback() {
      if (this.frame) return;
      this.frame = { text: "Hello", mask };
      this.build();
      this.shake(example);
      this.spoken.textContent = "";
      this.draw();
    }

    build() {
      const [text, sender] = [id("message"), id("sender")];
      const set = (changes) => {
        Object.assign(this.frame, changes);
        this.draw();
        this.spoken.textContent = this.summary.textContent;
      };
      const sample = ([words, text]) => button(words, () => {
        this.text.value = text;
        set({ text });
      });
      this.steps = html("ol", { class: "steps" });
      this.text = html("textarea", {
        id: text, rows: 2, spellcheck: "false", onchange: () => set({}),
        oninput: () => {
          this.frame.text = this.text.value;
          this.draw();
        },
      });
      this.text.value = this.frame.text;
      this.again = button("New masking key", () => set({ mask: randomMask() }));
      this.summary = html("p", { class: "said" });
      this.bits = html("div", { class: "bits", role: "group", "aria-label": "The frame's fields" });
      this.why = html("p", { class: "why", id: id("why") });
      this.spoken = speaker();
      this.behind = numbers("The frame as a table");
      this.replaceChildren(html("figure", { class: "widget frame-lab" },
        html("figcaption", {}, "The handshake"),
        html("div", { class: "buttons" }, button("New key", () => this.shake(randomKey())),
          button("The key of RFC 6455", () => this.shake(example))),
        this.steps,
        html("p", { class: "caption" }, "A message and its frame"),
        html("label", { for: text, class: "label" }, "Message"), this.text,
        html("div", { class: "buttons" }, ...Object.entries(samples).map(sample)),
        html("fieldset", { class: "buttons" }, html("legend", {}, "Sent by"),
          choice("radio", "a client, masked", () => set({ mask }), { name: sender, checked: true }),
          choice("radio", "a server", () => set({ mask: null }), { name: sender }), this.again),
        this.summary, this.bits, this.why, this.spoken, this.behind));
    }

    /* ---- the handshake ---- */

    shake(key) {
      const step = (words, ...code) => html("li", {}, words, html("code", {}, ...code));
      const answer = html("b", { "data-figure": "accept" }, accept(key));
      this.steps.replaceChildren(
        step("The client asks, with 16 random bytes in base64:", "Sec-WebSocket-Key: ", html("b", {}, key)),
        step("The server puts a fixed text behind them:", html("b", {}, key), guid),
        step("It takes the SHA-1 of that, 20 bytes:", hex(sha1(utf8(key + guid)))),
        step("And answers with those in base64:", "Sec-WebSocket-Accept: ", answer));
      this.spoken.textContent = `Key ${key}, accept ${accept(key)}`;
    }

    /* ---- the frame ---- */

    draw() {
      const { text, mask } = this.frame;
      const made = fields(text, mask);
      const [whole, payload] = [encode(text, mask).length, made.at(-1).bytes.length];
      const head = whole - payload;
      this.summary.textContent = `${count([...text].length, "character")}, ${count(payload, "byte")} of payload, `
        + `${count(head, "byte")} of head, which is ${number((100 * head) / whole)} % of the frame.`;
      this.again.disabled = !mask;
      const filled = made.filter((field) => field.bits || field.bytes.length);
      this.bits.replaceChildren(...filled.map((field) => (field.bits ? this.head(field) : this.payload(field))));
      this.explain(made[0], this.bits.firstChild);
      const rows = made.map((field) => [field.name, plain(field.bits?.length ?? 8 * payload), value(field), why(field)]);
      this.behind.lastChild.replaceChildren(
        table("Numbers of many bits are in hexadecimal.", ["field", "bits", "value", "what it says"], rows));
    }

    /* A field explains itself when it is come to. */
    cell(field, words, style, ...content) {
      const explain = () => this.explain(field, cell);
      const cell = html("button", {
        type: "button", class: `field ${field.name.replaceAll(" ", "-")}`, style, "aria-label": `${field.name}: ${words}`,
        "aria-describedby": this.why.id, onfocus: explain, onmouseenter: explain, onclick: () => cell.focus(),
      }, html("span", { class: "name" }, field.name), ...content);
      return cell;
    }

    head(field) {
      const bits = Array.from(field.bits, (bit) => html("i", { class: bit === "1" ? "one" : "" }, bit));
      const style = `--wide: ${Math.min(wide, bits.length)}`;
      return this.cell(field, field.bits, style, html("span", { class: "row" }, ...bits));
    }

    /* The first bytes as they are sent, and below them what they were before they were masked. */
    payload(field) {
      const { bytes, plain, mask } = field;
      const column = (look, ...parts) => html("span", { class: look }, ...parts.map((part) => html("small", {}, part)));
      const heads = column("octet heads", "sent", ...(mask ? ["text"] : []));
      const octets = Array.from(bytes.slice(0, shown), (byte, n) => {
        const rest = column("octet", ...(mask ? [hex([plain[n]])] : []), letter(plain[n]));
        rest.prepend(html("b", {}, hex([byte])));
        return rest;
      });
      const rest = bytes.length - shown;
      const more = rest > 0 ? html("span", { class: "more" }, `and ${count(rest, "byte")} more`) : "";
      return this.cell(field, count(bytes.length, "byte"), null, html("span", { class: "octets" }, heads, ...octets, more));
    }

    explain(field, cell) {
      this.bits.querySelector(".current")?.classList.remove("current");
      cell.classList.add("current");
      this.why.replaceChildren(html("b", {}, `${field.name}. `), why(field));
    }
  }

  /* A field's bits in a table, many of them in hexadecimal. */
  function value({ bits, bytes }) {
    if (bits) return bits.length > wide ? hex(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2))) : bits;
    return hex(bytes.slice(0, shown)) + (bytes.length > shown ? " …" : "");
  }

  /* A byte of ASCII as its letter. */
  const letter = (byte) => (byte === 0x20 ? "␣" : byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·");

  customElements.define("frame-lab", FrameLab);
})();
