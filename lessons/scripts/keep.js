/* What the reader answered and predicted: kept in this browser, sent nowhere. Where the browser refuses to keep anything,
   for as long as the page is open. */
"use strict";

const keep = (() => {
  const here = new Map();
  const named = (kind, id) => `polls-apart/${kind}/${id}`;

  /* Whether what was kept outlasts the page. */
  function write(kind, id, text) {
    here.set(named(kind, id), text);
    try {
      if (text === "") localStorage.removeItem(named(kind, id));
      else localStorage.setItem(named(kind, id), text);
      return true;
    } catch {
      return false;
    }
  }

  function read(kind, id) {
    if (here.has(named(kind, id))) return here.get(named(kind, id));
    try {
      return localStorage.getItem(named(kind, id)) ?? "";
    } catch {
      return "";
    }
  }

  return { read, write };
})();
