// The page that holds a unit of a model.

import { sendOnce } from "../lib/once.js";
import { addSliders } from "../lib/settings.js";

addSliders();
sendOnce();
