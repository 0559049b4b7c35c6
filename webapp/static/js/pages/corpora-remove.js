// The page that asks whether to remove a document.

import { sendOnce } from "../lib/once.js";

sendOnce();
