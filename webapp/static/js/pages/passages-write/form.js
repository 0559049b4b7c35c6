// The form to write with. Its settings are kept in the page's address, and a notice appears when the server does not
// answer a request.

const NOT_SETTINGS = new Set(["csrfmiddlewaretoken", "submission", "goes_on_from"]);
const OF_REQUEST = new Set(["prompt", "held"]);
const theForm = () => document.getElementById("write-form");

function keepInAddress() {
  const address = new URL(location.href);
  const kept = address.searchParams.get("request");
  address.search = "";
  if (kept) address.searchParams.set("request", kept);
  for (const [name, value] of new FormData(theForm())) {
    // What is empty is kept too when a request is shown, since otherwise the form would show what that request has.
    const isGiven = value !== "" || (OF_REQUEST.has(name) && kept);
    const before = address.searchParams.get(name); // of several values
    const fits = encodeURIComponent(value).length <= theForm().dataset.longestInAddress;
    if (!NOT_SETTINGS.has(name) && isGiven && fits)
      address.searchParams.set(name, before ? `${before},${value}` : value);
  }
  history.replaceState(history.state, "", address);
}

function showTrouble(isThere) {
  const line = document.querySelector("[data-trouble]");
  if (line) line.hidden = !isThere;
}

function afterSwap(event) {
  showTrouble(false);
  if (event.detail.target.id === "written") theForm().elements.goes_on_from.value = "";
}

export function keepForm() {
  document.addEventListener("change", (event) => event.target.closest("#write-form") && keepInAddress());
  document.addEventListener("htmx:responseError", () => showTrouble(true));
  document.addEventListener("htmx:sendError", () => showTrouble(true));
  document.addEventListener("htmx:afterSwap", afterSwap);
}
