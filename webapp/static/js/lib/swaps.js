// Set-up code that also runs for the content that htmx puts into the page later.

/** Call a function now, and again after every swap. */
export function nowAndAfterSwaps(act) {
  document.addEventListener("htmx:afterSwap", act);
  act();
}
