// The doctor's page of a corpus.

import { chooseByTyping } from "../lib/decisions.js";
import { sendOnce } from "../lib/once.js";

sendOnce();
chooseByTyping();
