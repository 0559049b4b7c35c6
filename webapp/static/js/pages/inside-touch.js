// The page that holds units of a model. Rows are added and removed by the server.

import { sendOnce } from "../lib/once.js";
import { addSliders } from "../lib/settings.js";
import { balanceShares } from "../lib/shares.js";
import { nowAndAfterSwaps } from "../lib/swaps.js";

nowAndAfterSwaps(addSliders);
balanceShares();
sendOnce();
