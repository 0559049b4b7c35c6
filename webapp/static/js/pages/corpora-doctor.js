// The doctor's pages: a form is sent once, and whoever types what a character is to be written as has chosen that.

import { sendOnce } from "../lib/once.js";

sendOnce();
for (const decision of document.querySelectorAll(".decision")) {
  const choice = decision.querySelector("select");
  decision.querySelector("input").addEventListener("input", () => {
    choice.value = "write";
  });
}
