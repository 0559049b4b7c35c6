// Drop files anywhere on the form; say what was picked; name the corpus after the first file; send once.

const form = document.querySelector("[data-corpus-form]");
const drop = form.querySelector("[data-drop]");
const files = form.elements.documents;
const picked = form.querySelector("[data-picked]");

function show() {
  picked.replaceChildren(
    ...[...files.files].map((file) => {
      const line = document.createElement("li");
      line.textContent = `${file.name}, ${Math.max(1, Math.round(file.size / 1000)).toLocaleString()} kB`;
      return line;
    }),
  );
  form.elements.name.placeholder = files.files.length ? files.files[0].name.replace(/\.[^.]*$/, "") : "";
}

form.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) {
    event.preventDefault();
    drop.classList.add("over");
  }
});
form.addEventListener("dragleave", (event) => {
  if (!form.contains(event.relatedTarget)) drop.classList.remove("over");
});
form.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  drop.classList.remove("over");
  files.files = event.dataTransfer.files;
  show();
});
files.addEventListener("change", show);
form.addEventListener("submit", () => {
  form.querySelector("[data-once]").disabled = true;
});
window.addEventListener("pageshow", () => {
  form.querySelector("[data-once]").disabled = false;
});
show();
