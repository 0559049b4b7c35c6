// The keys that go through a picture: left and right along the text, up and down through the units.

const KEYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [-20, 0],
  PageDown: [20, 0],
  Home: [Number.NEGATIVE_INFINITY, 0],
  End: [Number.POSITIVE_INFINITY, 0],
};

/**
 * Return the place in a picture to which a key leads from another place, or null where it leads nowhere. In a text from
 * right to left, the arrows do the opposite.
 */
export function placeAfter(event, { at, row }, { symbols, units }, isMirrored = false) {
  const [step, rows] = KEYS[event.key] ?? [];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return null;
  event.preventDefault();
  const within = (value, most) => Math.max(0, Math.min(most - 1, value));
  const along = isMirrored && event.key.startsWith("Arrow") ? -step : step;
  return { at: within(at + along, symbols.length), row: within(row + rows, units) };
}
