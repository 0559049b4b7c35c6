// The operator's page.

import { offerCopying } from "../lib/copy.js";

offerCopying();
