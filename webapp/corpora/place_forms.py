"""The forms that arrange the documents of a corpus, and that choose documents of other corpora."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from trainer.contract.recipe import LEAST_WEIGHT, MOST_WEIGHT
from webapp.corpora.models import Document, Place
from webapp.corpora.services import Wanted


class PlaceForm(forms.Form):
    """The number of one document in its corpus, counted from 1, and its weight.

    `percent` is its part of an epoch; None if it is left out, since it stands twice.
    """

    number = forms.IntegerField(label=gettext_lazy("Number"), min_value=1)
    weight = forms.FloatField(label=gettext_lazy("Weight"), min_value=LEAST_WEIGHT, max_value=MOST_WEIGHT)

    def __init__(self, place: Place, number: int, percent: float | None, data: QueryDict | None = None) -> None:
        initial = {"number": number, "weight": f"{place.weight:g}"}
        super().__init__(data, prefix=str(place.pk), initial=initial)
        self.place, self.percent = place, percent
        for name in ("number", "weight"):
            self.fields[name].widget.attrs["aria-label"] = f"{self.fields[name].label}: {place.document.name}"
        self.fields["weight"].widget.attrs["step"] = "any"

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.cleaned_data["number"], self.cleaned_data["weight"])


class TakingForm(forms.Form):
    """The documents to take."""

    documents: Any = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose a document.")},
    )

    def __init__(self, documents: QuerySet[Document], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["documents"].queryset = documents  # type: ignore[attr-defined]
