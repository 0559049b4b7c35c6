// Page set-up that also reaches what htmx puts into the page later.

/** Call a function now, and again after every swap. */
export function nowAndAfterSwaps(act) {
  document.addEventListener("htmx:afterSwap", act);
  act();
}
