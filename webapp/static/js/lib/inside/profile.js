// All units at one character, as bars in the order of the picture's rows.

import { unitBars } from "./bars.js";

const HEIGHT = 84;

export class Profile {
  #canvas;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Show the values of a symbol; the row is marked. */
  show(place) {
    const dots = window.devicePixelRatio || 1;
    const width = this.#canvas.clientWidth;
    if (this.#canvas.width !== Math.round(width * dots)) {
      Object.assign(this.#canvas, { width: Math.round(width * dots), height: Math.round(HEIGHT * dots) });
    }
    const context = this.#canvas.getContext("2d");
    context.setTransform(dots, 0, 0, dots, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    for (const box of unitBars(place, width, HEIGHT)) {
      context.fillStyle = box.fill;
      context.fillRect(box.x, box.y, box.width, box.height);
    }
  }
}
