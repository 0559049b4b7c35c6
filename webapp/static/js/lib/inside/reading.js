// The reading of one place: its symbol, the values of one unit in all parts of the layer, and what is expected next.

import { percent } from "./bars.js";
import { shown } from "./picture.js";

const LIKELY = 8;

export const filled = (sentence, values) => sentence.trim().replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Return a number as it is shown: with a minus and not a hyphen, and without one where it is rounded to 0. */
export const rounded = (value, digits) =>
  value
    .toFixed(digits)
    .replace(/^-(?=0\.0*$)/, "")
    .replace("-", "−");

function made(tag, properties = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function bar(share) {
  const inner = document.createElement("i");
  inner.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return made("div", { className: "bar", ariaHidden: "true" }, [inner]);
}

/** Return the likeliest next symbols after a place, each with its probability, the likeliest first. */
export function nextAfter(arrays, state, at, most = LIKELY) {
  const [listed, shares] = ["next_ids", "next_probabilities"].map((name) => arrays.find(name, -1));
  const [ids, probabilities] = [arrays.loaded(listed), arrays.loaded(shares)];
  if (!ids || !probabilities) return [];
  const each = listed.shape[1];
  return Array.from({ length: Math.min(each, most) }, (_, place) => ({
    id: ids[at * each + place],
    text: state.spelling[ids[at * each + place]] ?? "?",
    probability: probabilities[at * each + place],
  }));
}

/** Return list items of symbols with their probabilities. */
export function likelyItems(next) {
  return next.map(({ text, probability }) =>
    made("li", {}, [
      made("b", { textContent: shown(text) }),
      made("span", { className: "number", textContent: percent(probability) }),
      bar(probability),
    ]),
  );
}

export class Reading {
  #section;

  constructor(section) {
    this.#section = section;
    this.part = (name) => section.querySelector(`[data-${name}]`);
  }

  /** Show a place. `isTold` has screen readers say it. */
  show({ arrays, state, layer, at, unit }, isTold) {
    const labels = this.#section.dataset;
    const of = { at: at + 1, of: state.symbols.length, unit: unit + 1, layer: layer + 1 };
    const symbol = this.#name(state.symbols[at]);
    this.part("symbol").textContent = shown(state.symbols[at]);
    this.part("place").textContent = filled(labels.labelAt, of);
    this.part("unit").textContent = filled(labels.labelUnit, of);
    const values = this.#values(arrays, layer, at, unit);
    this.part("values").replaceChildren(...values.map(line));
    this.part("likely").replaceChildren(...likelyItems(nextAfter(arrays, state, at)));
    if (isTold) {
      const told = values.map(({ label, value }) => `${label} ${rounded(value, 2)}`).join(", ");
      this.part("announcement").textContent = `${symbol}, ${filled(labels.labelUnit, of)}: ${told}`;
    }
  }

  #name(symbol) {
    if (symbol === " ") return this.#section.dataset.labelSpace;
    return symbol === "\n" ? this.#section.dataset.labelBreak : symbol;
  }

  #values(arrays, layer, at, unit) {
    return arrays.of(layer).flatMap((array) => {
      const numbers = arrays.loaded(array);
      return numbers ? [{ ...array, value: numbers[at * array.shape[1] + unit] }] : [];
    });
  }
}

function line({ label, value, low, high }) {
  const most = high ?? Math.max(1, Math.abs(value));
  const children = [
    made("dt", { textContent: label }),
    made("dd", { textContent: rounded(value, 3) }),
    low === 0 ? bar(value / most) : signedBar(value / most),
  ];
  return made("div", {}, children);
}

function signedBar(share) {
  const inner = document.createElement("i");
  const width = Math.min(1, Math.abs(share)) * 50;
  inner.style.left = `${share < 0 ? 50 - width : 50}%`;
  inner.style.width = `${width}%`;
  inner.style.backgroundColor = share < 0 ? "var(--low)" : "var(--high)";
  return made("div", { className: "bar", ariaHidden: "true" }, [inner]);
}
