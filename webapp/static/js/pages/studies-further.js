// The page that trains a model further.

import { sendOnce } from "../lib/once.js";

sendOnce();
