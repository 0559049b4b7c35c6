// The page that shows what an edit changes, before it is saved.

import { sendOnce } from "../lib/once.js";

sendOnce();
