// The page where two models write with the same settings.

import { offerCopying } from "../lib/copy.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { arrangeSettings } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";
import { followStreams } from "../lib/stream.js";
import { offerSurprise } from "../lib/surprise.js";

arrangeSettings();
balanceShares();
followStreams();
offerSurprise();
offerCopying();
sendOnce();
startTicks();
