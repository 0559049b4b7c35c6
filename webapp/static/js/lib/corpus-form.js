// The form that adds texts: files may be dropped anywhere on the page, the picked files are listed, too many or too large
// ones are reported, and the first file names the corpus. The form also works without scripts.

const form = document.querySelector("[data-corpus-form]");
const drop = form.querySelector("[data-drop]");
const picked = form.querySelector("[data-picked]");
const tooLarge = form.querySelector("[data-too-large]");
const tooMany = form.querySelector("[data-too-many]");
const button = form.querySelector("[data-once]");
const { documents, pasted } = form.elements;
const name = form.elements.namedItem("name");
const limit = Number(form.dataset.limit);
const mostFiles = Number(form.dataset.mostFiles);

function inWords(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The same rule as the server's in webapp/names.py.
function stem(file, place) {
  const beginning = file.name.replace(/\.[^.]*$/, "");
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(beginning) ? beginning : `${picked.dataset.nameless} ${place + 1}`;
}

function line(file, place) {
  const item = document.createElement("li");
  const shown = document.createElement("bdi");
  shown.textContent = stem(file, place) + (file.name.match(/\.[^.]*$/)?.[0] ?? "");
  item.append(shown, `, ${inWords(file.size)}`);
  return item;
}

function isTooLong(text) {
  return text.length * 4 > limit && new Blob([text]).size > limit;
}

function show() {
  const files = [...documents.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  picked.replaceChildren(...files.slice(0, mostFiles).map(line));
  if (name) name.placeholder = files.length ? stem(files[0], 0) : "";
  tooLarge.hidden = bytes <= limit && !isTooLong(pasted.value);
  tooMany.hidden = files.length <= mostFiles;
  button.disabled = !(tooLarge.hidden && tooMany.hidden);
}

function brings(event) {
  return event.dataTransfer.types.includes("Files");
}

export function arrangeCorpusForm() {
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
  window.addEventListener("pageshow", show); // the event also comes after going back to a form that was sent
}
