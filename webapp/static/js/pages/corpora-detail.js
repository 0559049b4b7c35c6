// The page of a corpus, with the form that adds texts to it.

import { arrangeCorpusForm } from "../lib/corpus-form.js";

arrangeCorpusForm();
