// The clock of all polling: every element with data-poll="MILLISECONDS" gets a "tick" event that often, ten times less
// often in a hidden tab. Fragments of htmx are asked for anew at each tick, and streams of text listen to it. A fragment
// that comes back without data-poll is asked for no more.

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

/** Start the clock. A page calls this last, when all that listens to ticks is set up. */
export function startTicks() {
  setInterval(tick, 100, false);
  document.addEventListener("visibilitychange", () => document.hidden || tick(true));
}
