// A chart of losses to take along, as SVG or PNG: uPlot draws on a canvas, so its lines are drawn once more as shapes.

import { chartFile } from "./inside/saving.js";
import { drawing, FONT, made, offerSaving } from "./shapes.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 360, 58, 24, 12, 44];
const NAME = 20; // pixels of a line's name
const SAMPLE = 36; // pixels of a line beside its name
const LEVELS = 5; // about so many numbers stand on an axis
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 2 });

/** Have the buttons of a section save its chart. */
export function offerLossSaving(section, chart) {
  const { caption } = section.querySelector("[data-savers]").dataset;
  offerSaving(section, () => ({ svg: drawn(chart), caption, name: chartFile("losses") }));
}

/** Return round numbers from `low` to `high`. */
function levels(low, high) {
  const rough = (high - low) / LEVELS || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough);
  const count = Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, number) => (Math.ceil(low / step - 1e-9) + number) * step);
}

function drawn(chart) {
  const series = chart.series.map((one, place) => ({ ...one, values: chart.data[place] })).slice(1);
  const lines = series.filter(({ show }) => show);
  const { x, y } = chart.scales;
  const [floor, top] = [HEIGHT - BOTTOM, TOP + NAME * lines.length];
  const across = (value) => LEFT + ((WIDTH - RIGHT - LEFT) * (value - x.min)) / (x.max - x.min || 1);
  const up = (value) => floor - ((floor - top) * (value - y.min)) / (y.max - y.min || 1);
  const nameY = (number) => TOP + NAME * (number + 0.6);
  const shapes = lines.flatMap((line, number) => drawnLine(line, chart.data[0], across, up, nameY(number)));
  return drawing(WIDTH, HEIGHT, [...axes(chart, across, up, floor), ...shapes]);
}

function axes(chart, across, up, floor) {
  const { x, y } = chart.scales;
  const [ink, level] = [chart.axes[0].stroke(), chart.axes[0].grid.stroke()];
  const number = (place, text) => made("text", { fill: ink, ...FONT, ...place }, text);
  return [
    ...levels(y.min, y.max).flatMap((value) => [
      made("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up(value), y2: up(value), stroke: level, "stroke-width": "1px" }),
      number({ x: LEFT - 6, y: up(value) + 4, "text-anchor": "end" }, short.format(value)),
    ]),
    ...levels(x.min, x.max).map((value) =>
      number({ x: across(value), y: floor + 18, "text-anchor": "middle" }, short.format(value)),
    ),
    number({ x: (LEFT + WIDTH - RIGHT) / 2, y: floor + 38, "text-anchor": "middle" }, chart.series[0].label),
  ];
}

function drawnLine({ label, stroke, dash, values }, places, across, up, nameY) {
  const known = [...values.keys()].filter((place) => values[place] != null);
  const points = known.map((place) => `${across(places[place]).toFixed(1)},${up(values[place]).toFixed(1)}`).join(" ");
  const style = {
    fill: "none",
    stroke: stroke(),
    "stroke-width": "2px",
    "stroke-dasharray": dash?.join(", ") ?? "none",
  };
  const right = WIDTH - RIGHT;
  const sample = { x1: right - SAMPLE, x2: right, y1: nameY - 4, y2: nameY - 4 };
  const name = { x: right - SAMPLE - 8, y: nameY, "text-anchor": "end", fill: stroke(), ...FONT };
  return [made("polyline", { points, ...style }), made("line", { ...sample, ...style }), made("text", name, label)];
}
