"""The service that extracts the text of a document again, from its original."""

from django.db import transaction

from trainer.contract.documents import TextProblem
from webapp import files
from webapp.accounts import limits
from webapp.corpora.models import Document
from webapp.corpora.services.decoding import Understood, as_trained_on, scratch, understand
from webapp.corpora.services.document_files import delete_files, fields_of, stored
from webapp.corpora.services.figures import describe
from webapp.corpora.services.reading import Named, texts_of


def extract_again(document: Document, column: int | None = None) -> None:
    """Replace the text of a document by what the present extraction reads in its original.

    `column` is the one to read of a table; None: the same as before. Trainings keep their frozen text. Raises
    TextProblem when the original can't be read any more, LimitReached when there is no room: then nothing changes.
    Raises Document.DoesNotExist when the document was removed meanwhile.
    """
    with scratch() as folder:
        original = folder / "original"
        files.copy_in(document.file_key, original)
        chosen = document.column if column is None else column
        found, refused = understand([(document.name, original)], folder, chosen)
        if len(found) != 1:
            raise TextProblem(refused[0][1] if refused else "The original is an archive of several texts by now.")
        _replace(document, found[0])


def _replace(document: Document, new: Understood) -> None:
    corpus, old = document.corpus, document.key
    while True:
        before = corpus.document_numbers()
        if document.pk not in before:
            raise Document.DoesNotExist
        described = describe([_text(other, document, new) for other in corpus.documents.all()])
        more = new.text_bytes + new.original_bytes - document.bytes - document.original_bytes
        with stored([new]) as (key,), transaction.atomic():
            allowed = limits.lock(corpus.owner)
            if corpus.document_numbers() == before:
                limits.check_stored(corpus.owner, allowed, more)
                Document.objects.filter(pk=document.pk).update(**fields_of(new, key))
                corpus.change(**described)
                transaction.on_commit(lambda: delete_files([old]), robust=True)
                return
            delete_files([key.text])


def _text(other: Document, document: Document, new: Understood) -> Named:
    lowercase = document.corpus.lowercase
    return (as_trained_on([new], lowercase) if other.pk == document.pk else texts_of([other], lowercase))[0]
