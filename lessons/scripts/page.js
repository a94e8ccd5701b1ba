/* What the theme leaves undone for people who use a keyboard or a screen reader. */

const reachable = () => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  document.querySelectorAll("nav.md-code__nav").forEach((buttons) => buttons.setAttribute("role", "group"));
  document.querySelectorAll(":not(.scroll) > .md-typeset__scrollwrap").forEach((wide) => wide.setAttribute("tabindex", "0"));
};

reachable();
new MutationObserver(reachable).observe(document.querySelector("article"), { childList: true, subtree: true });
