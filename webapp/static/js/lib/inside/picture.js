// The picture of an array: a column for each symbol, a row for each unit, the text above. All values are painted once
// into a canvas of one pixel a value (putImageData); what is in view is copied from it, enlarged, at most once a frame.

import { ink, paper, soft } from "./scales.js";

const HEAD = 26; // pixels above the rows, for the text
const HIGHEST = 440; // pixels of all rows, where each has one at least
const [NARROW, BROAD, WIDE] = [13, 20, 68]; // pixels of a column: of a character, of a broad one, of a word
const IS_BROAD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
const MOST_BLANKS = 4; // of a symbol that are shown one by one
const clusters = new Intl.Segmenter();

export class Picture {
  #box;
  #canvas;
  #values = document.createElement("canvas"); // one pixel a value
  #asked = 0;

  /** `box` scrolls; `onMove(at, row, isChosen)` hears of the pointer: null, null when it has left. */
  constructor(box, onMove, highest = HIGHEST) {
    this.highest = highest;
    this.#box = box;
    this.#canvas = box.querySelector("[data-canvas]");
    this.symbols = [];
    this.place = null; // {at, row}: what is marked
    const here = (event, isChosen) => {
      const found = this.#under(event);
      if (found) onMove(found.at, found.row, isChosen);
    };
    this.#canvas.addEventListener("pointermove", (event) => here(event, false));
    this.#canvas.addEventListener("click", (event) => here(event, true));
    this.#canvas.addEventListener("pointerleave", () => onMove(null, null, false));
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.#fit()).observe(box);
  }

  /** Show values (time, units) in this order of units. */
  show(symbols, values, order, scale) {
    this.symbols = symbols;
    this.units = order.length;
    this.cell = columnOf(symbols);
    this.row = Math.max(1, Math.min(18, Math.round(this.highest / this.units)));
    this.#paint(values, order, scale);
    this.#fit();
  }

  #paint(values, order, scale) {
    const [time, units] = [this.symbols.length, this.units];
    Object.assign(this.#values, { width: time, height: units });
    const context = this.#values.getContext("2d");
    const image = context.createImageData(time, units);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = new Uint32Array(scale.table.buffer);
    for (let row = 0; row < units; row++) {
      for (let at = 0; at < time; at++) pixels[row * time + at] = colours[scale.step(values[at * units + order[row]])];
    }
    context.putImageData(image, 0, 0);
  }

  get height() {
    return HEAD + this.units * this.row;
  }

  #fit() {
    if (!this.units) return;
    const dots = window.devicePixelRatio || 1;
    const whole = this.symbols.length * this.cell;
    this.#canvas.parentElement.style.width = `${whole}px`; // the box is as wide, where there is room
    const width = Math.min(this.#box.clientWidth, whole);
    Object.assign(this.#canvas, { width: Math.round(width * dots), height: Math.round(this.height * dots) });
    Object.assign(this.#canvas.style, { width: `${width}px`, height: `${this.height}px` });
    this.draw();
  }

  /** Mark a symbol and a row, and bring them into view if they were chosen by keys. */
  mark(at, row, isBroughtIntoView = false) {
    this.place = at === null ? null : { at, row };
    if (isBroughtIntoView && at !== null) this.#bring(at);
    this.draw();
  }

  #bring(at) {
    const [left, room] = [at * this.cell, this.#box.clientWidth];
    if (left < this.#box.scrollLeft) this.#box.scrollLeft = left - this.cell * 4;
    else if (left + this.cell > this.#box.scrollLeft + room) this.#box.scrollLeft = left - room + this.cell * 5;
  }

  #under(event) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const at = Math.floor((event.clientX - left + this.#box.scrollLeft) / this.cell);
    const row = Math.floor((event.clientY - top - HEAD) / this.row);
    if (at < 0 || at >= this.symbols.length) return null;
    return { at, row: Math.max(0, Math.min(this.units - 1, row)) };
  }

  draw() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      const dots = window.devicePixelRatio || 1;
      const context = this.#canvas.getContext("2d");
      context.setTransform(dots, 0, 0, dots, 0, 0);
      this.drawOn(context, this.#box.scrollLeft, this.#canvas.width / dots);
    });
  }

  /** Draw the part of the picture that begins `left` pixels from its beginning. */
  drawOn(context, left, width) {
    const [first, last] = [Math.floor(left / this.cell), Math.ceil((left + width) / this.cell)];
    const count = Math.min(last, this.symbols.length) - first;
    context.fillStyle = paper();
    context.fillRect(0, 0, width, this.height);
    context.imageSmoothingEnabled = false;
    const room = [first * this.cell - left, HEAD, count * this.cell, this.units * this.row];
    context.drawImage(this.#values, first, 0, count, this.units, ...room);
    this.#drawText(context, left, first, first + count);
    if (this.place) this.#drawMark(context, left);
  }

  #drawText(context, left, first, end) {
    context.font = "15px Georgia, 'DejaVu Serif', serif";
    context.textBaseline = "middle";
    context.textAlign = this.cell === WIDE ? "left" : "center";
    const [plain, faint] = [ink(), soft()];
    for (let at = first; at < end; at++) {
      const symbol = this.symbols[at];
      context.fillStyle = symbol.trim() ? plain : faint;
      const x = at * this.cell - left + (this.cell === WIDE ? 2 : this.cell / 2);
      context.fillText(shown(symbol), x, HEAD / 2, this.cell === WIDE ? this.cell - 4 : undefined);
    }
  }

  #drawMark(context, left) {
    const { at, row } = this.place;
    context.strokeStyle = ink();
    context.lineWidth = 1;
    context.strokeRect(at * this.cell - left + 0.5, 0.5, this.cell - 1, this.height - 1);
    context.strokeRect(-1, HEAD + row * this.row - 0.5, this.symbols.length * this.cell + 2, this.row + 1);
  }

  /** The values alone, a pixel each, as the address of a PNG. */
  valuesAsPng() {
    return this.#values.toDataURL("image/png");
  }

  get valuesCanvas() {
    return this.#values;
  }
}

/** The width of a column. A letter with its marks, or an emoji of several parts, is one character and no word. */
function columnOf(symbols) {
  const parts = symbols.map((symbol) => (symbol.length > 2 ? [...clusters.segment(symbol)].length : 1));
  if (Math.max(...parts) > 2) return WIDE;
  return symbols.some((symbol) => IS_BROAD.test(symbol)) ? BROAD : NARROW;
}

/** A symbol as it is shown where a blank, or what has no shape at all, could not be seen. */
export function shown(symbol) {
  const marked = symbol.replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  if (marked && !marked.trim()) return marked.length > MOST_BLANKS ? `␣×${marked.length}` : "␣".repeat(marked.length);
  return (
    marked.replace(/^\p{Cf}$/u, (mark) => `U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`) || "∅"
  );
}
