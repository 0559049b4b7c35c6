// The page that makes a corpus.

import { arrangeCorpusForm } from "../lib/corpus-form.js";

arrangeCorpusForm();
