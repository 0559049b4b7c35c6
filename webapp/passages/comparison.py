"""The form that asks two models, or one model in two voices, for the same passages."""

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from webapp.passages.forms import WriteForm
from webapp.passages.services import Wanted
from webapp.queue.models import Job
from webapp.studies.models import Study
from webapp.studies.templatetags.figures import quality

MODELS = ("a", "b")  # the names of the two models in the form and in the address
VOICES = ("voice_a", "voice_b")  # the names of their voices in the form


def _label(study: Study) -> str:
    """Return the name and the quality of a model, since two models may have the same name."""
    return ", ".join(part for part in (study.name, quality(study)) if part)


class _ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own is not generic at run time
    def label_from_instance(self, obj: Study) -> str:
        return _label(obj)


def _option(study: Study, voice: str) -> str:
    return f"{study.pk}:{study.voice_names.index(voice)}"


class CompareForm(WriteForm):
    """The form of a comparison. `readable` are the models to choose from. One that has voices may be on both sides."""

    a = _ModelField(Study.objects.none(), label=_("One model"), empty_label=None)
    b = _ModelField(Study.objects.none(), label=_("The other"), empty_label=None)

    def __init__(self, readable: QuerySet[Study], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("held")  # units are those of one model
        for name in MODELS:
            self.fields[name].queryset = readable  # type: ignore[attr-defined]
        with_voices = [study for study in readable if study.voice_names]
        groups = [
            (_label(study), [(_option(study, name), name) for name in study.voice_names]) for study in with_voices
        ]
        if groups:
            choices = [("", _now("none: what they have in common")), *groups]
            self.fields |= {
                name: forms.ChoiceField(label=_now("In the voice"), choices=choices, required=False) for name in VOICES
            }
        self.has_choice = readable.count() > 1 or bool(groups)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = [(cleaned.get(model), self._voice(cleaned, name)) for model, name in zip(MODELS, VOICES, strict=True)]
        for name, (model, voice) in zip(VOICES, chosen, strict=True):
            if model and voice is None:
                self.add_error(name, _now("This is a voice of another model: choose one of this model, or none."))
        if chosen[0] == chosen[1] and chosen[0][0]:
            self.add_error("b", _now("This is the same model: it would write the same. Choose another one."))
        return self.cleaned_data

    def _voice(self, cleaned: dict[str, Any], name: str) -> str | None:
        """Return the chosen voice of a side; empty for none, None if it is not one of the side's model."""
        model, chosen = cleaned.get(MODELS[VOICES.index(name)]), cleaned.get(name)
        if not model or not chosen:
            return ""
        return next((voice for voice in model.voice_names if _option(model, voice) == chosen), None)

    def chosen_sides(self) -> list[list[forms.BoundField]]:
        """Return the choices of each side: its model, and its voice if any model has voices."""
        return [[self[name] for name in side if name in self.fields] for side in zip(MODELS, VOICES, strict=True)]

    def sides(self) -> list[tuple[Study, Wanted]]:
        """Return each model with what it is asked for."""
        wanted = self.wanted()
        voices = [self._voice(self.cleaned_data, name) for name in VOICES]
        models = [self.cleaned_data[name] for name in MODELS]
        return [
            (model, replace(wanted, voices={voice: 1.0} if voice else {}))
            for model, voice in zip(models, voices, strict=True)
        ]

    def settings(self) -> list[forms.BoundField]:
        """Return all fields but the models, their voices and the opening."""
        return [field for field in self.visible_fields() if field.name not in (*MODELS, *VOICES, "prompt")]


def first_voices(jobs: list[Job]) -> dict[str, str]:
    """Return the voices of two requests as the form's first choices."""
    found = {}
    for name, job in zip(VOICES, jobs, strict=False):
        first = job.passages.order_by("index").first()
        for voice in first.voices if first else ():
            if voice in job.study.voice_names:
                found[name] = _option(job.study, voice)
    return found
