// Orders of units: by what they do in the text that is shown. A unit's value over the text is compared with what the
// text does there by Pearson's correlation.

const isBreak = (symbol) => symbol.includes("\n");
const isBlank = (symbol) => symbol.trim() === "";

function counting(symbols, starts) {
  let count = 0;
  return symbols.map((symbol) => {
    count = starts(symbol) ? 0 : count + 1;
    return count;
  });
}

function quoted(symbols) {
  let inside = 0;
  return symbols.map((symbol) => {
    if (/["“”«»„]/.test(symbol)) inside = 1 - inside;
    return inside;
  });
}

const FEATURES = {
  line: (symbols) => counting(symbols, isBreak),
  word: (symbols) => counting(symbols, isBlank),
  blank: (symbols) => symbols.map((symbol) => Number(isBlank(symbol))),
  capital: (symbols) => symbols.map((symbol) => Number(symbol !== symbol.toLowerCase())),
  quote: quoted,
};

const column = (values, units, unit, time) => Array.from({ length: time }, (_, at) => values[at * units + unit]);
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

function spread(numbers) {
  const middle = mean(numbers);
  return Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2)));
}

function change(numbers) {
  const steps = numbers.slice(1).map((number, place) => Math.abs(number - numbers[place]));
  return steps.length ? mean(steps) / (spread(numbers) || 1) : 0;
}

export function correlation(one, other) {
  const [middle, centre] = [mean(one), mean(other)];
  const product = mean(one.map((value, place) => (value - middle) * (other[place] - centre)));
  const size = spread(one) * spread(other);
  return size > 1e-9 ? product / size : 0;
}

function measure(name, symbols, at) {
  if (name === "now") return (values) => values[at];
  if (name === "mean") return mean;
  if (name === "spread") return spread;
  if (name === "slow") return (values) => -change(values);
  const feature = FEATURES[name](symbols);
  return (values) => correlation(values, feature);
}

/**
 * Return the numbers of the units (from 0) in the order in which they are shown, the highest measure first.
 * `values` are (time, units), `at` is the chosen symbol.
 */
export function order(name, values, units, symbols, at) {
  const numbers = Array.from({ length: units }, (_, unit) => unit);
  if (name === "number") return numbers;
  const measured = measure(name, symbols, at);
  const ranks = numbers.map((unit) => measured(column(values, units, unit, symbols.length)));
  return numbers.sort((one, other) => ranks[other] - ranks[one] || one - other);
}
