// The scales of colours: values on both sides of 0 from blue over the paper to orange, shares from 0 to 1 from the paper
// to a dark violet (at night, a light one). Their ends are in inside.css.

const STEPS = 256;

const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const parsed = (hex) => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
const mixed = (one, other, share) => one.map((value, place) => Math.round(value + (other[place] - value) * share));

/** A scale from `low` to `high`: `rgb(value)` is its colour, `table` holds all of its colours, four bytes each. */
export class Scale {
  constructor(low, high, stops) {
    this.low = low;
    this.high = high;
    this.table = new Uint8ClampedArray(STEPS * 4);
    for (let step = 0; step < STEPS; step++) this.table.set([...between(stops, step / (STEPS - 1)), 255], step * 4);
  }

  step(value) {
    const share = (value - this.low) / (this.high - this.low);
    return Math.max(0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1))));
  }

  rgb(value) {
    const start = this.step(value) * 4;
    return this.table.subarray(start, start + 3);
  }

  css(value) {
    const [red, green, blue] = this.rgb(value);
    return `rgb(${red} ${green} ${blue})`;
  }

  /** The colour behind text: half as strong, so that the text stays readable. */
  behind(value) {
    const [red, green, blue] = this.rgb(value);
    return `rgb(${red} ${green} ${blue} / 0.5)`;
  }
}

function between(stops, share) {
  const place = share * (stops.length - 1);
  const before = Math.min(Math.floor(place), stops.length - 2);
  return mixed(stops[before], stops[before + 1], place - before);
}

/**
 * Return the scale of an array: its own limits, or equally far on both sides of 0. A cell has no limit, and a few units
 * may go far: then the scale ends where one value in a hundred lies beyond it, and `isOpen`.
 */
export function scaleOf(array, values) {
  const [low, zero, high, full] = ["--low", "--zero", "--high", "--full"].map((name) => parsed(property(name)));
  if (array.low === 0) return new Scale(0, array.high, [zero, full]);
  const sizes = array.high == null ? values.map(Math.abs).sort() : [array.high];
  const most = array.high ?? roundedUp(sizes[Math.floor(0.99 * (sizes.length - 1))]);
  const scale = new Scale(-most, most, [low, zero, high]);
  scale.isOpen = sizes.at(-1) > most;
  return scale;
}

function roundedUp(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return Number((Math.ceil((value / unit) * 2) * (unit / 2)).toPrecision(2)); // 0.6, not 0.6000000000000001
}

/** Return the limits of a scale in words. */
export function limits({ low, high, isOpen }) {
  const [below, above] = isOpen ? ["≤ ", "≥ "] : ["", ""];
  return [below + String(low).replace("-", "−"), above + high];
}

export const isSigned = (array) => array.low !== 0;
export const ink = () => property("--ink");
export const paper = () => property("--sheet");
export const soft = () => property("--soft");

/** Call a function whenever the page changes between light and dark. */
export function onScheme(act) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
}
