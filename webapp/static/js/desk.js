// The form at the desk: sliders beside its numbers, a length that rests while the paragraph decides, and its settings
// in the page's address.

const LONGEST_IN_ADDRESS = 500; // characters of an opening
const NOT_SETTINGS = new Set(["csrfmiddlewaretoken", "submission", "goes_on_from"]);
const theForm = () => document.getElementById("write-form");

function addSliders() {
  for (const number of document.querySelectorAll("[data-slider]:not([data-slides])")) {
    const slider = Object.assign(document.createElement("input"), { type: "range", tabIndex: -1 });
    for (const name of ["min", "max", "step"]) slider[name] = number[name];
    slider.setAttribute("aria-hidden", "true"); // the number beside it says and does the same
    slider.value = number.value;
    slider.addEventListener("input", () => {
      number.value = slider.value;
      number.dispatchEvent(new Event("change", { bubbles: true }));
    });
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
    if (!NOT_SETTINGS.has(name) && value !== "" && value.length <= LONGEST_IN_ADDRESS) address.searchParams.set(name, value);
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
document.addEventListener("htmx:afterSwap", begin);
begin();
