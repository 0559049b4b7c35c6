// The live parts of the course: small pictures of the gates, the numbers of characters, the temperature.

import { placeAfter } from "./keys.js";
import { Arrays, untilReady } from "./look.js";
import { Picture, shown } from "./picture.js";
import { filled, rounded } from "./reading.js";
import { fileName, savePicture } from "./saving.js";
import { isSigned, limits, onScheme, scaleOf } from "./scales.js";
import { order } from "./sorting.js";
import { arrangeTemperature } from "./temperature.js";

const WINDOW = 40; // characters
const HEIGHT = 240; // pixels of a picture's rows

export async function arrangeCourse() {
  const course = document.querySelector("[data-course]");
  if (!course) return;
  const sentence = course.querySelector("[data-sentence]");
  const state = await untilReady(course, (news) => {
    if (sentence.textContent !== news.sentence) sentence.textContent = news.sentence;
  });
  if (!state) return;
  const arrays = new Arrays(state);
  for (const notice of course.querySelectorAll("[data-live-missing]"))
    notice.hidden = found(arrays, notice.dataset.liveMissing) !== undefined;
  for (const figure of course.querySelectorAll("[data-live]")) await showLive(course, figure, arrays, state);
  const both = await Promise.all(arrays.of(-1).map((array) => arrays.load(array))).catch(() => []);
  if (both.length) arrangeTemperature(course.querySelector("[data-temperature]"), arrays, state, course.dataset.name);
  showNumbers(course, state);
  showWindow(course, state);
}

function found(arrays, names) {
  return names
    .split(" ")
    .map((name) => arrays.find(name, 0))
    .find(Boolean);
}

async function showLive(course, figure, arrays, state) {
  const array = found(arrays, figure.dataset.live);
  const values = array && (await arrays.load(array).catch(() => null));
  if (!values) return;
  const units = order("spread", values, array.shape[1], state.symbols, 0);
  const part = (name) => figure.querySelector(`[data-${name}]`);
  const labels = course.dataset;
  const picture = new Picture(part("picture"), (at, row) => say(at, row), HEIGHT);
  const scale = () => scaleOf(array, values); // its colours depend on the scheme
  const named = isSigned(array) ? labels.labelSigned : labels.labelShare;
  const scaleName = `${named}: ${limits(scale()).join(" … ")}`;

  function say(at, row, isBroughtIntoView = false) {
    picture.mark(at, row, isBroughtIntoView);
    const unit = units[row];
    const value = at === null ? 0 : values[at * units.length + unit];
    const here = { symbol: shown(state.symbols[at] ?? ""), unit: unit + 1, value: rounded(value, 2) };
    part("here").textContent = at === null ? "" : filled(labels.labelAt, here);
  }

  function paint() {
    picture.show(state.symbols, values, units, scale());
  }

  part("picture").addEventListener("keydown", (event) => {
    const place = placeAfter(event, picture.place ?? { at: -1, row: 0 }, picture);
    if (place) say(place.at, place.row, true);
  });
  figure.hidden = false;
  part("part-name").textContent = array.label;
  part("scale").textContent = scaleName;
  part("picture").setAttribute("aria-label", filled(labels.labelPicture, { part: array.label }));
  for (const button of figure.querySelectorAll("[data-save]")) {
    const caption = filled(labels.labelCaption, { name: labels.name, part: array.label, scale: scaleName });
    const file = fileName(labels.name, array.name);
    button.addEventListener("click", () => savePicture(picture, caption, file, button.dataset.save));
  }
  paint();
  onScheme(paint);
}

function showNumbers(course, { symbols, spelling }) {
  const box = course.querySelector("[data-numbers]");
  const numbers = new Map(Object.entries(spelling).map(([number, text]) => [text, number]));
  const known = symbols.slice(0, WINDOW).filter((symbol) => numbers.has(symbol));
  box.replaceChildren(
    ...known.map((symbol) => {
      const [letter, item] = ["b", "span"].map((tag) => document.createElement(tag));
      letter.textContent = shown(symbol);
      item.append(letter, numbers.get(symbol));
      return item;
    }),
  );
  box.hidden = known.length === 0;
}

/** Show what is read and what is to be said: the same text one further, or after a whole window the next character. */
function showWindow(course, { symbols }) {
  const box = course.querySelector(".window");
  const line = (from, to) => symbols.slice(from, to).map(shown).join("");
  const whole = Math.min(Number(box.dataset.window), symbols.length - 1);
  const read = whole || Math.min(WINDOW, Number(box.dataset.sequence));
  course.querySelector("[data-reads]").textContent = line(0, read);
  course.querySelector("[data-says]").textContent = whole ? line(read, read + 1) : line(1, read + 1);
  box.hidden = symbols.length < 2;
}
