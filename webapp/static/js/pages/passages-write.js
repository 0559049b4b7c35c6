// The page to write with a model. Its modules are in the folder of the same name.

import { offerCopying } from "../lib/copy.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { arrangeSettings } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";
import { followStreams } from "../lib/stream.js";
import { offerSurprise } from "../lib/surprise.js";
import { offerCuts } from "./passages-write/cut.js";
import { keepForm } from "./passages-write/form.js";
import { offerOpenings } from "./passages-write/openings.js";

followStreams();
offerOpenings();
arrangeSettings();
balanceShares();
keepForm();
offerCuts();
offerSurprise();
offerCopying();
sendOnce();
startTicks();
