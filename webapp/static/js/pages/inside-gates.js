// The page that shows the gates and states of a model while it reads a text.

import { offerAttribution } from "../lib/inside/attribution.js";
import { Viewer } from "../lib/inside/viewer.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { addSliders } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";

async function show(section) {
  const viewer = new Viewer(section);
  if (await viewer.start()) offerAttribution(section, viewer);
}

document.querySelectorAll("[data-viewer]").forEach(show);
addSliders();
balanceShares();
sendOnce();
startTicks();
