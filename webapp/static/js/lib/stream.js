// Streams of text: passages grow in the page while they are written. At every tick, a [data-stream] element asks for the
// text that it does not have yet (?have=7:120,8:80 are the characters of passages 7 and 8, counted as the server does;
// ?seen= is the mark of the last answer: where nothing has changed since, the next one has no body).
// When the request is over it stops, and loads each text once more, with marks around copied pieces.

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
    const response = await fetch(`${stream.dataset.stream}?have=${have}&seen=${stream.dataset.seen ?? ""}`);
    if (response.redirected)
      location.reload(); // the person has logged out meanwhile
    else if (response.status === 204) return;
    else if (response.ok) take(stream, await response.json());
    else if (response.status === 404) end(stream);
  } catch {
    // The server is away, and the next tick asks again.
  } finally {
    asking.delete(stream);
  }
}

function take(stream, news) {
  stream.dataset.seen = news.seen;
  for (const piece of news.passages) {
    const passage = stream.querySelector(`[data-passage="${piece.pk}"]`);
    if (passage) write(passage, piece, news.over);
  }
  showSentence(stream.querySelector("[data-sentence]"), news.sentence);
  showUnknown(stream, news.unknown);
  if (news.over) {
    delete stream.dataset.poll;
    stream.querySelector("[data-stop]")?.remove();
    stream.querySelector("[data-when-over]")?.removeAttribute("hidden");
    passages(stream).forEach(reload);
  }
}

// Replace the text of a finished passage by the server's, which has marks, and its notices too.
async function reload(passage) {
  const response = await fetch(passage.dataset.again).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of ["[data-text]", "[data-about]"]) {
    const written = page.querySelector(part);
    if (written) passage.querySelector(part)?.replaceChildren(...written.childNodes); // the element stays, for a click that has begun on it
  }
  passage.dispatchEvent(new CustomEvent("passage:read", { bubbles: true }));
}

// The request is gone: its model or its passages were deleted in another tab.
function end(stream) {
  const line = stream.querySelector("[data-sentence]");
  if (line?.dataset.gone) showSentence(line, line.dataset.gone);
  delete stream.dataset.poll;
  stream.querySelector("[data-stop]")?.remove();
  for (const passage of passages(stream)) passage.classList.remove("being-written");
}

function write(passage, piece, over) {
  const text = passage.querySelector("[data-text]");
  if (piece.from === 0 && passage.dataset.have !== "0") text.textContent = "";
  if (piece.text) {
    text.append(piece.text);
    if (passage.closest("[data-poll]")) passage.closest("[data-poll]").dataset.poll = 200; // from the first words on, ask more often
  }
  passage.dataset.have = piece.length;
  passage.classList.toggle("being-written", !over && !piece.complete);
  passage.querySelector("[data-half]").hidden = piece.complete || !over;
  passage.querySelector("[data-blank]").hidden = !piece.complete || text.textContent.trim() !== "";
}

function showSentence(line, sentence) {
  if (line && line.textContent !== sentence) line.textContent = sentence;
}

function showUnknown(stream, characters) {
  const notice = stream.querySelector("[data-unknown]");
  if (!notice || !characters) return;
  notice.querySelector("[data-unknown-characters]").textContent = characters;
  notice.hidden = false;
}

export function followStreams() {
  nowAndAfterSwaps(() => document.querySelectorAll("[data-stream]").forEach(listen));
}
