// A switch that colours each character by its probability under the model. Highlights leave the page's text unchanged.

import { isBeingWritten, ranger, symbolsOf, writtenText } from "./traces.js";

const LEAST_LIKELY = [0.03, 0.1, 0.25, 0.5]; // limits of the colours; a character above the last one has no colour
const canShow = "highlights" in CSS;
let isOn = false;
let turns = 0;

const names = LEAST_LIKELY.map((_, index) => `surprise-${LEAST_LIKELY.length - index}`);

function degree(nats) {
  const likely = Math.exp(-nats);
  return LEAST_LIKELY.findIndex((limit) => likely < limit);
}

async function rangesOf(passage) {
  const symbols = await symbolsOf(passage);
  const range = ranger(writtenText(passage));
  passage.querySelector("[data-untold]")?.toggleAttribute("hidden", !isOn || symbols.length > 0);
  return symbols.map(({ start, end, nats }) => [degree(nats), range(start, end)]).filter(([found]) => found >= 0);
}

async function colour() {
  const passages = isOn ? [...document.querySelectorAll("[data-trace]")].filter((each) => !isBeingWritten(each)) : [];
  const turn = ++turns;
  const found = (await Promise.all(passages.map(rangesOf))).flat();
  if (turn !== turns) return; // the switch was pressed again while a trace was loading
  const highlights = names.map(() => new Highlight());
  for (const [each, range] of found) highlights[each].add(range);
  names.forEach((name, index) => CSS.highlights.set(name, highlights[index]));
}

function show() {
  for (const button of document.querySelectorAll("[data-surprise]")) {
    button.hidden = !canShow;
    button.setAttribute("aria-pressed", isOn);
  }
  for (const legend of document.querySelectorAll("[data-legend]")) legend.hidden = !isOn;
  if (canShow) colour();
}

function press(event) {
  if (!event.target.closest("[data-surprise]")) return;
  isOn = !isOn;
  show();
}

export function offerSurprise() {
  document.addEventListener("click", press);
  document.addEventListener("htmx:afterSwap", (event) => event.target.closest(".star") || show());
  document.addEventListener("passage:read", show); // its text was replaced
  show();
}
