// Turning slides. The address says which one is shown, so that Back goes back, and a reload stays where it was.

const root = document.documentElement;
const slides = document.querySelectorAll("main > section");
const kept = (n) => Math.min(Math.max(n, 1), slides.length);
const now = () => kept(Number(location.hash.slice(1)) || 1);

function show() {
  slides.forEach((slide, n) => slide.classList.toggle("now", n + 1 === now()));
  scrollTo(0, 0);
}

function turn(to) {
  location.hash = kept(to);
}

function otherScheme() {
  const dark = root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.scheme = dark ? "light" : "dark";
}

const next = () => turn(now() + 1);
const back = () => turn(now() - 1);
const keys = {
  ArrowRight: next, ArrowDown: next, PageDown: next, " ": next, Enter: next,
  ArrowLeft: back, ArrowUp: back, PageUp: back, Backspace: back,
  Home: () => turn(1), End: () => turn(slides.length),
  n: () => document.body.classList.toggle("noted"),
  d: otherScheme,
  f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
};

addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});
addEventListener("hashchange", show);
document.body.classList.add("turning");
show();
