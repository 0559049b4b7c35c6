// The page that chooses a recipe. The tutorial fixes its own network: while it is chosen, those fields are disabled.

import { sendOnce } from "../lib/once.js";

const form = document.querySelector("[data-recipe-form]");
const note = form?.querySelector("[data-tutorial-note]");

function show() {
  const tutorial = form.elements.recipe.value === "tutorial";
  note.hidden = !tutorial;
  for (const input of form.querySelectorAll("[data-stream-only]")) {
    input.disabled = tutorial;
    input.closest(".field").classList.toggle("resting", tutorial);
  }
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "tutorial_epochs") form.elements.recipe.value = "tutorial";
    show();
  });
  show();
}
sendOnce();
