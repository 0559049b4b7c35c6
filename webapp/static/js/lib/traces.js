// The traces of passages (the model's probabilities at each symbol), and the places of their characters in the page.
// Characters are code points, as on the server.

const loaded = new Map();

export const writtenText = (passage) => passage.querySelector("[data-text]");
export const isBeingWritten = (passage) => passage.closest("[data-stream][data-poll]") !== null;
export const codePoints = (text) => Array.from(text).length;

// Returns [{start, end, nats, others: [[text, probability], …]}, …]. Passages of old versions have no trace: [].
export function symbolsOf(passage) {
  const key = `${passage.dataset.trace} ${passage.dataset.have}`;
  if (!loaded.has(key)) loaded.set(key, load(passage.dataset.trace).catch(forget));
  return loaded.get(key);

  function forget() {
    loaded.delete(key); // the next call asks the server again
    return [];
  }
}

async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(response.statusText);
  const { symbols } = await response.json();
  let start = 0;
  return symbols.map(([length, nats, others]) => {
    const end = start + length;
    const symbol = { start, end, nats, others };
    start = end;
    return symbol;
  });
}

// Returns a function that makes a range from one character to another in an element whose text may be in many nodes.
export function ranger(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const places = []; // [node, offset in the node] for each character
  let end = [element, 0];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let offset = 0;
    for (const character of node.data) {
      places.push([node, offset]);
      offset += character.length;
    }
    end = [node, offset];
  }
  places.push(end);
  const place = (n) => places[Math.min(n, places.length - 1)];
  return (from, to) => {
    const [[startContainer, startOffset], [endContainer, endOffset]] = [place(from), place(to)];
    return new StaticRange({ startContainer, startOffset, endContainer, endOffset }); // a live Range would slow down every change of the page
  };
}
