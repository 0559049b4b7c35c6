// The form that adds texts: files or folders may be dropped anywhere on the page, the picked files are listed, too many
// or too large ones are reported, the first file names the corpus, and the upload shows how far it is. The form also
// works without scripts.

import { filesOf } from "./dropped-files.js";

const form = () => document.querySelector("[data-corpus-form]");
const part = (name) => form()?.querySelector(`[data-${name}]`);

function inWords(bytes) {
  if (!bytes) return part("picked").dataset.empty;
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The same rule as the server's in webapp/names.py.
function stem(file, place) {
  const beginning = file.name.replace(/\.[^.]*$/, "");
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(beginning) ? beginning : `${part("picked").dataset.nameless} ${place + 1}`;
}

function line(file, place) {
  const item = document.createElement("li");
  const shown = document.createElement("bdi");
  shown.textContent = stem(file, place) + (file.name.match(/\.[^.]*$/)?.[0] ?? "");
  item.append(shown, `, ${inWords(file.size)}`);
  return item;
}

function isTooLong(text, limit) {
  return text.length * 4 > limit && new Blob([text]).size > limit;
}

function show() {
  if (!form()) return;
  const { documents, pasted } = form().elements;
  const [limit, mostFiles] = [Number(form().dataset.limit), Number(form().dataset.mostFiles)];
  const name = form().elements.namedItem("name");
  const files = [...documents.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const [tooLarge, tooMany] = [part("too-large"), part("too-many")];
  part("picked").replaceChildren(...files.slice(0, mostFiles).map(line));
  if (name) name.placeholder = files.length ? stem(files[0], 0) : "";
  tooLarge.hidden = bytes <= limit && !isTooLong(pasted.value, limit);
  tooMany.hidden = files.length <= mostFiles;
  part("once").disabled = !(tooLarge.hidden && tooMany.hidden);
}

function brings(event) {
  return event.dataTransfer.types.includes("Files");
}

async function take(event) {
  const mostFiles = Number(form().dataset.mostFiles);
  form().elements.documents.files = await filesOf(event.dataTransfer, mostFiles + 1);
  show();
}

// Sent and received are shares of the whole; the server reads the files when it has all of them.
function showProgress(loaded, total) {
  part("trouble").hidden = true;
  part("sending").hidden = false;
  part("sending").querySelector("progress").value = total ? loaded / total : 0;
  part("uploading").hidden = total > 0 && loaded >= total;
  part("reading").hidden = !part("uploading").hidden;
}

function showTrouble({ detail }) {
  const isTooLarge = detail.xhr.status === 413;
  show();
  part("sending").hidden = true;
  part(isTooLarge ? "too-large" : "trouble").hidden = false;
}

export function arrangeCorpusForm() {
  const ofForm = (act) => (event) => form()?.contains(event.target) && act(event);
  const aim = (isAimed) => part("drop")?.classList.toggle("aimed-at", isAimed);
  window.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    aim(true);
  });
  window.addEventListener("dragleave", (event) => !event.relatedTarget && aim(false));
  window.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    aim(false);
    take(event);
  });
  document.addEventListener("change", ofForm(show));
  document.addEventListener("input", ofForm(show));
  document.addEventListener(
    "submit",
    ofForm(() => (part("once").disabled = true)),
  );
  document.addEventListener(
    "htmx:xhr:progress",
    ofForm(({ detail }) => showProgress(detail.loaded, detail.total)),
  );
  document.addEventListener(
    "htmx:beforeSend",
    ofForm(() => showProgress(0, 0)),
  );
  document.addEventListener("htmx:responseError", ofForm(showTrouble));
  document.addEventListener("htmx:sendError", ofForm(showTrouble));
  document.addEventListener("htmx:afterSwap", show);
  window.addEventListener("pageshow", () => {
    show(); // the event also comes after going back to a form that was sent
    if (form()) part("sending").hidden = true;
  });
}
