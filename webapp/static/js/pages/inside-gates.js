// The page that shows the gates and states of a model while it reads a text.

import { offerAttribution } from "../lib/inside/attribution.js";
import { Viewer } from "../lib/inside/viewer.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";

async function show(section) {
  const viewer = new Viewer(section);
  if (await viewer.start()) offerAttribution(section, viewer);
}

document.querySelectorAll("[data-viewer]").forEach(show);
sendOnce();
startTicks();
