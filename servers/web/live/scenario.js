/** The dials as a scenario: shown, selected, and copied where the browser lets a page do so. */

import { $ } from "../pane.js";

export class Scenario {
  constructor(dialog) {
    this.dialog = dialog;
    this.text = $("textarea", dialog);
    $("[data-copy]", dialog).addEventListener("click", () => this.#copy());
  }

  show(toml) {
    this.text.value = toml;
    if (!this.dialog.open) this.dialog.showModal();
    this.#copy();
  }

  /** By the old way, which works on plain http too. */
  #copy() {
    this.text.focus();
    this.text.select();
    this.text.scrollTop = 0;
    const copied = document.execCommand("copy");
    $("output", this.dialog).value = copied ? "It is copied." : "It is selected: copy it by Ctrl-C, or ⌘C.";
  }
}
