// The page of a model's time line. It grows during the training and keeps its scroll position. The marks of the samples
// in view are filled.

import { offerCurveSaving } from "../lib/curve.js";
import { startTicks } from "../lib/poll.js";
import { nowAndAfterSwaps } from "../lib/swaps.js";

const strip = () => document.querySelector("#strip");
let place = 0;
let watcher = null;

function watch() {
  watcher?.disconnect();
  if (!strip()) return;
  watcher = new IntersectionObserver(show, { root: strip(), threshold: 0.6 });
  strip()
    .querySelectorAll("li")
    .forEach((sample) => watcher.observe(sample));
}

function show(entries) {
  for (const { target, isIntersecting } of entries) {
    document.getElementById(target.id.replace("step", "mark"))?.toggleAttribute("data-in-view", isIntersecting);
  }
}

document.addEventListener("htmx:beforeSwap", () => (place = strip()?.scrollLeft ?? 0));
document.addEventListener("htmx:afterSwap", () => {
  strip()?.scrollTo({ left: place, behavior: "instant" });
});
nowAndAfterSwaps(() => {
  watch();
  offerCurveSaving(document.querySelector(".curve"));
});
startTicks();
