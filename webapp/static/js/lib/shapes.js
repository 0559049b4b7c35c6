// Pictures that are drawn once more as the shapes of an SVG, since on the page they are a canvas or boxes.

import { saveShapes } from "./inside/saving.js";

const SPACE = "http://www.w3.org/2000/svg";
export const FONT = { "font-family": "system-ui, sans-serif", "font-size": "12px" };

/** Return an SVG element. */
export function made(tag, attributes, text = "") {
  const shape = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  shape.textContent = text;
  return shape;
}

/** Return a picture of this size with these shapes. */
export function drawing(width, height, shapes) {
  const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, class: "visually-hidden", "aria-hidden": "true" });
  svg.append(...shapes);
  return svg;
}

/** Have the buttons of a section save what `draw` returns at that moment: a drawing, its caption, and a file's name. */
export function offerSaving(section, draw) {
  section.querySelector("[data-savers]").hidden = false;
  for (const button of section.querySelectorAll("[data-save-chart]"))
    button.addEventListener("click", async () => {
      const { svg, caption, name } = draw();
      document.body.append(svg); // styles are computed where it is a part of the page
      await saveShapes(svg, caption, name, button.dataset.saveChart);
      svg.remove();
    });
}
