// A look inside a model as the server sends it: its state as JSON, and each array as bytes, when it is needed.

const QUICK_FOR = 1500; // ms: most looks are ready before, and their page shall not wait for a tick then
const QUICK = 50; // ms between an answer and the next question in that time

/**
 * Ask for a look until it is over. `show` gets each state. Return the state of a look that is ready, or null.
 * The section asks at once, again and again for a moment, and then at each of its ticks (see lib/poll.js).
 */
export function untilReady(section, show) {
  return new Promise((resolve) => {
    let isAsking = false;
    let isOver = false;
    let seen = ""; // the mark of the last state: where nothing has changed since, the next answer has no body
    async function ask() {
      if (isAsking) return;
      isAsking = true;
      const state = await load(`${section.dataset.viewer}?seen=${seen}`).catch(() => null);
      isAsking = false;
      if (!state) return; // nothing has changed, or the server is away: the next tick asks again
      seen = state.seen;
      show(state);
      if (!state.over) return;
      isOver = true;
      delete section.dataset.poll;
      section.removeEventListener("tick", ask);
      resolve(state.ready ? state : null);
    }
    async function askQuickly() {
      const end = performance.now() + QUICK_FOR;
      while (!isOver && !document.hidden && performance.now() < end) {
        await ask();
        await new Promise((next) => setTimeout(next, QUICK));
      }
    }
    section.addEventListener("tick", ask);
    ask().then(askQuickly);
  });
}

async function load(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (response.redirected) location.reload(); // the person has logged out meanwhile
  if (!response.ok) throw new Error(response.statusText);
  return response.status === 204 ? null : response.json();
}

/** The arrays of a look, which are loaded one at a time and kept. */
export class Arrays {
  #address;
  #listed;
  #loaded = new Map();

  constructor(state) {
    this.#address = state.address;
    this.#listed = state.arrays;
  }

  /** The descriptions of the arrays of a layer, from 0; −1 for those that belong to none. */
  of(layer) {
    return this.#listed.filter((array) => array.layer === layer);
  }

  find(name, layer) {
    return this.#listed.find((array) => array.name === name && array.layer === layer);
  }

  /** Return the numbers of an array, one row of units after the other, as they were loaded; undefined before that. */
  loaded(array) {
    const found = array && this.#loaded.get(array.number);
    return found instanceof Float32Array ? found : undefined;
  }

  /** Load an array. Return a promise of its numbers. */
  async load(array) {
    if (!this.#loaded.has(array.number)) this.#loaded.set(array.number, this.#fetch(array));
    return this.#loaded.get(array.number);
  }

  async #fetch({ number }) {
    try {
      const response = await fetch(`${this.#address}${number}/`);
      if (!response.ok) throw new Error(response.statusText);
      const numbers = floats(await response.arrayBuffer());
      this.#loaded.set(number, numbers);
      return numbers;
    } catch (error) {
      this.#loaded.delete(number); // the next call asks again
      throw error;
    }
  }
}

const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function floats(buffer) {
  if (isLittle) return new Float32Array(buffer);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, place) => view.getFloat32(4 * place, true));
}
