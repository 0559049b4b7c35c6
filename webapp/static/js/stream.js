// Text flows into the page while it is being written. A [data-stream] asks for what its passages don't have yet
// (?since=120,80, in characters as the server counts them) at every tick, and stops when the request is over.

const asking = new WeakSet();

function listen(stream) {
  if (stream.dataset.poll && !stream.dataset.listens) {
    stream.dataset.listens = "";
    stream.addEventListener("tick", () => ask(stream));
    ask(stream);
  }
}

const passages = (stream) => [...stream.querySelectorAll("[data-passage]")];
const place = (passage, index) => Number(passage.dataset.index ?? index);

async function ask(stream) {
  if (asking.has(stream)) return;
  asking.add(stream);
  const since = [];
  passages(stream).forEach((passage, index) => (since[place(passage, index)] = passage.dataset.have));
  try {
    const response = await fetch(`${stream.dataset.stream}?since=${Array.from(since, (have) => have ?? 0)}`);
    if (response.redirected) location.reload(); // logged out meanwhile
    else if (response.ok) take(stream, await response.json());
    else if (response.status === 404) delete stream.dataset.poll;
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
  }
}

function write(passage, piece, over) {
  const text = passage.querySelector("[data-text]");
  if (piece.from === 0 && passage.dataset.have !== "0") text.textContent = "";
  if (piece.text) text.append(piece.text);
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

const listenToAll = () => document.querySelectorAll("[data-stream]").forEach(listen);
document.addEventListener("htmx:afterSwap", listenToAll);
listenToAll();
