"""The forms that make a corpus, add texts to it and change it."""

from collections.abc import Collection
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webapp import names
from webapp.accounts.limits import MEGABYTE, LimitReached, storage_of
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import LeftOut, NothingToKeep, Upload

_LOWERCASE_HELP = gettext_lazy(
    "Treats “The” and “the” as one word, as the tutorial does: a smaller alphabet, so a short text is learned "
    "sooner. The model then writes without capitals."
)


_ACCEPTED = ".txt,.text,.md,.docx,.odt,.rtf,.epub,.pdf,.html,.htm,.xhtml,.zip,.srt,.vtt,.csv,.tsv,.json,text/*"


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A field for any number of files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        # Django's own check takes one file.
        several = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in several]


class TextField(forms.CharField):
    """A pasted text, unchanged. Its problems are found later, by the same code and with the same words as a file's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = [v for v in self.validators if not isinstance(v, ProhibitNullCharactersValidator)]


class TextsForm(forms.Form):
    """The texts to add: files, a pasted text, or both.

    `cut_off` are the places of the files that did not fit in the limit. After validation, `uploads` are the texts, and
    `left_out` are the names of the files that are not read, each with the reason.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    documents = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        allow_empty_file=True,
        widget=SeveralFiles(attrs={"accept": _ACCEPTED, "multiple": True}),
    )
    pasted = TextField(
        label=gettext_lazy("Or paste a text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),  # dir="auto" lets 35 MB hang a browser
    )

    def __init__(self, *args: Any, cut_off: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cut_off = cut_off
        self.uploads: list[Upload] = []
        self.left_out: list[LeftOut] = []
        self.fields["submission"].initial = uuid4
        self.fields["documents"].help_text = _files_help()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._sort(cleaned.get("documents") or [])
        pasted = cleaned.get("pasted") or ""
        if len(pasted.encode(errors="replace")) > settings.UPLOAD_LIMIT_BYTES:
            self.add_error("pasted", _too_large())
        elif names.can_be_seen(pasted):
            self.uploads.append((_("Pasted text"), pasted.encode(errors="replace")))
        elif not self.uploads and not self.left_out and "documents" not in self.errors:
            self.add_error("documents", _("Pick a file or paste a text, so that there is something to learn."))
        return cleaned

    def _sort(self, documents: list[Any]) -> None:
        for place, file in enumerate(documents):
            name = names.file_name(file.name or "", place + 1)
            if place in self.cut_off:
                self.left_out.append((name, _does_not_fit()))
            elif len(self.uploads) == settings.UPLOAD_LIMIT_FILES:
                self.left_out.append((name, _too_many()))
            else:
                self.uploads.append((name, Path(file.temporary_file_path())))

    def submission_id(self) -> UUID | None:
        """Return an id of the content: the same when a form is sent twice, another one when it was changed between."""
        given = self.cleaned_data
        parts = [repr((given.get("name"), given.get("lowercase")))]
        parts += [repr((name, _digest(data))) for name, data in self.uploads]
        return uuid5(given["submission"], "".join(parts)) if given["submission"] else None

    def refuse(self, problem: NothingToKeep | LimitReached) -> None:
        """Show in the form why nothing was added."""
        if isinstance(problem, NothingToKeep):
            self.left_out = problem.left_out
        else:
            self.add_error(None, str(problem))

    def status(self) -> int:
        """Return the HTTP status of a refusal."""
        return 413 if self.cut_off else 422


class CorpusForm(TextsForm):
    """The texts of a new corpus, its name, and whether it is lower-cased."""

    name = names.NameField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Empty: the name of the first file."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    lowercase = forms.BooleanField(
        label=gettext_lazy("Lower-case everything"), required=False, help_text=_LOWERCASE_HELP
    )


def _digest(data: bytes | Path) -> bytes:
    if isinstance(data, bytes):
        return sha256(data).digest()
    with data.open("rb") as file:
        return file_digest(file, "sha256").digest()


def _files_help() -> str:
    limits = {"files": settings.UPLOAD_LIMIT_FILES, "limit": settings.UPLOAD_LIMIT_BYTES // MEGABYTE}
    return (
        _(
            "Text (.txt, .md), Word (.docx), OpenDocument (.odt), RTF, e-books (.epub), PDFs with text, web pages, "
            "subtitles, exported chats, tables (.csv), ZIP archives of these, or a corpus that was downloaded here or "
            "on another site: up to %(files)d files and %(limit)d MB at a time. Drop files or a folder anywhere on "
            "this page, or pick them."
        )
        % limits
    )


def _too_large() -> str:
    limit = settings.UPLOAD_LIMIT_BYTES // MEGABYTE
    return _(
        "This is more than %(limit)d MB, the limit here. Take a part of the text, or ask whoever runs this site."
    ) % {"limit": limit}


def _does_not_fit() -> str:
    return _(
        "There was no room for it: at most %(limit)d MB can be added at a time. Add it afterwards; of a file that is "
        "larger than that, take a part."
    ) % {"limit": settings.UPLOAD_LIMIT_BYTES // MEGABYTE}


def _no_room(left: int) -> str:
    return _(
        "You may store %(left).1f MB more here. Take less, or delete models or corpora that you no longer need."
    ) % {"left": left / MEGABYTE}


def _too_many() -> str:
    return _(
        "More than %(n)d files cannot be added at a time: pack them into a ZIP archive and add that, or add the others "
        "afterwards, to the same corpus."
    ) % {"n": settings.UPLOAD_LIMIT_FILES}


def upload_limits(owner: User) -> dict[str, object]:
    """Return the limits that a page checks before it sends files, each with its sentence, and what the owner stores."""
    limit, sentence = settings.UPLOAD_LIMIT_BYTES, _too_large()
    storage = storage_of(owner)
    if storage.left is not None and storage.left < limit:
        limit, sentence = storage.left, _no_room(storage.left)
    files = settings.UPLOAD_LIMIT_FILES
    told = {"limit": limit, "too_large": sentence, "most_files": files, "too_many": _too_many()}
    return {**told, "storage": storage}


class ColumnForm(forms.Form):
    """The column of a table that is its text. A document that is no table has no choice."""

    column = forms.TypedChoiceField(label=gettext_lazy("Column"), required=False, coerce=int, empty_value=None)

    def __init__(self, document: Document, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].initial = document.column
        self.fields["column"].choices = list(enumerate(document.columns))  # type: ignore[attr-defined]


class DocumentEditForm(forms.Form):
    """A part of a document's text, and the SHA-256 of the whole text as it was when the part was shown."""

    seen = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)
    text = TextField(
        label=gettext_lazy("Text"), required=False, widget=forms.Textarea(attrs={"rows": 24, "dir": "auto"})
    )


class CorpusEditForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """The name of a corpus, and whether its letters are lower-cased."""

    name = names.NameField(label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"dir": "auto"}))

    class Meta:
        model = Corpus
        fields = ("name", "lowercase")
        help_texts = {"lowercase": _LOWERCASE_HELP}
