// All units at one character, as bars in the order of the picture's rows.

import { ink, soft } from "./scales.js";

const HEIGHT = 84;

export class Profile {
  #canvas;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Show the values of a symbol; `row` is marked. */
  show({ values, order, at, row, scale }) {
    const dots = window.devicePixelRatio || 1;
    const width = this.#canvas.clientWidth;
    if (this.#canvas.width !== Math.round(width * dots)) {
      Object.assign(this.#canvas, { width: Math.round(width * dots), height: Math.round(HEIGHT * dots) });
    }
    const context = this.#canvas.getContext("2d");
    context.setTransform(dots, 0, 0, dots, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    const share = (value) => Math.max(0, Math.min(1, (value - scale.low) / (scale.high - scale.low)));
    const y = (value) => HEIGHT * (1 - share(value));
    const zero = y(Math.max(0, scale.low));
    const each = width / order.length;
    order.forEach((unit, place) => {
      const value = values[at * order.length + unit];
      context.fillStyle = place === row ? ink() : scale.css(value);
      context.fillRect(place * each, Math.min(zero, y(value)), Math.max(1, each - 0.5), Math.abs(y(value) - zero));
    });
    context.fillStyle = soft();
    context.fillRect(0, Math.min(zero, HEIGHT - 1), width, 1);
  }
}
