"""The forms that choose what to look at, and what to touch."""

import secrets
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trainer.contract.documents import clean
from trainer.contract.writing_settings import SETTINGS
from webapp.inside.services import LINE, LONGEST, Touch
from webapp.studies.models import Study

_SHORT_SEED = 1_000_000
_LENGTH, _LONGEST_LENGTH = 400, 5_000  # characters that a touched model writes


class _TextField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """Clean the text as an opening is. It is not lower-cased."""
        return clean(super().to_python(value) or "")


class TextForm(forms.Form):
    """The text that the model is to read."""

    text = _TextField(
        label=_("A text to read"),
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Up to 2,000 characters. The model reads it from its beginning, with an empty memory."),
    )


class LineForm(forms.Form):
    """The line with which the course shows the gates. It is short, so that each of its characters can be seen."""

    LONGEST = LINE
    text = _TextField(
        label=_("The line that the pictures show"),
        strip=False,
        max_length=LINE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Up to 160 characters. Whoever has the course’s link can read them."),
    )


class AttributionForm(forms.Form):
    """The prediction whose causes are asked for: that of the symbol with this number, from those before it."""

    text = _TextField(strip=False, max_length=LONGEST)
    place = forms.IntegerField(min_value=1, max_value=LONGEST)


class TouchForm(forms.Form):
    """What is held, and what the model writes on from. Layers and units are counted from 1, as people do."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    layer = forms.IntegerField(label=_("Layer"), min_value=1, initial=1)
    unit = forms.IntegerField(label=_("Unit"), min_value=1, initial=1)
    value = forms.FloatField(
        label=_("Held at"),
        min_value=-1,
        max_value=1,
        initial=0,
        help_text=_("Its hidden state, from −1 to 1. 0 silences it."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "data-slider": "0.05"}),
    )
    prompt = _TextField(
        label=_("Opening"), required=False, strip=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    length = forms.IntegerField(
        label=_("Length"), min_value=1, max_value=_LONGEST_LENGTH, initial=_LENGTH, help_text=_("In characters.")
    )
    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=SETTINGS["temperature"].minimum,
        max_value=SETTINGS["temperature"].maximum,
        initial=SETTINGS["temperature"].default,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "data-slider": "0.05"}),
    )
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=2**32 - 1, help_text=_("Both write with the same seed.")
    )

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipe = (study.started or {}).get("recipe", {})
        self._most = {"layer": int(recipe.get("layers") or 1), "unit": int(recipe.get("units") or 1)}
        for name, most in self._most.items():
            self.fields[name].widget.attrs["max"] = most
        self.fields["submission"].initial = uuid4
        self.fields["seed"].initial = lambda: secrets.randbelow(_SHORT_SEED)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, most in self._most.items():
            if cleaned.get(name, 0) > most:
                self.add_error(name, _now("This model has %(n)s of them.") % {"n": most})
        return cleaned

    def touch(self) -> Touch:
        values = {name: value for name, value in self.cleaned_data.items() if name != "submission"}
        return Touch(**values | {"layer": values["layer"] - 1, "unit": values["unit"] - 1})
