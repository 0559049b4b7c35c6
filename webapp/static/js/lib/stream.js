// Text flows into the page while it is being written. A [data-stream] asks for what its passages don't have yet
// (?have=7:120,8:80, passages 7 and 8 in characters as the server counts them) at every tick, and stops when the request
// is over. Then each text comes once more, with what of it is copied marked.

import { nowAndAfterSwaps } from "./swaps.js";

const asking = new WeakSet();

function listen(stream) {
  if (stream.dataset.poll && !stream.dataset.listens) {
    stream.dataset.listens = "";
    stream.addEventListener("tick", () => ask(stream));
    ask(stream);
  }
}

const passages = (stream) => [...stream.querySelectorAll("[data-passage]")];

async function ask(stream) {
  if (asking.has(stream)) return;
  asking.add(stream);
  const have = passages(stream).map(({ dataset }) => `${dataset.passage}:${dataset.have}`);
  try {
    const response = await fetch(`${stream.dataset.stream}?have=${have}`);
    if (response.redirected)
      location.reload(); // logged out meanwhile
    else if (response.ok) take(stream, await response.json());
    else if (response.status === 404) end(stream);
  } catch {
    // the server is away: the next tick asks again
  } finally {
    asking.delete(stream);
  }
}

function take(stream, news) {
  for (const piece of news.passages) {
    const passage = stream.querySelector(`[data-passage="${piece.pk}"]`);
    if (passage) write(passage, piece, news.over);
  }
  say(stream.querySelector("[data-sentence]"), news.sentence);
  tellUnknown(stream, news.unknown);
  if (news.over) {
    delete stream.dataset.poll;
    stream.querySelector("[data-stop]")?.remove();
    stream.querySelector("[data-when-over]")?.removeAttribute("hidden");
    passages(stream).forEach(readAgain);
  }
}

// Put the text that was written into the page anew, with marks, and what is to be said of it.
async function readAgain(passage) {
  const response = await fetch(passage.dataset.again).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of ["[data-text]", "[data-about]"]) {
    const written = page.querySelector(part);
    if (written) passage.querySelector(part)?.replaceChildren(...written.childNodes); // a click may be on its way to it
  }
  passage.dispatchEvent(new CustomEvent("passage:read", { bubbles: true }));
}

// What is asked for is gone, with its model or its passages: deleted in another tab.
function end(stream) {
  const line = stream.querySelector("[data-sentence]");
  if (line?.dataset.gone) say(line, line.dataset.gone);
  delete stream.dataset.poll;
  stream.querySelector("[data-stop]")?.remove();
  for (const passage of passages(stream)) passage.classList.remove("being-written");
}

function write(passage, piece, over) {
  const text = passage.querySelector("[data-text]");
  if (piece.from === 0 && passage.dataset.have !== "0") text.textContent = "";
  if (piece.text) {
    text.append(piece.text);
    if (passage.closest("[data-poll]")) passage.closest("[data-poll]").dataset.poll = 200; // the first words are there
  }
  passage.dataset.have = piece.length;
  passage.classList.toggle("being-written", !over && !piece.complete);
  passage.querySelector("[data-half]").hidden = piece.complete || !over;
  passage.querySelector("[data-blank]").hidden = !piece.complete || text.textContent.trim() !== "";
}

function say(line, sentence) {
  if (line && line.textContent !== sentence) line.textContent = sentence;
}

function tellUnknown(stream, characters) {
  const notice = stream.querySelector("[data-unknown]");
  if (!notice || !characters) return;
  notice.querySelector("[data-unknown-characters]").textContent = characters;
  notice.hidden = false;
}

export function followStreams() {
  nowAndAfterSwaps(() => document.querySelectorAll("[data-stream]").forEach(listen));
}
