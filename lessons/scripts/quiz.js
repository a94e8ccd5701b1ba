/* The quizzes of a page. Each choice is a <details>, so it unfolds by mouse, finger and keyboard without a script; here
   it is told to screen readers, kept, and counted in a line at the page's head. */
"use strict";

(() => {
  const quizzes = [...document.querySelectorAll(".quiz")].map(quizOf);
  if (!quizzes.length) return;
  const progress = progressLine();
  report();

  function quizOf(element) {
    const choices = [...element.querySelectorAll(".choices details")];
    const id = element.id.slice("quiz-".length);
    const ears = document.createElement("p");
    ears.className = "for-ears";
    ears.setAttribute("role", "status");
    element.append(ears);
    const quiz = { element, choices, id, ears, taken: read(id, choices.length) };
    for (const place of quiz.taken) choices[place].open = true;
    choices.forEach((choice, place) => choice.firstElementChild.addEventListener("click", () => {
      if (choice.open) return; // it is about to close
      if (!quiz.taken.includes(place)) quiz.taken.push(place);
      keep.write("quiz", id, quiz.taken.join(","));
      report();
      ears.textContent = `${explanation(choice)} ${progress.firstChild.textContent}`;
    }));
    return quiz;
  }

  /* The places of the choices that were taken, in the order in which they were. */
  function read(id, count) {
    const places = keep.read("quiz", id).split(",").filter(Boolean).map(Number);
    return places.filter((place) => Number.isInteger(place) && place >= 0 && place < count);
  }

  function explanation(choice) {
    return [...choice.children].slice(1).map((part) => part.textContent.trim()).join(" ");
  }

  /* A quiz is answered when all that is right has been found. */
  function answered(quiz) {
    return quiz.choices.every((choice, place) => !choice.classList.contains("right") || quiz.taken.includes(place));
  }

  function atOnce(quiz) {
    return answered(quiz) && quiz.taken.findIndex((place) => quiz.choices[place].classList.contains("wrong")) === -1;
  }

  function progressLine() {
    const line = document.createElement("p");
    line.className = "quiz-progress";
    const next = document.createElement("a");
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Start again";
    again.addEventListener("click", startAgain);
    line.append(document.createElement("span"), next, again);
    const section = document.querySelector("article h2, main h2");
    if (section) section.before(line);
    else document.querySelector("h1")?.after(line);
    return line;
  }

  function report() {
    const [told, next, again] = progress.children;
    const done = quizzes.filter(answered);
    const well = done.filter(atOnce).length;
    const open = quizzes.find((quiz) => !answered(quiz));
    told.textContent = `${done.length} of ${quizzes.length} questions answered`
      + (well ? `, ${well === done.length ? "each" : well} at the first try.` : ".");
    next.hidden = !open;
    next.textContent = done.length ? "The next one" : "The first one";
    if (open) next.href = `#${open.element.id}`;
    again.hidden = quizzes.every((quiz) => !quiz.taken.length);
    for (const quiz of quizzes) quiz.element.classList.toggle("answered", answered(quiz));
  }

  function startAgain() {
    for (const quiz of quizzes) {
      quiz.taken = [];
      keep.write("quiz", quiz.id, "");
      quiz.ears.textContent = "";
      for (const choice of quiz.choices) choice.open = false;
    }
    report();
    quizzes[0].choices[0].firstElementChild.focus({ preventScroll: true });
  }
})();
