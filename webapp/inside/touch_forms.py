"""The forms with which units of a model are held: a row for each unit, and with what the model writes on."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trainer.contract.held_units import MOST
from trainer.contract.writing_settings import SETTINGS
from webapp import addresses
from webapp.inside.forms import TextField
from webapp.inside.services import LONGEST, Touch
from webapp.passages.held import Held
from webapp.passages.models import Passage
from webapp.passages.voices import in_fields
from webapp.passages.voices_form import VoicesForm
from webapp.studies.models import Study

_SHORT_SEED = 1_000_000
_LENGTH, _LONGEST_LENGTH = 400, 5_000  # characters that a touched model writes
_UNITS = "held"  # the prefix of the rows


def _amount(label: Any, least: float, most: float, first: float) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "data-slider": "0.05"})
    return forms.FloatField(label=label, min_value=least, max_value=most, initial=first, widget=widget)


class UnitForm(forms.Form):
    """One unit that is held. Layers and units are counted from 1, as people do."""

    layer = forms.IntegerField(label=_("Layer"), min_value=1, initial=1)
    unit = forms.IntegerField(label=_("Unit"), min_value=1, initial=1)
    value = _amount(_("Held at (−1 to 1)"), -1, 1, 0)

    def __init__(self, *args: Any, network: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = dict(zip(("layer", "unit"), network, strict=True))
        for name, most in self._most.items():
            self.fields[name].widget.attrs["max"] = most

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, most in self._most.items():
            if cleaned.get(name, 0) > most:
                self.add_error(name, _now("This model has %(n)s of them.") % {"n": most})
        return cleaned

    def held(self) -> Held:
        values = self.cleaned_data
        return {"layer": values["layer"] - 1, "unit": values["unit"] - 1, "value": values["value"]}


def repeated(rows: Sequence[UnitForm]) -> str:
    """Return a sentence about a unit that stands in two rows; empty if each stands in one."""
    places = [(row.cleaned_data.get("layer"), row.cleaned_data.get("unit")) for row in rows]
    for layer, unit in places:
        if layer and unit and places.count((layer, unit)) > 1:
            sentence = _now("Unit %(unit)s of layer %(layer)s stands here twice: hold each once.")
            return sentence % {"unit": unit, "layer": layer}
    return ""


class _Units(forms.BaseFormSet):  # type: ignore[type-arg]  # Django's own is not generic at run time
    """The rows of the units that are held."""

    def clean(self) -> None:
        if problem := repeated(self.forms):
            raise ValidationError(problem)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Build a row that has to be filled, also one that the page did not show first."""
        chosen = kwargs | {"empty_permitted": False}
        return super()._construct_form(i, **chosen)  # type: ignore[misc]  # the stubs do not know it

    @property
    def can_have_more(self) -> bool:
        return self.total_form_count() < MOST

    def held(self) -> list[Held]:
        return [row.held() for row in self.forms]

    def focus_on_last(self) -> None:
        """Have the page begin in the row that was added."""
        self.forms[-1].fields["unit"].widget.attrs["autofocus"] = True


_UnitSet = forms.formset_factory(
    UnitForm,
    formset=_Units,
    extra=0,
    min_num=1,
    max_num=MOST,
    validate_min=True,
    validate_max=True,
    absolute_max=MOST + 1,
)


def units(study: Study, given: QueryDict | None = None, rows: list[dict[str, Any]] | None = None) -> Any:
    """Return the rows of the units that are held: as they were sent, or with first values."""
    return _UnitSet(given, initial=rows, prefix=_UNITS, form_kwargs={"network": study.network})


def rearranged(given: QueryDict) -> list[dict[str, Any]]:
    """Return the rows that were sent, as they stand, with one more, or without one."""
    count = min(addresses.number(given.get(f"{_UNITS}-TOTAL_FORMS")) or 0, MOST)
    rows: list[dict[str, Any]] = [
        {name: given.get(f"{_UNITS}-{number}-{name}", "") for name in UnitForm.base_fields} for number in range(count)
    ]
    removed = addresses.number(given.get("remove"))
    if removed is not None:
        return [row for number, row in enumerate(rows) if number != removed]
    return [*rows, {"layer": rows[-1]["layer"] if rows else 1, "unit": "", "value": 0}][:MOST]


def rows_of(held: list[Held]) -> list[dict[str, Any]]:
    """Return held units as first values of the rows."""
    return [{"layer": one["layer"] + 1, "unit": one["unit"] + 1, "value": one["value"]} for one in held]


class TouchForm(VoicesForm):
    """With what a model writes on, with and without the units held."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    prompt = TextField(
        label=_("Opening"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    length = forms.IntegerField(
        label=_("Length in characters"), min_value=1, max_value=_LONGEST_LENGTH, initial=_LENGTH
    )
    temperature = _amount(
        _("Temperature"),
        SETTINGS["temperature"].minimum or 0,
        SETTINGS["temperature"].maximum or 0,
        SETTINGS["temperature"].default,
    )
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**32 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid4
        self.fields["seed"].initial = lambda: secrets.randbelow(_SHORT_SEED)

    def touch(self, held: list[Held]) -> Touch:
        names = ("prompt", "length", "temperature", "seed", "voices")
        return Touch(held=held, **{name: self.cleaned_data[name] for name in names})


def settings_of(passage: Passage) -> dict[str, Any]:
    """Return with what a passage was written as first values of the form, its seed too."""
    length = min(passage.length, _LONGEST_LENGTH)
    found = {"prompt": passage.prompt[-LONGEST:], "length": length, "seed": passage.seed}
    shares = in_fields(passage.study.voice_names, passage.voices)
    return found | {"temperature": passage.temperature} | shares
