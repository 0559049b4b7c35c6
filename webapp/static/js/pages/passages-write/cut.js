// The cutting of a passage. A click on a character cuts the text there, shows the model's other likely symbols, and lets
// the model write on from one of them. On the keyboard, the arrow keys cut the passage that has the focus.

import { nowAndAfterSwaps } from "../../lib/swaps.js";
import { codePoints, isBeingWritten, ranger, symbolsOf, writtenText } from "../../lib/traces.js";

const panel = document.getElementById("cut");
const form = () => document.getElementById("write-form");
const part = (name) => panel.querySelector(`[data-cut-${name}]`);
const KEYS = { ArrowLeft: -1, ArrowRight: 1 };
const VISIBLE = { " ": "␣", "\n": "⏎", "\t": "⇥" };
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });
let moves = Promise.resolve();
let cut = null; // {passage, at: number of characters that are kept, index of the symbol, symbols}

const visible = (text) => text.replace(/[ \n\t]/g, (blank) => VISIBLE[blank]);
const textOf = (passage) => writtenText(passage).textContent;
const openingOf = (passage) => Array.from(passage.querySelectorAll(".opening"), (part) => part.textContent).join("");

function caret(event) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(event.clientX, event.clientY);
    return found && [found.offsetNode, found.offset];
  }
  const found = document.caretRangeFromPoint(event.clientX, event.clientY);
  return found && [found.startContainer, found.startOffset];
}

function placeIn(text, [node, offset]) {
  if (!text.contains(node)) return null;
  const before = new Range();
  before.setStart(text, 0);
  before.setEnd(node, offset);
  return codePoints(before.toString());
}

async function cutAt(passage, at) {
  const symbols = await symbolsOf(passage);
  const index = symbols.findIndex(({ end }) => at < end);
  const symbol = symbols[index];
  cut = { passage, at: symbol ? symbol.start : at, index: index < 0 ? symbols.length : index, symbols };
  show(symbol);
}

function show(symbol) {
  const text = [...textOf(cut.passage)];
  cut.passage.querySelector(".passage").after(panel);
  panel.hidden = false;
  part("before").textContent = `…${[...openingOf(cut.passage), ...text.slice(0, cut.at)].slice(-40).join("")}`;
  part("others").replaceChildren(...(symbol ? choices(symbol, text) : []));
  part("choices").hidden = !symbol;
  dim();
}

function choices(symbol, text) {
  const own = [text.slice(symbol.start, symbol.end).join(""), Math.exp(-symbol.nats)];
  const all = [own, ...symbol.others].sort((one, other) => other[1] - one[1]);
  return all.map((each) => choice(...each, each === own));
}

function choice(text, likely, isOwn) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.goOn = text;
  button.append(
    Object.assign(document.createElement("b"), { textContent: visible(text) }),
    ` ${percent.format(likely)}`,
  );
  if (isOwn) button.setAttribute("aria-current", "true");
  item.append(button);
  return item;
}

function dim() {
  if (!("highlights" in CSS)) return;
  const text = writtenText(cut.passage);
  CSS.highlights.set("cut-off", new Highlight(ranger(text)(cut.at, codePoints(text.textContent))));
}

function close() {
  if (!cut) return;
  CSS.highlights?.delete("cut-off");
  if (panel.contains(document.activeElement)) writtenText(cut.passage).focus();
  panel.hidden = true;
  document.getElementById("desk").append(panel); // the next text replaces the place where the panel was
  cut = null;
}

function goOn(chosen) {
  const { passage, at } = cut;
  const fields = form().elements;
  fields.prompt.value = openingOf(passage) + [...textOf(passage)].slice(0, at).join("") + chosen;
  fields.goes_on_from.value = passage.dataset.passage;
  close();
  form().requestSubmit();
  fields.goes_on_from.value = "";
}

function press(event) {
  const chosen = event.target.closest("[data-go-on]");
  if (chosen) return goOn(chosen.dataset.goOn);
  if (event.target.closest("[data-cut-close]")) return close();
  const text = event.target.closest("[data-text]");
  const passage = text?.closest("[data-passage]");
  if (!passage || event.target.closest("a") || isBeingWritten(passage) || !getSelection().isCollapsed) return;
  const place = caret(event);
  const at = place && placeIn(text, place);
  if (at !== null) cutAt(passage, at);
}

function pressKey(event) {
  if (event.key === "Escape") return close();
  const text = event.target.closest?.("[data-text]");
  const passage = text?.closest("[data-passage]");
  const isMeant = passage && !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
  if (!isMeant || isBeingWritten(passage)) return;
  if (event.key === "Enter" && cut?.passage === passage) return panel.querySelector("button").focus();
  if (!(event.key in KEYS)) return;
  event.preventDefault();
  const step = KEYS[event.key] * (getComputedStyle(text).direction === "rtl" ? -1 : 1);
  moves = moves.then(() => move(passage, step)); // one after the other, even while the trace is loading
}

function move(passage, step) {
  const length = codePoints(textOf(passage));
  if (cut?.passage !== passage) return cutAt(passage, Math.max(0, length - 1));
  const next = cut.symbols[cut.index + step]?.start ?? cut.at + step;
  return cutAt(passage, Math.max(0, Math.min(length, next)));
}

function makeReachable() {
  for (const text of document.querySelectorAll("[data-text]")) {
    text.tabIndex = 0;
    text.setAttribute("role", "group");
    text.setAttribute("aria-label", panel.dataset.textName);
  }
}

export function offerCuts() {
  if (!panel) return; // there is no panel while the study has no model
  document.addEventListener("click", press);
  document.addEventListener("keydown", pressKey);
  document.addEventListener("htmx:beforeSwap", close);
  document.addEventListener("passage:read", (event) => event.target === cut?.passage && dim());
  nowAndAfterSwaps(makeReachable);
}
