// Drop files anywhere on the page; say what was picked and whether it is too much; name the corpus after the
// first file; send once. Without this the form works all the same.

const form = document.querySelector("[data-corpus-form]");
const drop = form.querySelector("[data-drop]");
const picked = form.querySelector("[data-picked]");
const tooLarge = form.querySelector("[data-too-large]");
const button = form.querySelector("[data-once]");
const { documents, pasted, name } = form.elements;
const limit = Number(form.dataset.limit);

function inWords(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function line(file) {
  const item = document.createElement("li");
  item.textContent = `${file.name}, ${inWords(file.size)}`;
  return item;
}

function show() {
  const files = [...documents.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  picked.replaceChildren(...files.map(line));
  name.placeholder = files.length ? files[0].name.replace(/\.[^.]*$/, "") : "";
  tooLarge.hidden = bytes <= limit && pasted.value.length <= limit;
  button.disabled = !tooLarge.hidden;
}

function brings(event) {
  return event.dataTransfer.types.includes("Files");
}

window.addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  drop.classList.add("aimed-at");
});
window.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("aimed-at");
});
window.addEventListener("drop", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  drop.classList.remove("aimed-at");
  documents.files = event.dataTransfer.files;
  show();
});
documents.addEventListener("change", show);
pasted.addEventListener("input", show);
form.addEventListener("submit", () => (button.disabled = true));
window.addEventListener("pageshow", show); // also after going back to a form that was sent
