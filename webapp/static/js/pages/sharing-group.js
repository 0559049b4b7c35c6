// The page of one group.

import { offerCopying } from "../lib/copy.js";

offerCopying();
