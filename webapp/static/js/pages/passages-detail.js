// The page of one passage.

import { offerCopying } from "../lib/copy.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { followStreams } from "../lib/stream.js";
import { offerSurprise } from "../lib/surprise.js";

followStreams();
offerSurprise();
offerCopying();
sendOnce();
startTicks();
