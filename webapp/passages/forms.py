"""The form that asks for passages."""

import secrets
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from trainer.text import clean
from webapp.jobs.models import Job
from webapp.passages.models import Passage
from webapp.passages.services import Wanted
from webapp.studies.models import Study

_MAXIMUM_SEED = 2**32 - 1
_SHORT_SEED = 1_000_000  # a drawn one, short enough to be read out


class WriteForm(forms.Form):
    """How it is to be written. Every default reads well as it is."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    prompt = forms.CharField(
        label=_("Opening"),
        required=False,
        strip=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": _("How it begins. The model writes on from here.")}),
        help_text=_("The model reads this, and writes on where it ends. Empty: it begins by itself."),
    )
    length = forms.IntegerField(
        label=_("Length"),
        min_value=1,
        max_value=20_000,
        initial=600,
        help_text=_("In characters, up to 20,000."),
    )
    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=0,
        max_value=2,
        initial=0.8,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text=_("0 takes the likeliest character; 1 is as varied as the text."),
    )
    passages = forms.IntegerField(
        label=_("Passages"), min_value=1, max_value=8, initial=1, help_text=_("Up to 8, each of them different.")
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=_MAXIMUM_SEED,
        help_text=_("The same seed writes the same again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid4
        self.fields["seed"].initial = lambda: secrets.randbelow(_SHORT_SEED)

    def clean_prompt(self) -> str:
        """Spell the opening as the text that was learned is spelled: line ends, composed letters."""
        return clean(self.cleaned_data["prompt"])

    def wanted(self) -> Wanted:
        names = ("prompt", "length", "temperature", "seed", "passages")
        return Wanted(**{name: self.cleaned_data[name] for name in names})


def first_choices(study: Study) -> dict[str, Any]:
    """Return what differs from the form's defaults for this study: the tutorial writes 50 characters, greedily."""
    return {"temperature": 0, "length": 50} if study.recipe.get("recipe") == "tutorial" else {}


def again(job: Job) -> dict[str, Any]:
    """Return the choices of an earlier request, all but its seed: the next one is to be another text."""
    first = job.passages.order_by("index").first()
    if first is None:
        return {}
    names = ("prompt", "length", "temperature")
    return {name: getattr(first, name) for name in names} | {"passages": job.passages.count()}


class AgainForm(forms.Form):
    """The button that writes a passage once more: it has no choices, and is sent once."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)


class TitleForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic at run time
    class Meta:
        model = Passage
        fields = ("title",)
        labels = {"title": _("Title")}
