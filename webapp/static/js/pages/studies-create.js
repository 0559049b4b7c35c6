// The page that chooses a recipe. A recipe may fix some choices: while it is chosen, their fields are disabled.

import { sendOnce } from "../lib/once.js";

const form = document.querySelector("[data-recipe-form]");
const note = form?.querySelector("[data-fixed-note]");

function show() {
  const fixed = form.querySelector("[name=recipe]:checked")?.dataset.fixed?.split(" ") ?? [];
  note.hidden = !fixed.length;
  for (const input of form.querySelectorAll("[data-choices] [name]")) {
    input.disabled = fixed.includes(input.name);
    input.closest(".field, .choice").classList.toggle("resting", input.disabled);
  }
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "recipe_epochs") form.elements.recipe.value = event.target.dataset.of;
    show();
  });
  show();
}
sendOnce();
