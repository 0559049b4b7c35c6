// The form at the desk: sliders beside its numbers, a length that rests while the paragraph decides, and its settings
// in the page's address.

const LONGEST_IN_ADDRESS = 1500; // bytes of an opening
const NOT_SETTINGS = new Set(["csrfmiddlewaretoken", "submission", "goes_on_from"]);
const theForm = () => document.getElementById("write-form");

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

function restLength() {
  const fields = theForm()?.elements; // whose own length is their number
  if (fields) fields.namedItem("length").disabled = fields.unit.value === "paragraph";
}

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

function begin() {
  addSliders();
  restLength();
}

document.addEventListener("change", (event) => {
  if (event.target.closest("#write-form") === null) return;
  restLength();
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
  begin();
});
begin();
