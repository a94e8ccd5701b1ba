/* Search where the pages are files: no worker may be started there, so the search runs in a hidden frame instead. */

if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      frame.srcdoc = `<script src="${new URL(address, document.baseURI)}"><\/script>`;
      this.inside = new Promise((ready) => frame.addEventListener("load", () => ready(frame.contentWindow)));
      this.inside.then((inside) => {
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      });
      document.body.append(frame);
    }

    postMessage(data) {
      this.inside.then((inside) => inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
