// The desk: the settings of its form are in the page's address, and what the server did not answer is said.

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

document.addEventListener("change", (event) => {
  if (event.target.closest("#write-form") === null) return;
  keepInAddress();
});

// What the server did not answer is said, and nothing is lost by it.
function sayTrouble(isThere) {
  const line = document.querySelector("[data-trouble]");
  if (line) line.hidden = !isThere;
}
document.addEventListener("htmx:responseError", () => sayTrouble(true));
document.addEventListener("htmx:sendError", () => sayTrouble(true));
document.addEventListener("htmx:afterSwap", (event) => {
  sayTrouble(false);
  if (event.detail.target.id === "written") theForm().elements.goes_on_from.value = "";
});
