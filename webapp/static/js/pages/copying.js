// Pages whose only script is that of their buttons that copy.

import { offerCopying } from "../lib/copy.js";

offerCopying();
