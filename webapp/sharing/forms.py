"""The forms of groups: a new group, a link into one, and what is to be shared in one."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from webapp.accounts.forms import LinkForm
from webapp.corpora.models import Corpus
from webapp.groups.models import GroupLink
from webapp.names import NameField
from webapp.studies.models import Study


class GroupForm(forms.Form):
    name = NameField(label=_("Name"), max_length=80, help_text=_("A class, a course, a lab."))


class GroupLinkForm(LinkForm):
    class Meta:
        model = GroupLink
        fields = ("places",)


class ShareForm(forms.Form):
    """A corpus or a model of the visitor's own, and whether the members may change it."""

    corpus = forms.ModelChoiceField(
        Corpus.objects.none(), required=False, label=_("A corpus of yours"), empty_label=_("none")
    )
    study = forms.ModelChoiceField(
        Study.objects.none(), required=False, label=_("A model of yours"), empty_label=_("none")
    )
    may_edit = forms.BooleanField(
        required=False,
        label=_("Members may change it"),
        help_text=_("Else they may read it, train on it, write with it and download it. Nobody but you may delete it."),
    )

    def __init__(self, corpora: QuerySet[Corpus], studies: QuerySet[Study], *args: Any, **names: Any) -> None:
        super().__init__(*args, **names)
        fields: dict[str, Any] = self.fields
        fields["corpus"].queryset, fields["study"].queryset = corpora, studies

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not (given.get("corpus") or given.get("study")):
            raise forms.ValidationError(_("Nothing was chosen: choose a corpus or a model."))
        return given

    def things(self) -> list[Corpus | Study]:
        """Return what was chosen."""
        return [thing for thing in (self.cleaned_data["corpus"], self.cleaned_data["study"]) if thing]
