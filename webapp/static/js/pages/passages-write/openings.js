// The buttons that put an opening from the model's text into the form without leaving the page.

async function putIn(event) {
  const link = event.target.closest("[data-opening]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = link.closest("[data-openings]").dataset.openings;
  try {
    const response = await fetch(`${address}?opening=${link.dataset.opening}`);
    const prompt = link.closest("form").elements.prompt;
    prompt.value = (await response.json()).text;
    prompt.dispatchEvent(new Event("change", { bubbles: true }));
    prompt.focus();
    prompt.setSelectionRange(prompt.value.length, prompt.value.length);
  } catch {
    location.href = link.href;
  }
}

export function offerOpenings() {
  document.addEventListener("click", putIn);
}
