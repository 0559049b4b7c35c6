"""The observer of an extraction, which a worker uses to report progress, to break it off, and to end its job."""

from webapp.corpora.models import Corpus

LeftOut = tuple[str, str]  # a name, and the sentence that says why it is not in the corpus


class Observer:
    """An observer that does nothing, for texts that are read within a request.

    An error that a method raises breaks the extraction off, and nothing of it is kept.
    """

    def read(self, done: int) -> None:
        """Note that so many files were read. It is called at least twice a second while another process reads."""

    def leave_out(self, one: LeftOut) -> None:
        """Note that one of the files, or one out of an archive, can't be read."""

    def counting(self) -> None:
        """Note that all files were read, and that the figures of the corpus are counted next."""

    def keep(self, corpus: Corpus | None) -> None:
        """Do the last step of the transaction that keeps the texts: in this corpus, if they are new."""


NOBODY = Observer()
