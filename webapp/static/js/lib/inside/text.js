// The text of a look, coloured symbol by symbol.

const SIDEWAYS = ["ArrowLeft", "ArrowRight", "Home", "End"];

export class ColouredText {
  #spans = [];
  #here = null;

  /** `onPoint(at)` hears which symbol was pointed at, `onChoose(at)` which was clicked, `onKey(event, isMirrored)` keys. */
  constructor(element, { onPoint = () => {}, onChoose = () => {}, onKey = () => {} } = {}) {
    this.element = element;
    const at = (event) => this.#spans.indexOf(event.target.closest("span"));
    const told = (tell) => (event) => at(event) >= 0 && tell(at(event));
    element.addEventListener("pointerover", told(onPoint));
    element.addEventListener("pointerleave", () => onPoint(null));
    element.addEventListener("click", told(onChoose));
    element.addEventListener("keydown", (event) => SIDEWAYS.includes(event.key) && onKey(event, this.#isRightToLeft));
  }

  get #isRightToLeft() {
    return getComputedStyle(this.element).direction === "rtl";
  }

  write(symbols) {
    this.#spans = symbols.map((symbol) => {
      const span = document.createElement("span");
      span.textContent = symbol;
      return span;
    });
    this.element.replaceChildren(...this.#spans);
  }

  /** Give each symbol the colour that the function returns for its number; an empty text for none. */
  colour(of) {
    this.#spans.forEach((span, at) => (span.style.backgroundColor = of(at)));
  }

  /** Put a shade under each symbol, from 0 to 1. */
  shade(shades) {
    this.#spans.forEach((span, at) => {
      const share = Math.round(100 * (shades[at] ?? 0));
      span.style.boxShadow = share ? `inset 0 -0.4em 0 color-mix(in srgb, var(--shade) ${share}%, transparent)` : "";
    });
  }

  mark(at) {
    this.#here?.classList.remove("here");
    this.#here = at === null ? null : this.#spans[at];
    this.#here?.classList.add("here");
  }
}
