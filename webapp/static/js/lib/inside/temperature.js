// The temperature as a slider on the model's own probabilities at a place in the line, and characters drawn by them.

import { offerSaving } from "../shapes.js";
import { drawnLikely } from "./bars.js";
import { shown } from "./picture.js";
import { filled, likelyItems, nextAfter } from "./reading.js";
import { fileName } from "./saving.js";

const SHOWN = 10; // bars
const DRAWN = 60; // characters

/** Return probabilities at a temperature: each to the power of 1/T, and all together one again. */
export function atTemperature(next, temperature) {
  const powers = next.map(({ probability }) => probability ** (1 / temperature));
  const sum = powers.reduce((all, power) => all + power, 0) || 1;
  return next.map((one, place) => ({ ...one, probability: powers[place] / sum }));
}

/** Return the first of these whose probabilities, added up, exceed a random number from 0 to 1. */
export function drawn(next, random) {
  let sum = 0;
  for (const one of next) {
    sum += one.probability;
    if (sum > random) return one;
  }
  return next.at(-1);
}

export function arrangeTemperature(box, arrays, state, name) {
  const part = (name) => box.querySelector(`[data-temperature-${name}]`);
  const place = () => Number(part("place").value);
  const temperature = () => Number(part("slider").value);
  let written = "";

  const next = () => atTemperature(nextAfter(arrays, state, place(), Number.POSITIVE_INFINITY), temperature());

  function show() {
    const all = next();
    const before = state.symbols
      .slice(Math.max(0, place() - 30), place() + 1)
      .map(shown)
      .join("");
    part("after").textContent = filled(box.dataset.after, { text: before });
    part("shown").textContent = temperature();
    part("bars").replaceChildren(...likelyItems(bars(all)));
  }

  /** Return what has a bar: the likeliest, and all others together. */
  function bars(all) {
    const probability = all.slice(SHOWN).reduce((sum, one) => sum + one.probability, 0);
    return [...all.slice(0, SHOWN), ...(all.length > SHOWN ? [{ text: box.dataset.rest, probability }] : [])];
  }

  function forget() {
    written = "";
    part("drawn").textContent = "";
    show();
  }

  const read = Math.min(state.symbols.length, Number(box.dataset.window) || state.symbols.length);
  part("place").max = read - 1; // a network of windows never predicts after more
  part("place").value = Math.min(10, read - 1);
  part("place").addEventListener("input", forget);
  part("slider").addEventListener("input", forget);
  part("draw").addEventListener("click", () => {
    written = (written + shown(drawn(next(), Math.random()).text)).slice(-DRAWN);
    part("drawn").textContent = filled(box.dataset.drawn, { text: written });
  });
  const { caption } = box.querySelector("[data-savers]").dataset;
  offerSaving(box, () => {
    const named = { name, temperature: temperature(), after: part("after").textContent };
    return { svg: drawnLikely(bars(next())), caption: filled(caption, named), name: fileName(name, "next") };
  });
  box.hidden = false;
  show();
}
