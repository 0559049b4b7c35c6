// The page of the units that are worth seeing.

import { waitForLook } from "../lib/inside/waiting.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";

waitForLook();
sendOnce();
startTicks();
