"""The service that extracts the text of a document again, from its original."""

from django.utils.translation import gettext as _

from trainer.contract.documents import TextProblem
from webapp import files
from webapp.corpora.models import Document
from webapp.corpora.services.decoding import scratch, understand
from webapp.corpora.services.encoding import read_as
from webapp.corpora.services.observing import NOBODY, Observer
from webapp.corpora.services.replacing import Replaced, replace


def extract_again(document: Document, column: int | None = None, observer: Observer = NOBODY, codec: str = "") -> None:
    """Replace the text of a document by what the present extraction reads in its original.

    `column` is the one to read of a table, and `codec` the encoding in which it is read; None, and an empty text: the
    same as before. Trainings keep their frozen text. Raises TextProblem when the original can't be read any more,
    LimitReached when there is no room: then nothing changes. Raises Document.DoesNotExist when the document was removed
    meanwhile.
    """
    if codec or document.codec:
        read_as(document, codec or document.codec, column, observer)
        return
    with scratch() as folder:
        original = folder / "original"
        files.copy_in(document.file_key, original)
        chosen = document.column if column is None else column
        found, refused = understand([(document.name, original)], folder, observer, chosen)
        if len(found) != 1:
            raise TextProblem(refused[0][1] if refused else "The original is an archive of several texts by now.")
        observer.counting()
        try:
            replace(document, found[0], observer)
        except Replaced:
            raise TextProblem(_("It was changed in another window meanwhile.")) from None
