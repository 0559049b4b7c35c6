// The page of a model's memory.

import { offerChartSaving } from "../lib/inside/saving.js";
import { waitForLook } from "../lib/inside/waiting.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { addSliders } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";

waitForLook();
offerChartSaving();
addSliders();
balanceShares();
sendOnce();
startTicks();
