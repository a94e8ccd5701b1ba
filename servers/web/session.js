/** Who this page speaks as, where the server asks for a token. */

const ANONYMOUS = 401; // the status that asks for a session

export class Session {
  token = ""; // for a WebSocket, whose handshake takes no header from a page; all else goes by a cookie
  #asking = null;

  /** `dialog`: where a name, and perhaps a join code, is asked for; `shown`: where the name stands; `leave`: a button;
   *  `notice`: where it is said that one could not. */
  constructor(dialog, shown, leave, notice) {
    Object.assign(this, { dialog, shown, notice });
    leave.addEventListener("click", () => this.leave());
  }

  /** Promises that there is a session: the one of before, or one that the dialog asks for, once for all who wait. */
  valid() {
    this.#asking ??= this.#ask("GET").catch((error) => {
      if (error.status !== ANONYMOUS) throw error;
      return this.#join();
    }).finally(() => { this.#asking = null; });
    return this.#asking;
  }

  /** End it. The server hangs up on all that this session holds, and each asks for a new one. Else say why, and stay. */
  async leave() {
    const failure = await this.#ask("DELETE").catch((error) => error);
    const stays = failure && failure.status !== ANONYMOUS;
    this.notice.textContent = stays ? `You are still in. ${failure.status ? failure.message : "The server does not answer."}` : "";
    this.notice.hidden = !stays;
    if (!stays) this.valid().catch(() => {}); // whoever needs one asks again
  }

  /** The dialog, until somebody is let in. */
  #join() {
    const [form, name, code, why] = ["form", "[name=name]", "[name=code]", "output"].map((part) => this.dialog.querySelector(part));
    name.value ||= this.shown.value;
    this.dialog.showModal();
    return new Promise((joined) => {
      form.onsubmit = async (event) => {
        event.preventDefault();
        try {
          await this.#ask("POST", { name: name.value.trim(), ...(code && { code: code.value.trim() }) });
          why.value = "";
          this.dialog.close();
          joined();
        } catch (error) {
          why.value = error.message;
        }
      };
      this.dialog.oncancel = (event) => event.preventDefault(); // there is nothing to see without a session
    });
  }

  async #ask(method, body) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(new URL("session", document.baseURI), { method, ...(body && { headers, body: JSON.stringify(body) }) });
    if (!answer.ok) {
      const { detail, title } = await answer.json().catch(() => ({ title: answer.statusText }));
      throw Object.assign(new Error(detail || title), { status: answer.status });
    }
    if (answer.status === 204) return;
    ({ name: this.shown.value, token: this.token } = await answer.json());
  }
}
