/* What the theme leaves undone for people who use a keyboard or a screen reader. */

const reachable = () => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  document.querySelectorAll("nav.md-code__nav").forEach((buttons) => buttons.setAttribute("role", "none"));
};

reachable();
new MutationObserver(reachable).observe(document.querySelector("article"), { childList: true, subtree: true });
