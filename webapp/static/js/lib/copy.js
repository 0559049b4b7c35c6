// Buttons that copy the text of another element, which data-copy names.

import { nowAndAfterSwaps } from "./swaps.js";

const reveal = () => document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));

function textOf(element) {
  if ("value" in element) return element.value;
  const text = element.cloneNode(true);
  text.querySelectorAll("summary").forEach((summary) => summary.remove()); // it is the title of a folded part, and not text
  return text.textContent;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyFromBox(text); // without HTTPS, browsers have no clipboard object; with it, some forbid its use
  }
}

function copyFromBox(text) {
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}

async function press(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(textOf(document.getElementById(button.dataset.copy)));
  const name = button.textContent;
  if (name === button.dataset.done) return;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = name), 1500);
}

export function offerCopying() {
  document.addEventListener("click", press);
  nowAndAfterSwaps(reveal);
}
