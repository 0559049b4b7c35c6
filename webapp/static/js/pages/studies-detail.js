// The page of a model: its state, which htmx polls, and the chart of its losses. The chart loads its points once. New
// points come with the state, in the data-history of the state's element, and are added to the same chart.

import { startTicks } from "../lib/poll.js";
import { nowAndAfterSwaps } from "../lib/swaps.js";

const section = document.querySelector("[data-chart]");
const frame = section.querySelector("[data-chart-frame]");
const labels = section.dataset;
const held = { train: new Map(), held_out: new Map() }; // step → [step, characters, …losses]
let baselines = {};
let chart = null;
let isFilled = false; // whether the points from before the page was loaded are there

async function ask() {
  const response = await fetch(labels.chart, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) return; // the server is away, and the next state asks again
  isFilled = true;
  take(await response.json());
}

async function takeNews() {
  const { history } = document.querySelector("#status").dataset;
  if (!isFilled) await ask();
  if (history) take(JSON.parse(history));
}

function take(news) {
  if (news.reset) for (const kind of Object.values(held)) kind.clear();
  for (const kind of ["train", "held_out"]) {
    for (const point of news[kind]) held[kind].set(point[0], point);
  }
  baselines = news.baselines;
  draw();
}

function columns() {
  const steps = [...new Set([...held.train.keys(), ...held.held_out.keys()])].sort((a, b) => a - b);
  const of = (kind, place) => steps.map((step) => held[kind].get(step)?.[place] ?? null);
  const flat = (value) => steps.map(() => value ?? null);
  const characters = steps.map((step) => (held.train.get(step) ?? held.held_out.get(step))[1]);
  return [characters, of("train", 2), of("held_out", 2), of("held_out", 3), flat(baselines.ngram), flat(baselines.xz)];
}

function draw() {
  const data = columns();
  if (data[0].length < 2) return;
  section.hidden = false;
  chart ??= mount(data);
  chart.setData(data);
  for (const [index, known] of [
    [2, data[2].some(Number.isFinite)],
    [4, baselines.ngram],
    [5, baselines.xz],
  ]) {
    chart.setSeries(index, { show: Boolean(known) });
    chart.root.querySelectorAll(".u-legend .u-series")[index].hidden = !known;
  }
}

const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
const newest = (values) => values.findLast((value) => value != null);
const shown = (write) => (chart, value, series, index) => {
  const known = index == null ? newest(chart.data[series]) : value; // without a pointer on the chart, the newest value is shown
  return known == null ? "–" : write(known);
};
const line = (label, name, more) => ({
  label,
  stroke: colour(name),
  width: 2,
  spanGaps: true,
  value: shown((bits) => bits.toFixed(2)),
  ...more,
  points: { show: Boolean(more.dots), size: 6, fill: colour("--paper") },
});
const axis = (label, more) => ({
  label,
  stroke: colour("--soft"),
  grid: { stroke: colour("--line"), width: 1 },
  ticks: { show: false },
  font: "12px system-ui, sans-serif",
  labelFont: "12px system-ui, sans-serif",
  labelSize: 16,
  ...more,
});
const size = () => ({ width: frame.clientWidth, height: Math.max(220, Math.min(360, frame.clientWidth * 0.5)) });

function mount(data) {
  const options = {
    ...size(),
    scales: { x: { time: false } },
    cursor: { drag: { x: false, y: false } },
    axes: [
      axis(labels.labelX, { values: (_, ticks) => ticks.map((tick) => short.format(tick)) }),
      axis(null, { size: 44 }),
    ],
    series: [
      { label: labels.labelX, value: shown((count) => short.format(count)) },
      line(labels.labelTrain, "--soft", { width: 1 }),
      line(labels.labelCarried, "--chart-1", { dots: true }),
      line(labels.labelCold, "--chart-2", { dots: true }),
      line(labels.labelNgram, "--chart-3", { dash: [6, 4] }),
      line(labels.labelXz, "--chart-3", { dash: [2, 4] }),
    ],
  };
  const made = new window.uPlot(options, data, frame);
  new ResizeObserver(() => made.setSize(size())).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => made.redraw(false, true));
  return made;
}

nowAndAfterSwaps(takeNews);
startTicks();
