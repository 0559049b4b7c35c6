"""The form that asks two models, or one model in two voices, for the same passages."""

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from webapp import addresses
from webapp.passages.forms import WriteForm
from webapp.passages.services import Wanted
from webapp.passages.voices import Shares, in_fields
from webapp.passages.voices_form import VoicesForm
from webapp.queue.models import Job
from webapp.studies.models import Study
from webapp.studies.templatetags.figures import quality

MODELS = ("a", "b")  # the names of the two models in the form and in the address


def _label(study: Study) -> str:
    """Return the name and the quality of a model, since two models may have the same name."""
    return ", ".join(part for part in (study.name, quality(study)) if part)


class _ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own is not generic at run time
    def label_from_instance(self, obj: Study) -> str:
        return _label(obj)


class SideForm(VoicesForm):
    """The voices in which the model of one side writes."""

    of = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the model whose voices these are

    def __init__(self, side: str, model: Study | None, data: Any = None, shares: Shares | None = None) -> None:
        """Build the voices of a model, with these shares. Shares that were sent for another model are not read."""
        given = addresses.number(data.get(f"{side}-of")) if data else None
        self.is_of_another = given is not None and (model is None or given != model.pk)
        voices = model.voice_names if model else ()
        first = {"of": model.pk if model else None} | in_fields(voices, shares or {})
        super().__init__(data if given and not self.is_of_another else None, prefix=side, voices=voices, initial=first)

    def shares(self) -> Shares:
        """Return the chosen shares; none where none were sent, or they have errors."""
        return self.cleaned_data.get("voices", {}) if self.is_bound and self.is_valid() else {}


class CompareForm(WriteForm):
    """The form of a comparison. `readable` are the models to choose from. One that has voices may be on both sides."""

    a = _ModelField(Study.objects.none(), label=_("One model"), empty_label=None)
    b = _ModelField(Study.objects.none(), label=_("The other"), empty_label=None)

    def __init__(
        self, readable: QuerySet[Study], *args: Any, voices: dict[str, Shares] | None = None, **kwargs: Any
    ) -> None:
        """Build the form. `voices` are the first shares of each side."""
        super().__init__(*args, can_count=any(study.can_count for study in readable), **kwargs)
        self.fields.pop("held")  # units are those of one model
        self._readable = readable
        has_voices = any(study.voice_names for study in readable)
        for name in MODELS:
            self.fields[name].queryset = readable  # type: ignore[attr-defined]
            if has_voices:
                self.fields[name].widget.attrs |= _asks_for_voices(name)
        data = self.data if self.is_bound else None
        self._of_sides = {name: SideForm(name, self._model(name), data, (voices or {}).get(name)) for name in MODELS}
        self.has_choice = has_voices or readable.count() > 1

    def _model(self, name: str) -> Study | None:
        """Return the model that a side shows: the one that was sent or is asked for, else the first to choose from."""
        if not self.is_bound:
            return self.get_initial_for_field(self.fields[name], name) or self._readable.first()
        number = addresses.number(self.data.get(name))
        return self._readable.filter(pk=number).first() if number is not None else None

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(side.is_valid() for side in self._of_sides.values() if side.is_bound)])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, side in self._of_sides.items():
            if side.is_of_another:
                self.add_error(name, _now("Another model was chosen: now choose its voices."))
        one, other = ((cleaned.get(name), side.shares()) for name, side in self._of_sides.items())
        alone = [model for model, _shares in (one, other) if model and not model.can_count]
        if alone and cleaned.get("counting"):
            sentence = _now("“%(name)s” can't be mixed with counting: leave this at 0, or choose another model.")
            self.add_error("counting", sentence % {"name": alone[0].name})
        if one == other and one[0]:
            self.add_error("b", _now("This is the same model: it would write the same. Choose another one."))
        return self.cleaned_data

    def chosen_sides(self) -> list[tuple[forms.BoundField, SideForm]]:
        """Return the choice of each side's model, and the form of its voices."""
        return [(self[name], side) for name, side in self._of_sides.items()]

    def sides(self) -> list[tuple[Study, Wanted]]:
        """Return each model with what it is asked for."""
        wanted = self.wanted()
        return [
            (self.cleaned_data[name], replace(wanted, voices=side.shares())) for name, side in self._of_sides.items()
        ]

    def settings(self) -> list[forms.BoundField]:
        """Return all fields but the models and the opening."""
        return [field for field in self.visible_fields() if field.name not in (*MODELS, "prompt")]


def _asks_for_voices(name: str) -> dict[str, Any]:
    """Return the attributes with which the choice of a model brings that model's voices into the page."""
    return {
        "hx-get": reverse_lazy("passages:compare_voices"),
        "hx-target": f"#voices-{name}",
        "hx-swap": "outerHTML",
    }


def first_voices(jobs: list[Job]) -> dict[str, Shares]:
    """Return the voices of two requests, by side. Voices that a model has no longer are left out."""
    found: dict[str, Shares] = {}
    for name, job in zip(MODELS, jobs, strict=False):
        first = job.passages.order_by("index").first()
        if first and set(first.voices) & set(job.study.voice_names):
            found[name] = first.voices
    return found
