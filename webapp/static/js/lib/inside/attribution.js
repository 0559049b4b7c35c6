// What a prediction hangs on: the characters before it are shaded by how much each of them changes it. The server is
// asked for one place at a time, when it is chosen and the switch is on.

import { shown } from "./picture.js";
import { filled } from "./reading.js";

const WAIT = 120; // milliseconds between two questions
const LONGEST = 100; // questions

const pause = () => new Promise((resolve) => setTimeout(resolve, WAIT));

export function offerAttribution(section, viewer) {
  const button = section.querySelector("[data-attribution]");
  const sentence = section.querySelector("[data-attribution-sentence]");
  if (!button) return;
  const found = new Map(); // place → the result
  let turn = 0;

  async function ask(place) {
    const form = new FormData();
    form.set("text", viewer.state.text);
    form.set("place", place);
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
      await pause();
    }
    return { problem: button.dataset.late };
  }

  async function show() {
    const mine = ++turn;
    const isOn = button.getAttribute("aria-pressed") === "true";
    const place = viewer.chosen.at + 1;
    if (!isOn) return clear();
    if (!found.has(place)) {
      sentence.textContent = button.dataset.wait;
      const result = await ask(place).catch(() => ({ problem: button.dataset.late }));
      if (!result.problem) found.set(place, result);
      else if (mine === turn) sentence.textContent = result.problem;
    }
    if (mine === turn && found.has(place)) say(found.get(place));
  }

  function say({ shades, spelling, probability }) {
    viewer.text.shade(shades);
    const named = { symbol: shown(spelling), percent: (100 * probability).toFixed(1) };
    sentence.textContent = filled(button.dataset.said, named);
  }

  function clear() {
    viewer.text.shade([]);
    sentence.textContent = "";
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    show();
  });
  section.addEventListener("chosen", show);
}
