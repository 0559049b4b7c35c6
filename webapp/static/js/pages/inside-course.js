// The course of a model, for its owner.

import { offerCopying } from "../lib/copy.js";
import { arrangeCourse } from "../lib/inside/course.js";
import { offerChartSaving } from "../lib/inside/saving.js";
import { waitForLook } from "../lib/inside/waiting.js";
import { sendOnce } from "../lib/once.js";
import { startTicks } from "../lib/poll.js";
import { addSliders } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";

arrangeCourse();
waitForLook();
offerChartSaving();
offerCopying();
addSliders();
balanceShares();
sendOnce();
startTicks();
