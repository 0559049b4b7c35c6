// The page of an extraction, whose state htmx polls until the server sends the browser on.

import { startTicks } from "../lib/poll.js";

startTicks();
