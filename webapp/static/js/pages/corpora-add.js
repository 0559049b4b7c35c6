// The page that adds texts to a corpus.

import { arrangeCorpusForm } from "../lib/corpus-form.js";

arrangeCorpusForm();
