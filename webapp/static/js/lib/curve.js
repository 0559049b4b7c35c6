// The curve of a time line to take along: on the page its places are shares of the page's width.

import { chartFile } from "./inside/saving.js";
import { drawing, FONT, made, offerSaving } from "./shapes.js";

const [LEFT, TOP, WIDTH, HEIGHT, FOOT] = [40, 12, 580, 240, 30];

/** Have the buttons beside the curve save it, if there is one. */
export function offerCurveSaving(figure) {
  if (!figure) return;
  const { caption } = figure.querySelector("[data-savers]").dataset;
  offerSaving(figure, () => ({ svg: drawn(figure), caption, name: chartFile("curve") }));
}

function drawn(figure) {
  const share = (shape, name) => Number.parseFloat(shape.getAttribute(name)) / 100;
  const across = (part) => (LEFT + WIDTH * part).toFixed(1);
  const up = (part) => (TOP + HEIGHT * part).toFixed(1);
  const styled = (shape, ...names) => Object.fromEntries(names.map((name) => [name, getComputedStyle(shape)[name]]));
  const every = (selector) => [...figure.querySelectorAll(selector)];
  const number = (shape, place) =>
    made("text", { fill: styled(shape, "color").color, ...FONT, ...place }, shape.textContent);
  const levels = every(".curve-level").map((level) => {
    const y = up(share(level, "y1"));
    return made("line", { x1: LEFT, x2: LEFT + WIDTH, y1: y, y2: y, ...styled(level, "stroke") });
  });
  const bits = every("svg > text").map((text) =>
    number(text, { x: LEFT - 8, y: Number(up(share(text, "y"))) + 4, "text-anchor": "end" }),
  );
  const line = figure.querySelector(".curve-line");
  const points = [...line.points].map(({ x, y }) => `${across(x / 100)},${up(y / 100)}`).join(" ");
  const marks = every("circle").map((mark) => {
    const place = { cx: across(share(mark, "cx")), cy: up(share(mark, "cy")), r: 4.5 };
    return made("circle", { ...place, ...styled(mark, "fill", "stroke"), "stroke-width": "2px" });
  });
  const [first, last] = every(".curve-foot span");
  const foot = TOP + HEIGHT + 22;
  return drawing(LEFT + WIDTH + 10, TOP + HEIGHT + FOOT, [
    ...levels,
    ...bits,
    made("polyline", { points, fill: "none", ...styled(line, "stroke"), "stroke-width": "2px" }),
    ...marks,
    number(first, { x: LEFT, y: foot, "text-anchor": "start" }),
    number(last, { x: LEFT + WIDTH, y: foot, "text-anchor": "end" }),
  ]);
}
