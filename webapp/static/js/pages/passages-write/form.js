// The form to write with: its settings are kept in the page's address, and a request that the server did not answer is
// reported.

const LONGEST_IN_ADDRESS = 1500; // bytes of an opening
const NOT_SETTINGS = new Set(["csrfmiddlewaretoken", "submission", "goes_on_from"]);
const theForm = () => document.getElementById("write-form");

function keepInAddress() {
  const address = new URL(location.href);
  const kept = address.searchParams.get("request");
  address.search = "";
  if (kept) address.searchParams.set("request", kept);
  for (const [name, value] of new FormData(theForm())) {
    const isSaid = value !== "" || (name === "prompt" && kept); // emptied: not the opening of what is shown
    const fits = encodeURIComponent(value).length <= LONGEST_IN_ADDRESS;
    if (!NOT_SETTINGS.has(name) && isSaid && fits) address.searchParams.set(name, value);
  }
  history.replaceState(history.state, "", address);
}

function sayTrouble(isThere) {
  const line = document.querySelector("[data-trouble]");
  if (line) line.hidden = !isThere;
}

function afterSwap(event) {
  sayTrouble(false);
  if (event.detail.target.id === "written") theForm().elements.goes_on_from.value = "";
}

export function keepForm() {
  document.addEventListener("change", (event) => event.target.closest("#write-form") && keepInAddress());
  document.addEventListener("htmx:responseError", () => sayTrouble(true));
  document.addEventListener("htmx:sendError", () => sayTrouble(true));
  document.addEventListener("htmx:afterSwap", afterSwap);
}
