// Bars to take along: what a model expects next, and the values of all units at one place.

import { drawing, FONT, made } from "../shapes.js";
import { shown } from "./picture.js";
import { ink, soft } from "./scales.js";

const ROW = 24;
const [NAME, NUMBER, BAR, END] = [130, 195, 210, 560]; // where names and numbers end, where bars begin and end
const [WIDTH, HEIGHT] = [640, 120]; // of the bars of units

/** Draw symbols with their probabilities. */
export function drawnLikely(next) {
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--chart-2").trim();
  const shapes = next.flatMap(({ text, probability }, row) => [
    made("text", { x: NAME, y: ROW * row + 16, "text-anchor": "end", fill: ink(), ...FONT }, shown(text)),
    made("text", { x: NUMBER, y: ROW * row + 16, "text-anchor": "end", fill: ink(), ...FONT }, percent(probability)),
    made("rect", { x: BAR, y: ROW * row + 5, width: (END - BAR) * Math.min(1, probability), height: 13, fill: colour }),
  ]);
  return drawing(END, ROW * next.length, shapes);
}

export const percent = (probability) => `${(100 * probability).toFixed(1)} %`;

/** Return the boxes of the bars of all units at a place, each with its colour, and the line of 0. */
export function unitBars({ values, order, at, row, scale }, width, height) {
  const share = (value) => Math.max(0, Math.min(1, (value - scale.low) / (scale.high - scale.low)));
  const y = (value) => height * (1 - share(value));
  const zero = y(Math.max(0, scale.low));
  const each = width / order.length;
  const bars = order.map((unit, place) => {
    const value = values[at * order.length + unit];
    const fill = place === row ? ink() : scale.css(value);
    const box = { x: place * each, y: Math.min(zero, y(value)), width: Math.max(1, each - 0.5) };
    return { ...box, height: Math.abs(y(value) - zero), fill };
  });
  return [...bars, { x: 0, y: Math.min(zero, height - 1), width, height: 1, fill: soft() }];
}

/** Draw the values of all units at a place. */
export function drawnUnits(place) {
  return drawing(
    WIDTH,
    HEIGHT,
    unitBars(place, WIDTH, HEIGHT).map((box) => made("rect", box)),
  );
}
