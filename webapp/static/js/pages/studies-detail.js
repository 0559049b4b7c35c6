// The page of a model: its state, which htmx polls, and the chart of its losses. The chart loads its points once. New
// points come with the state, in the data-history of the state's element, and are added to the same chart.

import { line, mount } from "../lib/chart.js";
import { offerLossSaving } from "../lib/chart-saving.js";
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
  if (!chart) {
    chart = mount(frame, labels.labelX, lines(), data);
    offerLossSaving(section, chart);
  }
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

const lines = () => [
  line(labels.labelTrain, "--soft", { width: 1 }),
  line(labels.labelCarried, "--chart-1", { dots: true }),
  line(labels.labelCold, "--chart-2", { dots: true }),
  line(labels.labelNgram, "--chart-3", { dash: [6, 4] }),
  line(labels.labelXz, "--chart-3", { dash: [2, 4] }),
];

nowAndAfterSwaps(takeNews);
startTicks();
