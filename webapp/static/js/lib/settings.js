// The settings of a form that asks for passages: numbers get sliders, and the length is disabled while the unit is a
// paragraph.

import { nowAndAfterSwaps } from "./swaps.js";

/** Give each number with data-slider a slider beside it. */
export function addSliders() {
  for (const number of document.querySelectorAll("[data-slider]:not([data-slides])")) {
    const slider = Object.assign(document.createElement("input"), { type: "range", tabIndex: -1 });
    for (const name of ["min", "max"]) slider[name] = number[name];
    slider.step = number.dataset.slider;
    slider.setAttribute("aria-hidden", "true"); // screen readers use the number field, which does the same
    slider.value = number.value;
    slider.addEventListener("input", () => (number.value = slider.value)); // the slider's change event reaches the form
    number.addEventListener("input", () => (slider.value = number.value));
    number.dataset.slides = "";
    number.after(slider);
  }
}

function disableLengths() {
  for (const unit of document.querySelectorAll("select[name=unit]")) {
    const fields = unit.form.elements; // elements.length would be their number, hence namedItem
    fields.namedItem("length").disabled = unit.value === "paragraph";
  }
}

export function arrangeSettings() {
  document.addEventListener("change", disableLengths);
  nowAndAfterSwaps(() => {
    addSliders();
    disableLengths();
  });
}
