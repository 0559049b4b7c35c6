// The page that compares models: their losses on held-out text in one chart. While one of them trains, it asks for news.

import { line, mount } from "../lib/chart.js";
import { offerLossSaving } from "../lib/chart-saving.js";
import { offerChartSaving } from "../lib/inside/saving.js";
import { startTicks } from "../lib/poll.js";
import { nowAndAfterSwaps } from "../lib/swaps.js";

const SECONDS = 5;
const section = document.querySelector("[data-compared]");
const frame = section?.querySelector("[data-chart-frame]");
const studies = section ? [...section.querySelectorAll("[data-history]")].map((element) => element.dataset) : [];
const colours = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"];
const found = studies.map(() => new Map()); // for each model: characters → bits
let chart = null;

async function ask(study, points) {
  const response = await fetch(study.history, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) return false; // the server is away, and it is asked again
  const news = await response.json();
  points.clear();
  for (const [, characters, carried, cold] of news.held_out) points.set(characters, carried ?? cold);
  return news.over;
}

function draw() {
  const places = [...new Set(found.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  if (places.length < 2) return;
  section.hidden = false;
  const data = [places, ...found.map((points) => places.map((place) => points.get(place) ?? null))];
  const lines = () => studies.map((study, number) => line(study.label, colours[number], { dots: true }));
  if (!chart) {
    chart = mount(frame, section.dataset.labelX, lines(), data);
    offerLossSaving(section, chart);
  }
  chart.setData(data);
}

async function follow(first) {
  const over = await Promise.all(studies.map((study, number) => ask(study, found[number])));
  draw();
  if (over.every(Boolean)) {
    if (!first) location.reload(); // the scores are there now, and the finding with them
  } else {
    setTimeout(() => follow(false), SECONDS * 1000);
  }
}

if (studies.length) follow(true);
nowAndAfterSwaps(offerChartSaving); // of the memories, which are loaded later
startTicks();
