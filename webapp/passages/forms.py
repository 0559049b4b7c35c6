"""Forms that ask for passages, and the settings in a page's address."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trainer.contract.documents import clean
from trainer.contract.writing_settings import SETTINGS
from webapp.names import NameField
from webapp.passages.models import Passage, Unit
from webapp.passages.services import Wanted
from webapp.queue.models import Job
from webapp.studies.models import Study
from webapp.studies.templatetags.figures import quality

_SHORT_SEED = 1_000_000  # a drawn one, short enough to be read out
_USUAL_LENGTH = 600
_LONGEST_PARAGRAPH = 5_000  # characters
LONGEST = {
    Unit.CHARACTERS: SETTINGS["length"].site_maximum or 0,
    Unit.WORDS: SETTINGS["words"].site_maximum or 0,
    Unit.PARAGRAPH: _LONGEST_PARAGRAPH,
}
_MOST_AT_ONCE = 200_000  # characters of all passages of a request: half a minute of everybody's writer
_CHARACTERS_PER_WORD = 6
_LINK_BYTES = 1_500  # of an opening that still goes into the page's address, which has room for 4,000

#: what an address may choose: a link to these settings
CHOICES = ("prompt", "unit", "length", "temperature", "passages", "top_k", "top_p", "penalty", "seed")
MODELS = ("a", "b")  # two that are compared, as the form and the address call them
_SET_APART = (*MODELS, "prompt")  # fields that the page that compares has in other places


def _number(name: str, label: Any, help_text: Any, **rest: Any) -> forms.IntegerField:
    """Make the field of a writing setting that is a number: its kind, limits and default are the table's."""
    setting = SETTINGS[name]
    field: Any = forms.FloatField if setting.kind is float else forms.IntegerField
    made: forms.IntegerField = field(
        label=label,
        help_text=help_text,
        min_value=setting.minimum,
        max_value=setting.site_maximum or setting.maximum,
        **{"initial": _without_point(setting.default), **rest},
    )
    return made


def _without_point(number: float) -> float:
    """Return a number as people write it: 1, not 1.0."""
    return int(number) if number == int(number) else number


def _slider() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "data-slider": "0.05"})


class _OpeningField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """Clean it as texts are cleaned, before it is checked. Its letters stay as they were typed."""
        return clean(super().to_python(value) or "")


class WriteForm(forms.Form):
    """How it is to be written. Every default reads well as it is."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    goes_on_from = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**53)
    prompt = _OpeningField(
        label=_("Opening"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": _("How it begins. The model writes on from here.")}),
        help_text=_("The model reads this, and writes on where it ends. Empty: it begins by itself."),
    )
    length = _number(
        "length",
        _("Length"),
        format_lazy(
            _("Of each passage: up to {characters} characters, {words} words, or to the paragraph's end."),
            characters=f"{LONGEST[Unit.CHARACTERS]:,}",
            words=f"{LONGEST[Unit.WORDS]:,}",
        ),
        initial=_USUAL_LENGTH,
        required=False,
    )
    unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=Unit.choices,
        initial=Unit.CHARACTERS,
        required=False,
        help_text=_("A paragraph ends at a blank line; in a text that has none, with its line."),
    )
    temperature = _number(
        "temperature",
        _("Temperature"),
        _("0 takes the likeliest character; 1 is as varied as the text; more is wilder."),
        widget=_slider(),
    )
    passages = _number(
        "passages",
        _("Passages"),
        format_lazy(_("Up to {most}, each of them different."), most=SETTINGS["passages"].site_maximum),
    )
    seed = _number("seed", _("Seed"), _("The same seed and settings write the same again."))
    top_k = _number(
        "top_k",
        _("Top-k"),
        _("Choose among this many likeliest characters only. 0: among all."),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    top_p = _number(
        "top_p",
        _("Top-p"),
        _("Choose among the likeliest that together have this probability: 0.9 leaves out the odd ones. 1: all."),
        required=False,
        widget=_slider(),
    )
    penalty = _number(
        "penalty",
        _("Against loops"),
        _("Makes it less likely to say again what it has just said. 0: nothing is done about it; 1 breaks most loops."),
        required=False,
        widget=_slider(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid4
        self.fields["seed"].initial = lambda: secrets.randbelow(_SHORT_SEED)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("unit", "top_k", "top_p", "penalty"):
            if cleaned.get(name) in (None, ""):
                cleaned[name] = self.fields[name].initial
        if not self.errors:
            self._check_length(cleaned)
        return cleaned

    def _check_length(self, cleaned: dict[str, Any]) -> None:
        unit = Unit(cleaned["unit"])
        if unit == Unit.PARAGRAPH:
            cleaned["length"] = LONGEST[unit]
        if cleaned["length"] is None:
            return self.add_error("length", self.fields["length"].error_messages["required"])
        if cleaned["length"] > LONGEST[unit]:
            limit = _now("Up to %(n)s %(unit)s.") % {"n": f"{LONGEST[unit]:,}", "unit": unit.label}
            return self.add_error("length", limit)
        characters = cleaned["length"] * (_CHARACTERS_PER_WORD if unit == Unit.WORDS else 1)
        if characters * cleaned["passages"] > _MOST_AT_ONCE:
            self.add_error(
                "passages",
                _now("So many passages of this length keep the writer too long: take fewer, or shorter ones."),
            )

    def rarer(self) -> list[forms.BoundField]:
        """The choices that most people leave alone."""
        return [self[name] for name in ("top_k", "top_p", "penalty")]

    def rarer_is_open(self) -> bool:
        """Whether one of these was chosen, or is wrong."""
        return any(field.errors or _differs(field) for field in self.rarer())

    def wanted(self, goes_on_from: Passage | None = None) -> Wanted:
        return Wanted(**{name: self.cleaned_data[name] for name in CHOICES}, goes_on_from=goes_on_from)


def _differs(field: forms.BoundField) -> bool:
    try:
        return float(field.value()) != float(field.field.initial)
    except (TypeError, ValueError):
        return False


def first_choices(study: Study) -> dict[str, Any]:
    """Return what differs from the form's defaults for this study: the tutorial writes 50 characters, greedily."""
    return {"temperature": 0, "length": 50} if study.recipe.get("recipe") == "tutorial" else {}


def again(job: Job) -> dict[str, Any]:
    """Return the choices of an earlier request, all but its seed: the next one is to be another text."""
    first = job.passages.order_by("index").first()
    if first is None:
        return {}
    return settings_of(first) | {"passages": job.passages.count()}


def settings_of(passage: Passage) -> dict[str, Any]:
    """Return how a passage was asked for, as the form's choices; without its seed."""
    names = ("prompt", "unit", "length", "temperature", "top_k", "top_p", "penalty")
    settings = {name: getattr(passage, name) for name in names}
    usual = {"length": WriteForm.base_fields["length"].initial} if passage.unit == Unit.PARAGRAPH else {}
    return settings | usual


def in_address(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the choices that a page's address holds; what can't be chosen is left out."""
    form = WriteForm({name: query[name] for name in CHOICES if name in query})
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if name in query and value is not None}


def as_address(wanted: Wanted) -> dict[str, Any]:
    """Return the settings of a request as the page's address holds them: a long opening is not among them."""
    names = [name for name in CHOICES if name != "prompt" or 0 < len(quote(wanted.prompt)) <= _LINK_BYTES]
    settings = {name: getattr(wanted, name) for name in names}
    if wanted.unit == Unit.PARAGRAPH:
        del settings["length"]
    defaults = {name: WriteForm.base_fields[name].initial for name in names if name not in ("length", "temperature")}
    return {name: value for name, value in settings.items() if value != defaults.get(name)}


class _ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own is not generic at run time
    def label_from_instance(self, obj: Study) -> str:
        """Names may be alike: the figure tells them apart."""
        return ", ".join(part for part in (obj.name, quality(obj)) if part)


class CompareForm(WriteForm):
    """What two models are to write. Takes the models to choose from, then what every form takes."""

    a = _ModelField(Study.objects.none(), label=_("One model"), empty_label=None)
    b = _ModelField(Study.objects.none(), label=_("The other"), empty_label=None)

    def __init__(self, readable: QuerySet[Study], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MODELS:
            self.fields[name].queryset = readable  # type: ignore[attr-defined]
        self.has_choice = readable.count() > 1

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("a") and self.cleaned_data["a"] == self.cleaned_data.get("b"):
            self.add_error("b", _now("This is the same model: it would write the same. Choose another one."))
        return self.cleaned_data

    def models(self) -> list[Study]:
        return [self.cleaned_data[name] for name in MODELS]

    def settings(self) -> list[forms.BoundField]:
        """How they are to write: all that is no model and no opening."""
        return [field for field in self.visible_fields() if field.name not in _SET_APART]


class AgainForm(forms.Form):
    """The button that writes a passage once more: it has no choices, and is sent once."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)


class TitleForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic at run time
    title = NameField(label=_("Title"), max_length=120, required=False)

    class Meta:
        model = Passage
        fields = ("title",)
