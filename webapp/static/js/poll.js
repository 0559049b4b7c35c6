// Every element with data-poll="MILLISECONDS" gets a "tick" event that often, ten times less in a hidden tab.
// Fragments of htmx trigger on it, the chart and the streams of text listen to it. One that comes back without
// data-poll is over.

const HIDDEN_FACTOR = 10;
const last = new WeakMap();

function tick(all) {
  const now = performance.now();
  for (const element of document.querySelectorAll("[data-poll]")) {
    const wait = Number(element.dataset.poll) * (document.hidden ? HIDDEN_FACTOR : 1);
    if (!last.has(element)) last.set(element, now);
    if (all || now - last.get(element) >= wait) {
      last.set(element, now);
      element.dispatchEvent(new CustomEvent("tick"));
    }
  }
}

setInterval(tick, 100, false);
document.addEventListener("visibilitychange", () => document.hidden || tick(true));
