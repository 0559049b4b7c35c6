// The course of a model, for whoever has its link.

import { arrangeCourse } from "../lib/inside/course.js";
import { offerChartSaving } from "../lib/inside/saving.js";
import { startTicks } from "../lib/poll.js";

arrangeCourse();
offerChartSaving();
startTicks();
