// Forms with data-once, which are sent once: the button is disabled until the page is shown again.
// The server refuses a second submission too, by the id that each form has.

function disableButtons(form, disabled) {
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = disabled;
}

export function sendOnce() {
  for (const form of document.querySelectorAll("form[data-once]:not([hx-post])")) {
    form.addEventListener("submit", () => disableButtons(form, true));
    window.addEventListener("pageshow", () => disableButtons(form, false));
  }
}
