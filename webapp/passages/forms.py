"""The forms that ask for passages, and the settings in a page's address."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trainer.contract import procedures
from trainer.contract.documents import clean
from trainer.contract.writing_settings import SAMPLING, SETTINGS, SamplingOptions, Setting, SettingProblem
from webapp.names import NameField
from webapp.passages import held
from webapp.passages.models import Passage, Unit
from webapp.passages.services import Wanted
from webapp.passages.voices import field_names, in_fields
from webapp.passages.voices_form import VoicesForm
from webapp.queue.models import Job
from webapp.studies.models import Study

_SHORT_SEED = 1_000_000  # random seeds are below this, short enough to be read aloud
_USUAL_LENGTH = 600
_LONGEST_PARAGRAPH = 5_000  # characters
LONGEST = {
    Unit.CHARACTERS: SETTINGS["length"].site_maximum or 0,
    Unit.WORDS: SETTINGS["words"].site_maximum or 0,
    Unit.PARAGRAPH: _LONGEST_PARAGRAPH,
}
_MOST_AT_ONCE = 200_000  # characters of all passages of a request: they take half a minute, while all others wait
_CHARACTERS_PER_WORD = 6

_COMMON = tuple(name for name, setting in SAMPLING.items() if setting.is_common)
_RARE = tuple(name for name in SAMPLING if name not in _COMMON)
_USUAL = ("length", "unit", *_COMMON, "passages", "seed")  # the settings that the form always shows, in this order

#: the settings that a page's address may contain
CHOICES = ("prompt", *_USUAL, *_RARE)


def _number(name: str, **rest: Any) -> forms.IntegerField:
    """Make the field of a numeric writing setting from the contract's table. `rest` are the field's own arguments."""
    setting = SETTINGS[name]
    field: Any = forms.FloatField if setting.kind is float else forms.IntegerField
    from_table = {
        "label": capfirst(_(setting.label)),
        "help_text": _(setting.help),
        "initial": _without_point(setting.default),
        "widget": forms.NumberInput(attrs=_attributes(setting)),
    }
    made: forms.IntegerField = field(
        min_value=setting.minimum, max_value=setting.site_maximum or setting.maximum, **from_table | rest
    )
    return made


def _attributes(setting: Setting) -> dict[str, str]:
    """Return the attributes of a number's input. One that is not whole gets a slider."""
    if setting.kind is int:
        return {"inputmode": "numeric"}
    return {"step": "any", "inputmode": "decimal", "data-slider": f"{setting.step:g}"}


def _without_point(number: float) -> float:
    """Return a number as people write it: 1, not 1.0."""
    return int(number) if number == int(number) else number


class _HeldField(forms.Field):
    """The units that are held, as texts (see `held.as_text`), of which a value may have several."""

    widget = forms.MultipleHiddenInput
    network: tuple[int, int] = (1, 1)  # layers, and the units of each

    def to_python(self, value: Any) -> list[held.Held]:
        texts = [value] if isinstance(value, str) else value or []
        try:
            return held.of_texts(texts, self.network)
        except SettingProblem as problem:
            raise ValidationError(str(problem)) from None


class _OpeningField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """Clean the opening like a text, before it is checked. It is not lower-cased."""
        return clean(super().to_python(value) or "")


class WriteForm(VoicesForm):
    """The form that asks one model for passages. Its defaults give readable text.

    The table of writing settings gives it a field for each sampling option.
    """

    LONGEST_IN_ADDRESS = 1_500  # bytes of an opening; the whole address may have 4,000

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    goes_on_from = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**53)
    held = _HeldField(required=False)
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
        help_text=format_lazy(
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
    passages = _number(
        "passages",
        help_text=format_lazy(_("Up to {most}, each of them different."), most=SETTINGS["passages"].site_maximum),
    )
    seed = _number("seed")

    def __init__(self, *args: Any, study: Study | None = None, can_count: bool = False, **kwargs: Any) -> None:
        """Build the form for a model, with its voices and its units.

        `can_count`: whether models without one named here can be mixed with counting letters.
        """
        super().__init__(*args, voices=study.voice_names if study else (), **kwargs)
        if study:
            self.fields["held"].network = study.network  # type: ignore[attr-defined]
            can_count = study.can_count
        self.fields |= {name: _number(name, required=setting.is_common) for name, setting in SAMPLING.items()}
        if not can_count:
            self.fields["counting"].widget = forms.HiddenInput()
            self.fields["counting"].disabled = True  # so it has its initial value, whatever is sent
        self.order_fields(CHOICES)
        self.fields["submission"].initial = uuid4
        self.fields["seed"].initial = lambda: secrets.randbelow(_SHORT_SEED)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("unit", *_RARE):
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

    def held_units(self) -> list[tuple[str, str]]:
        """Return what is held: each unit as a text, and in words."""
        given = self.cleaned_data.get("held") if self.is_bound else self["held"].initial
        return [(held.as_text(one), held.one_told(one)) for one in given or []]

    def usual(self) -> list[forms.BoundField]:
        """Return the settings that the form always shows."""
        return [self[name] for name in _USUAL]

    def rarer(self) -> list[forms.BoundField]:
        """Return the settings that most people do not change."""
        return [self[name] for name in _RARE if not self[name].is_hidden]

    def fresh_seed(self) -> str:
        """Return the input of the seed, which htmx puts in the place of the one on the page."""
        return self["seed"].as_widget(attrs={"hx-swap-oob": "true"})

    def rarer_is_open(self) -> bool:
        """Whether one of these was changed, or has an error."""
        return any(field.errors or _differs(field) for field in self.rarer())

    def wanted(self, goes_on_from: Passage | None = None) -> Wanted:
        choices = {name: self.cleaned_data[name] for name in CHOICES}
        sampling = SamplingOptions(**{name: choices.pop(name) for name in SAMPLING})
        of_model = {name: self.cleaned_data[name] for name in ("voices", "held") if name in self.cleaned_data}
        return Wanted(**choices, **of_model, sampling=sampling, goes_on_from=goes_on_from)


def _differs(field: forms.BoundField) -> bool:
    try:
        return float(field.value()) != float(field.field.initial)
    except (TypeError, ValueError):
        return False


def first_choices(study: Study) -> dict[str, Any]:
    """Return the defaults that the study's procedure changes."""
    return dict(procedures.of_choices(study.recipe).writing)


def again(job: Job) -> dict[str, Any]:
    """Return the settings of an earlier request without its seed, since the next text shall be another one."""
    first = job.passages.order_by("index").first()
    if first is None:
        return {}
    return settings_of(first) | {"passages": job.passages.count()}


def settings_of(passage: Passage) -> dict[str, Any]:
    """Return the settings of a passage as the form's values, without its seed."""
    settings = {name: getattr(passage, name) for name in ("prompt", "unit", "length", "held", *SAMPLING)}
    settings |= in_fields(passage.study.voice_names, passage.voices)
    usual = {"length": WriteForm.base_fields["length"].initial} if passage.unit == Unit.PARAGRAPH else {}
    return settings | usual


def in_address(query: Mapping[str, str], study: Study) -> dict[str, Any]:
    """Return the valid settings in a page's address. Invalid ones are left out."""
    names = (*CHOICES, "held", *field_names(study.voice_names))
    form = WriteForm({name: query[name] for name in names if name in query}, study=study)
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if name in query and value is not None}


def as_address(wanted: Wanted, study: Study) -> dict[str, Any]:
    """Return the settings of a request for the page's address. A long opening is left out."""
    fits = 0 < len(quote(wanted.prompt)) <= WriteForm.LONGEST_IN_ADDRESS
    names = [name for name in CHOICES if fits or name != "prompt"]
    chosen = vars(wanted) | vars(wanted.sampling)
    if wanted.unit == Unit.PARAGRAPH:
        names.remove("length")
    usual = {name: SETTINGS[name].default for name in ("passages", *_RARE)} | {"unit": Unit.CHARACTERS}
    of_voices = in_fields(study.voice_names, wanted.voices) if wanted.voices else {}
    of_units = {"held": ",".join(map(held.as_text, wanted.held))} if wanted.held else {}
    return {name: chosen[name] for name in names if chosen[name] != usual.get(name)} | of_voices | of_units


class AgainForm(forms.Form):
    """The button that writes a passage again. It has no settings; its submission id lets it count only once."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)


class TitleForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic at run time
    title = NameField(label=_("Title"), max_length=120, required=False)

    class Meta:
        model = Passage
        fields = ("title",)
