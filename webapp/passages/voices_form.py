"""The part of a form that chooses a voice of a model, or a mixture: the share of each voice, in percent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from webapp.passages.voices import alike, field_names, shares


class VoicesForm(forms.Form):
    """A form for a model with these voices, which may be none. They begin alike, which stands for no voice."""

    def __init__(self, *args: Any, voices: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._voices = voices
        first = alike(voices)
        self.fields |= {name: _share(voice, first[name]) for name, voice in zip(first, voices, strict=True)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            cleaned["voices"] = shares(self._voices, cleaned)
        except ValueError:
            self.add_error(field_names(self._voices)[0], _("One of the voices has to have a share."))
        return cleaned

    def voices(self) -> list[forms.BoundField]:
        """Return the share of each voice."""
        return [self[name] for name in field_names(self._voices)]


def _share(voice: str, first: int) -> forms.IntegerField:
    attributes = {"inputmode": "numeric", "data-slider": "1", "data-share": ""}
    widget = forms.NumberInput(attrs=attributes)
    return forms.IntegerField(label=voice, min_value=0, max_value=100, initial=first, required=False, widget=widget)
