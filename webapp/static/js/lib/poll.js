// The clock of all polling. Every element with data-poll="MILLISECONDS" gets a "tick" event at this interval, and at ten
// times the interval in a hidden tab. At each tick htmx loads its fragments again, and streams ask for new text. A
// fragment that the server sends without data-poll is not loaded again.

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

/** Start the clock. A page calls this last, when all listeners to ticks are set up. */
export function startTicks() {
  setInterval(tick, 100, false);
  document.addEventListener("visibilitychange", () => document.hidden || tick(true));
}
