// The viewer of gates: chooses what the picture shows, and keeps picture, reading and text at the same place.

import { offerSaving } from "../shapes.js";
import { drawnLikely, drawnUnits } from "./bars.js";
import { placeAfter } from "./keys.js";
import { Arrays, untilReady } from "./look.js";
import { Picture, shown } from "./picture.js";
import { Profile } from "./profile.js";
import { filled, nextAfter, Reading } from "./reading.js";
import { fileName, savePicture } from "./saving.js";
import { isSigned, limits, onScheme, scaleOf } from "./scales.js";
import { order } from "./sorting.js";
import { ColouredText } from "./text.js";

const BEFORE = 30; // characters before a place that its captions tell

export class Viewer {
  #section;
  #array; // what is shown
  #wanted; // what was chosen last: it may be under way still
  #values;
  #order = [];
  #chosen = { at: 0, row: 0 };
  #pointed = null;
  #coloured = null; // the unit by which the text is coloured now
  #asked = 0;

  constructor(section) {
    this.#section = section;
    this.part = (name) => section.querySelector(`[data-${name}]`);
    this.picture = new Picture(this.part("picture"), (at, row, isChosen) => this.#move(at, row, isChosen));
    this.profile = new Profile(this.part("profile"));
    this.reading = new Reading(section);
    this.text = new ColouredText(this.part("coloured"), {
      onPoint: (at) => this.#move(at, this.#chosen.row, false),
      onChoose: (at) => this.#move(at, this.#chosen.row, true),
      onKey: (event, isMirrored) => this.#press(event, isMirrored),
    });
  }

  /** Wait for the look, and show it. Return whether there is something to see. */
  async start() {
    const sentence = this.part("sentence");
    const state = await untilReady(this.#section, (news) => {
      if (sentence.textContent !== news.sentence) sentence.textContent = news.sentence;
    });
    if (!state) return false;
    this.state = state;
    this.arrays = new Arrays(state);
    this.#offer();
    this.text.write(state.symbols);
    await this.show(this.#first(), 0);
    return true;
  }

  #first() {
    const wanted = new URLSearchParams(location.search).get("part");
    const names = this.arrays.of(0).map((array) => array.name);
    return names.includes(wanted) ? wanted : names.includes("cell") ? "cell" : names.at(-1);
  }

  get layer() {
    return this.#array.layer;
  }

  /** The chosen symbol and unit, from 0. */
  get chosen() {
    return { at: this.#chosen.at, unit: this.#order[this.#chosen.row] };
  }

  #offer() {
    const layers = Array.from({ length: this.state.layers }, (_, layer) => new Option(String(layer + 1), layer));
    this.part("layers").replaceChildren(...layers);
    this.part("layers-label").hidden = layers.length < 2;
    this.part("layers").addEventListener("change", () =>
      this.show(this.#wanted.name, Number(this.part("layers").value)),
    );
    this.#offerParts();
    this.part("sorting").addEventListener("change", () => this.#sort());
    this.part("picture").addEventListener("keydown", (event) => this.#press(event));
    for (const button of this.#section.querySelectorAll("[data-save]"))
      button.addEventListener("click", () => this.#save(button.dataset.save));
    offerSaving(this.part("units"), () => this.#barsOf("units", drawnUnits(this.#place)));
    const next = () => nextAfter(this.arrays, this.state, this.#place.at);
    offerSaving(this.part("next"), () => this.#barsOf("next", drawnLikely(next())));
    onScheme(() => this.#paint());
    if (!this.state.unknown?.length) return;
    const unknown = this.state.unknown.map((symbol) => `\u2068“${shown(symbol)}”\u2069`).join(" ");
    this.part("unknown").textContent = `${this.#section.dataset.labelUnknown} ${unknown}`;
    this.part("unknown").hidden = false;
  }

  #offerParts() {
    const buttons = this.arrays.of(0).map(({ name, label }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.dataset.part = name;
      button.addEventListener("click", () => this.show(name, this.#wanted.layer));
      return button;
    });
    this.part("parts").replaceChildren(...buttons);
  }

  /** Show a part of a layer. Of several that are chosen within a moment, the last one is shown. */
  async show(name, layer) {
    const array = this.arrays.find(name, layer) ?? this.arrays.of(layer).at(-1);
    this.#want(array);
    const values = await this.arrays.load(array).catch(() => null);
    if (array !== this.#wanted) return;
    this.part("sentence").textContent = values ? "" : this.#section.dataset.labelSent;
    if (!values) return this.#want(this.#array);
    this.#array = array;
    this.#values = values;
    this.part("when-ready").hidden = false;
    this.#sort();
    this.#loadOthers();
  }

  #want(array) {
    this.#wanted = array;
    for (const button of this.part("parts").children)
      button.setAttribute("aria-pressed", button.dataset.part === array?.name);
    if (array) this.part("layers").value = array.layer;
  }

  async #loadOthers() {
    const others = [...this.arrays.of(-1), ...this.arrays.of(this.layer)];
    for (const array of others) await this.arrays.load(array).catch(() => null);
    this.#showSoon();
  }

  #sort() {
    const unit = this.#order[this.#chosen.row] ?? 0;
    const units = this.#array.shape[1];
    this.#order = order(this.part("sorting").value, this.#values, units, this.state.symbols, this.#chosen.at);
    this.#chosen.row = Math.max(0, this.#order.indexOf(unit));
    if (this.part("sorting").value !== "number") this.#chosen.row = 0; // what does it most
    this.#paint();
  }

  #paint() {
    this.scale = scaleOf(this.#array, this.#values);
    this.picture.show(this.state.symbols, this.#values, this.#order, this.scale);
    this.#name();
    this.#coloured = null;
    this.#show();
  }

  #name() {
    const labels = this.#section.dataset;
    const named = {
      part: this.#array.label,
      layer: this.layer + 1,
      units: this.#order.length,
      symbols: this.state.symbols.length,
    };
    this.part("picture").setAttribute("aria-label", filled(labels.labelPicture, named));
    const [low, high] = limits(this.scale);
    this.part("low").textContent = low;
    this.part("high").textContent = high;
    this.part("scale").textContent = isSigned(this.#array) ? labels.labelScaleSigned : labels.labelScaleShare;
    const ramp = this.part("ramp").getContext("2d");
    for (let x = 0; x < 128; x++) {
      const value = this.scale.low + (x / 127) * (this.scale.high - this.scale.low);
      ramp.fillStyle = this.scale.css(value);
      ramp.fillRect(x, 0, 1, 10);
    }
  }

  #scaleInWords() {
    const [scale, low, high] = ["scale", "low", "high"].map((name) => this.part(name).textContent);
    return `${scale} (${low} … ${high})`;
  }

  #move(at, row, isChosen) {
    this.#pointed = at === null ? null : { at, row };
    if (isChosen) this.choose(at, row);
    else this.#showSoon();
    this.#mean();
  }

  /** Show the pointed place with the next frame: a pointer moves more often than the screen shows it. */
  #showSoon() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#show();
    });
  }

  /** Choose a symbol and a row. */
  choose(at, row, isTold = false) {
    this.#chosen = { at, row };
    this.#show(isTold);
    this.#mean();
  }

  /** Tell which symbol is meant: the one that is pointed at, or else the chosen one. */
  #mean() {
    const { at } = this.#pointed ?? this.#chosen;
    this.#section.dispatchEvent(new CustomEvent("meant", { detail: at }));
  }

  #press(event, isMirrored = false) {
    const place = placeAfter(event, this.#chosen, this.picture, isMirrored);
    if (!place) return;
    this.#pointed = null;
    this.choose(place.at, place.row, true);
  }

  /** What is shown at the pointed place, or at the chosen one. */
  get #place() {
    return { ...(this.#pointed ?? this.#chosen), values: this.#values, order: this.#order, scale: this.scale };
  }

  #show(isTold = false) {
    const { at, row } = this.#place;
    const unit = this.#order[row];
    this.picture.mark(at, row, isTold);
    this.profile.show(this.#place);
    this.reading.show({ arrays: this.arrays, state: this.state, layer: this.layer, at, unit }, isTold);
    this.text.mark(at);
    if (this.#coloured !== unit) this.#colour(unit);
    this.#link(at, unit);
  }

  #colour(unit) {
    const units = this.#array.shape[1];
    this.text.colour((at) => this.scale.behind(this.#values[at * units + unit]));
    this.#coloured = unit;
  }

  #link(at, unit) {
    const [csv, table, touch] = ["csv", "to-table", "to-touch"].map(this.part);
    if (csv) csv.href = `${this.state.address}${this.#array.number}/csv/`;
    if (table) table.href = `${this.#section.dataset.table}?at=${at}&layer=${this.layer}`;
    if (touch) touch.search = `?layer=${this.layer + 1}&unit=${unit + 1}&value=0&${this.#section.dataset.voices}`;
  }

  /** Return bars to take along: their drawing, their caption, and the name of their file. */
  #barsOf(name, svg) {
    const { at } = this.#place;
    const before = this.state.symbols.slice(Math.max(0, at - BEFORE), at + 1).map(shown);
    const told = { part: this.#array.label, layer: this.layer + 1, scale: this.#scaleInWords(), text: before.join("") };
    const { name: model } = this.#section.dataset;
    const caption = filled(this.part(name).querySelector("[data-savers]").dataset.caption, { ...told, name: model });
    return { svg, caption, name: fileName(model, name, String(at + 1)) };
  }

  #save(kind) {
    const { name, labelCaption } = this.#section.dataset;
    const named = { name, part: this.#array.label, layer: this.layer + 1, scale: this.#scaleInWords() };
    const file = fileName(name, this.#array.name, "layer", String(this.layer + 1));
    return savePicture(this.picture, filled(labelCaption, named), file, kind);
  }
}
