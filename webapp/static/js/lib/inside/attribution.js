// What the prediction of a character hangs on: the characters before it are shaded by how much each of them changes it.
// A character is meant that the pointer rests on, that was tapped, or that the keys have reached. The server is asked
// for one at a time, and for each only once.

import { shown } from "./picture.js";
import { filled } from "./reading.js";

const REST = 120; // milliseconds that a place is kept before it is asked for
const WAIT = 120; // milliseconds between two questions whether the answer is there
const LONGEST = 100; // questions
const NAMED = 3; // characters that the sentence names

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Return a symbol as it is shown, without an effect on the direction of the text around it. */
const alone = (symbol) => `\u2068${shown(symbol)}\u2069`;

/** Return the places of the darkest shades, the darkest first. */
function darkest(shades) {
  const places = [...shades.keys()].filter((place) => shades[place] > 0);
  return places.sort((one, other) => shades[other] - shades[one]).slice(0, NAMED);
}

export function offerAttribution(section, viewer) {
  const button = section.querySelector("[data-attribution]");
  const sentence = section.querySelector("[data-attribution-sentence]");
  if (!button) return;
  const { symbols } = viewer.state;
  const found = new Map(); // place → the result
  let place = 0; // whose prediction is meant
  let timer = 0;
  let isAsking = false;

  const isOn = () => button.getAttribute("aria-pressed") === "true";

  async function ask(about) {
    const form = new FormData();
    form.set("place", about);
    const headers = { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value };
    const response = await fetch(button.dataset.attribution, { method: "POST", body: form, headers });
    const { address, sentence: problem } = await response.json();
    if (!address) return { problem };
    let seen = "";
    for (let tries = 0; tries < LONGEST; tries++) {
      const answer = await fetch(`${address}?seen=${seen}`);
      const state = answer.status === 204 ? { seen } : await answer.json();
      if (state.over) return state.ready ? state : { problem: state.sentence };
      seen = state.seen;
      await pause(WAIT);
    }
    return { problem: button.dataset.late };
  }

  /** Ask for the place that is meant, and again as long as it has become another one meanwhile. */
  async function find() {
    if (isAsking) return;
    isAsking = true;
    while (isOn() && place > 0 && !found.has(place)) {
      const about = place;
      sentence.textContent = button.dataset.wait;
      const result = await ask(about).catch(() => ({ problem: button.dataset.late }));
      if (!result.problem) found.set(about, result);
      else if (about === place) {
        sentence.textContent = result.problem;
        break;
      }
    }
    isAsking = false;
    if (found.has(place) || place === 0) show();
  }

  function mean(meant) {
    if (meant === place) return;
    clearTimeout(timer);
    place = meant;
    viewer.text.shade([]);
    if (!isOn()) return;
    if (found.has(place) || place === 0) show();
    else timer = setTimeout(find, REST);
  }

  function show() {
    const result = isOn() && found.get(place);
    viewer.text.shade(result ? result.shades : []);
    sentence.textContent = result ? said(result) : isOn() ? button.dataset.first : "";
  }

  function said({ shades, spelling, probability }) {
    const labels = button.dataset;
    const near = (at) => filled(labels.before, { symbol: alone(symbols[at]), n: place - at });
    return filled(spelling === symbols[place] ? labels.said : labels.unseen, {
      symbol: alone(spelling),
      percent: (100 * probability).toFixed(1),
      most: darkest(shades).map(near).join(", "),
    });
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", !isOn());
    show();
    find();
  });
  section.addEventListener("meant", (event) => mean(event.detail));
  show();
}
