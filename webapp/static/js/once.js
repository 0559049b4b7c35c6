// A form with data-once is sent once: its button rests until the page is shown again.
// (The server holds to it too: a submission has a number.)

function rest(form, resting) {
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = resting;
}

for (const form of document.querySelectorAll("form[data-once]:not([hx-post])")) {
  form.addEventListener("submit", () => rest(form, true));
  window.addEventListener("pageshow", () => rest(form, false));
}
