"""Making and changing a corpus."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from webapp.corpora.models import Corpus
from webapp.corpora.services import Upload

_LOWERCASE_HELP = _(
    "Treats “The” and “the” as one word, as the tutorial does: a smaller alphabet, so a short text is learned "
    "sooner. The model then writes without capitals."
)


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        # Django checks one file at a time
        several = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in several]


class CorpusForm(forms.Form):
    """`cut_off`: the files were more than the limit, so none of them is looked at."""

    documents = FilesField(
        label=_("Text files"),
        required=False,
        allow_empty_file=True,
        help_text=_("Plain text (.txt), one file or several. Drop them anywhere on this page, or pick them."),
        widget=SeveralFiles(attrs={"accept": ".txt,.text,.md,text/*", "multiple": True}),
    )
    pasted = forms.CharField(
        label=_("Or paste a text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=120,
        help_text=_("Empty: the name of the first file."),
    )
    lowercase = forms.BooleanField(label=_("Lower-case everything"), required=False, help_text=_LOWERCASE_HELP)

    def __init__(self, *args: Any, cut_off: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cut_off = cut_off

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.cut_off:
            self.add_error("documents", too_large())
            return cleaned
        if (
            not cleaned.get("documents")
            and not (cleaned.get("pasted") or "").strip()
            and "documents" not in self.errors
        ):
            self.add_error("documents", _("Pick a text file or paste a text, so that there is something to learn."))
        if len((cleaned.get("pasted") or "").encode()) > settings.UPLOAD_LIMIT_BYTES:
            self.add_error("pasted", too_large())
        return cleaned

    def uploads(self) -> list[Upload]:
        """Return the names and the bytes of what was brought."""
        found = [(file.name or str(_("file")), file.read()) for file in self.cleaned_data["documents"]]
        if self.cleaned_data["pasted"].strip():
            found.append((str(_("pasted text")), self.cleaned_data["pasted"].encode()))
        return found

    def chosen_name(self) -> str:
        first = self.cleaned_data["documents"][0].name if self.cleaned_data["documents"] else str(_("Pasted text"))
        return self.cleaned_data["name"].strip() or str(first).rsplit(".", 1)[0][:120] or str(_("Corpus"))


def too_large() -> str:
    limit = settings.UPLOAD_LIMIT_BYTES // 1_000_000
    return str(
        _("This is more than %(limit)d MB, the limit here. Take a part of the text, or ask whoever runs this site.")
        % {"limit": limit}
    )


class CorpusEditForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    class Meta:
        model = Corpus
        fields = ("name", "lowercase")
        help_texts = {"lowercase": _LOWERCASE_HELP}
