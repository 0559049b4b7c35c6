// The page of the units that are worth seeing.

import { waitForLook } from "../lib/inside/waiting.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { addSliders } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";

waitForLook();
addSliders();
balanceShares();
sendOnce();
startTicks();
