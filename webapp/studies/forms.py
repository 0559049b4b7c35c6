"""The forms that choose a recipe and a budget. Limits and help texts come from the trainer's contract."""

from pathlib import Path
from typing import Any, cast
from uuid import uuid4, uuid5

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trainer.contract import procedures, voices
from trainer.contract import recipe as recipes
from trainer.contract.continuing import OF_THE_MODEL
from webapp import files
from webapp.names import NameField
from webapp.queue import announced
from webapp.studies.models import Study
from webapp.studies.recipe_labels import ADVANCED, LABELS, OPTIONS, RECIPES

VOICES = "voices"
GPU = "needs_gpu"
CHOICES = (*ADVANCED, VOICES)  # all that a recipe's own procedure may fix
_OFFERED_EPOCHS = sorted({number for one in procedures.PROCEDURES.values() for number in one.offered_epochs})


def _as_read(limit: float | None) -> str:
    """Return a limit as people write it: 2,048 and 0.00001, never 1e-05."""
    return f"{limit:,.5f}".rstrip("0").rstrip(".")


def _field(name: str) -> forms.Field:
    return _choice_field(name) if name in OPTIONS else _number_field(name)


def _choice_field(name: str) -> forms.Field:
    usual = _("the recipe’s choice: %(option)s") % {"option": OPTIONS[name][recipes.FIELDS[name].options[0]]}
    return forms.ChoiceField(
        label=LABELS[name],
        help_text=_(recipes.FIELDS[name].help),
        choices=[("", usual), *((option, OPTIONS[name][option]) for option in recipes.FIELDS[name].options)],
        required=False,
    )


def _number_field(name: str) -> forms.Field:
    field = recipes.FIELDS[name]
    limits = _("From %(minimum)s to %(maximum)s.") % {
        "minimum": _as_read(field.minimum),
        "maximum": _as_read(field.maximum),
    }
    if field.step:
        limits = _("%(limits)s A multiple of %(step)s.") % {"limits": limits, "step": field.step}
    whole = field.kind is int
    widget = forms.NumberInput(
        attrs={
            "placeholder": _("trains to the end") if name == "patience" else _("the recipe’s choice"),
            "step": str(field.step or 1) if whole else "any",
            "inputmode": "numeric" if whole else "decimal",
        }
    )
    common: dict[str, Any] = {
        "label": LABELS[name],
        "help_text": f"{_(field.help)} {limits}",
        "min_value": field.minimum,
        "max_value": field.maximum,
        "required": False,
        "widget": widget,
    }
    return forms.IntegerField(step_size=field.step, **common) if whole else forms.FloatField(**common)


class RecipeForm(forms.Form):
    """The name of the model, the recipe, the epochs that the recipe offers, and the advanced choices."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = NameField(label=gettext_lazy("Name of the model"), max_length=120, required=False)
    recipe = forms.ChoiceField(choices=RECIPES, initial="quick", widget=forms.RadioSelect)
    recipe_epochs = forms.TypedChoiceField(
        choices=[(number, str(number)) for number in _OFFERED_EPOCHS],
        coerce=int,
        initial=_OFFERED_EPOCHS[0],
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, documents: int = 1, has_network: bool = False, offers_gpu: bool = False, **kwargs: Any
    ) -> None:
        """Build the form for a number of documents.

        With `has_network`, a model that has learned something is trained: its network stays, and so do its voices. With
        `offers_gpu`, the training may ask for a worker with a GPU.
        """
        super().__init__(*args, **kwargs)
        if offers_gpu:
            self.fields[GPU] = forms.BooleanField(label=_("Train on a GPU"), help_text=_gpu_help(), required=False)
        if voices.are_possible(documents) and not has_network:
            self.fields[VOICES] = forms.BooleanField(
                label=_("Learn each document’s voice"), help_text=_(recipes.FIELDS[VOICES].help), required=False
            )
        self.fields["submission"].initial = uuid4
        self.names = tuple(name for name in ADVANCED if not (has_network and name in OF_THE_MODEL))
        for name in self.names:
            self.fields[name] = _field(name)
        if has_network:
            offered = [choice for choice in RECIPES if procedures.of_choices({"recipe": choice[0]}).is_sized]
            cast(forms.ChoiceField, self.fields["recipe"]).choices = offered

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            recipes.check(self.choices())
        except recipes.RecipeProblem as problem:
            raise forms.ValidationError(str(problem)) from None
        return cleaned

    def choices(self) -> dict[str, Any]:
        """Return the choices, named as the options of the trainer's command line."""
        given = self.cleaned_data
        chosen: dict[str, Any] = {"recipe": given["recipe"]}
        chosen |= {name: given[name] for name in self.names if given.get(name) not in (None, "")}
        chosen |= {VOICES: True} if given.get(VOICES) else {}
        is_offered = given["recipe_epochs"] in procedures.of_choices(chosen).offered_epochs
        if is_offered and not {"minutes", "epochs"} & set(chosen):
            chosen["epochs"] = given["recipe_epochs"]
        return chosen

    def needs_gpu(self) -> bool:
        """Whether only a worker with a GPU may take the training."""
        return bool(self.cleaned_data.get(GPU))

    def gpu(self) -> forms.BoundField | None:
        """Return the switch for a GPU, where there is a worker that has one."""
        return self[GPU] if GPU in self.fields else None

    def voices(self) -> forms.BoundField | None:
        """Return the switch for voices, where the text has several documents."""
        return self[VOICES] if VOICES in self.fields else None

    def advanced(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    def advanced_is_open(self) -> bool:
        """Whether a field of the advanced section has a value or an error."""
        return any(field.errors or field.value() not in (None, "") for field in self.advanced())


def _gpu_help() -> str:
    """Return what a GPU brings here, by what workers have measured."""
    waits = _("It waits for a worker that has one.")
    gpu, others = announced.speed(with_gpu=True), announced.speed()
    if not gpu or not others or gpu < 2 * others:
        return waits
    return f"{waits} {_('Those here train about %(n)d times as fast as the others.') % {'n': gpu / others}}"


def as_chosen(study: Study) -> dict[str, Any]:
    """Return a study's recipe as the form's first choices."""
    chosen = dict(study.recipe)
    if study.needs_gpu:
        chosen[GPU] = True
    if chosen.get("epochs") in procedures.of_choices(chosen).offered_epochs:
        chosen["recipe_epochs"] = chosen.pop("epochs")
    return chosen


class FurtherForm(forms.Form):
    """The budget with which a finished model is trained further."""

    amount = forms.FloatField(label=gettext_lazy("How much longer"), min_value=0)
    unit = forms.ChoiceField(
        label=gettext_lazy("Counted in"),
        choices=[("minutes", gettext_lazy("minutes")), ("epochs", gettext_lazy("epochs: times it reads the text"))],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                recipes.check(self.budget())
            except recipes.RecipeProblem as problem:
                self.add_error("amount", str(problem))
        return cleaned

    def budget(self) -> dict[str, Any]:
        """Return the budget, named as an option of the trainer's command line."""
        amount, unit = self.cleaned_data["amount"], self.cleaned_data["unit"]
        return {unit: int(amount) if amount.is_integer() else amount}


def first_budget(study: Study) -> dict[str, Any]:
    """Return the budget that the form shows first: the same as before, in minutes if minutes were chosen."""
    budget = (study.started or {}).get("recipe", {})
    if budget.get("minutes"):
        return {"amount": f"{budget['minutes']:g}", "unit": "minutes"}
    return {"amount": budget.get("epochs") or 1, "unit": "epochs"}


class UploadForm(forms.Form):
    """The file of a model, and a name for it. `is_cut_off` says that the file did not fit in the limit."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    archive = forms.FileField(
        label=gettext_lazy("File"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".zip"})
    )
    name = NameField(
        label=gettext_lazy("Name"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Empty: the name that it had."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(self, *args: Any, is_cut_off: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_cut_off = is_cut_off
        self.fields["submission"].initial = uuid4
        limit = {"limit": settings.MODEL_LIMIT_BYTES // 1_000_000}
        self.fields["archive"].help_text = _("The .zip as it was downloaded, up to %(limit)d MB.") % limit

    def clean_archive(self) -> Any:
        if self.is_cut_off:
            raise forms.ValidationError(
                _("This is more than %(limit)d MB, the limit here. Ask whoever runs this site for more.")
                % {"limit": settings.MODEL_LIMIT_BYTES // 1_000_000}
            )
        return self.cleaned_data["archive"]

    def path(self) -> Path:
        return Path(self.cleaned_data["archive"].temporary_file_path())

    def choices(self) -> dict[str, Any]:
        """Return the name, and an id of the content: the same one when the form is sent twice."""
        given, name = self.cleaned_data["submission"], self.cleaned_data["name"]
        content = f"{name} {files.sha256_of(self.path())}"
        return {"name": name, "submission": uuid5(given, content) if given else None}

    def status(self) -> int:
        """Return the HTTP status of a refusal."""
        return 413 if self.is_cut_off else 422


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic at run time
    name = NameField(label=gettext_lazy("Name"), max_length=120)

    class Meta:
        model = Study
        fields = ("name",)
