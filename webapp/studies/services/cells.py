"""The service that compares the cells: three trainings on one corpus that differ in nothing but the cell."""

from trainer.contract import equal_cells
from webapp.accounts.limits import LimitReached
from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.studies.estimates import Estimator
from webapp.studies.models import Study
from webapp.studies.services.deletion import delete
from webapp.studies.services.submission import submit


def compare_cells(owner: User, corpus: Corpus, names: dict[str, str]) -> list[Study]:
    """Queue a plain RNN, a GRU and an LSTM of equally many weights, which read equally many characters of a corpus.

    The LSTM gets the network and the reading that the recipe Quick would give it. `names` has the study's name for each
    cell. All three are queued, or none. Raises LimitReached and TextProblem.
    """
    trained, vocabulary = max(1, corpus.characters * 9 // 10), corpus.alphabet + 1
    lstm = Estimator().recipe("quick", corpus.characters, corpus.alphabet)
    choices = equal_cells.choices_of(lstm, trained, vocabulary)
    made: list[Study] = []
    try:
        for cell in equal_cells.CELLS:
            made.append(submit(owner, corpus, choices[cell], names[cell]))
    except LimitReached:
        for study in made:
            delete(study)
        raise
    return made
