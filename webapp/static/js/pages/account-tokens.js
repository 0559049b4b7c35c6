// The page of somebody's tokens.

import { offerCopying } from "../lib/copy.js";

offerCopying();
