// The page that switches the second factor on.

import { offerCopying } from "../lib/copy.js";

offerCopying();
