/** Whose page this is: a name, remembered where the browser allows it. Enter goes on to `next`, where one writes. */
export function remember(input, next) {
  const kept = (act) => { try { return act(localStorage); } catch { return null; } };
  input.value ||= kept((storage) => storage.getItem("name")) ?? `Guest ${100 + Math.floor(Math.random() * 900)}`;
  input.addEventListener("change", () => kept((storage) => storage.setItem("name", input.value)));
  input.addEventListener("keydown", (key) => {
    if (key.key !== "Enter") return;
    key.preventDefault();
    next.focus();
  });
}
