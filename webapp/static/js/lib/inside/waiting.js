// A look that is waited for: its sentence changes, and the page is loaded again when it is over.

import { untilReady } from "./look.js";

export async function waitForLook() {
  const section = document.querySelector("[data-waiting]");
  if (!section) return;
  const sentence = section.querySelector("[data-sentence]");
  let isOver = false;
  await untilReady(section, (news) => {
    if (sentence.textContent !== news.sentence && news.sentence) sentence.textContent = news.sentence;
    isOver = news.over;
  });
  if (isOver) location.reload();
}
