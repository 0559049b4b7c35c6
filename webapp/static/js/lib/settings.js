// A form that asks for passages: sliders beside its numbers, and a length that rests while the paragraph decides.

import { nowAndAfterSwaps } from "./swaps.js";

function addSliders() {
  for (const number of document.querySelectorAll("[data-slider]:not([data-slides])")) {
    const slider = Object.assign(document.createElement("input"), { type: "range", tabIndex: -1 });
    for (const name of ["min", "max"]) slider[name] = number[name];
    slider.step = number.dataset.slider;
    slider.setAttribute("aria-hidden", "true"); // the number beside it says and does the same
    slider.value = number.value;
    slider.addEventListener("input", () => (number.value = slider.value)); // its change tells the form
    number.addEventListener("input", () => (slider.value = number.value));
    number.dataset.slides = "";
    number.after(slider);
  }
}

function restLengths() {
  for (const unit of document.querySelectorAll("select[name=unit]")) {
    const fields = unit.form.elements; // whose own length is their number
    fields.namedItem("length").disabled = unit.value === "paragraph";
  }
}

export function arrangeSettings() {
  document.addEventListener("change", restLengths);
  nowAndAfterSwaps(() => {
    addSliders();
    restLengths();
  });
}
