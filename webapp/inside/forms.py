"""The forms that choose what to look at."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trainer.contract.documents import clean
from webapp.inside.services import LINE, LONGEST
from webapp.passages.voices_form import VoicesForm


class TextField(forms.CharField):
    """A text that a model is to read.

    A browser is not told its limit: it would cut a pasted text without a word. The answer says how much is too much.
    """

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

    def to_python(self, value: Any) -> str:
        """Clean the text as an opening is. It is not lower-cased."""
        return clean(super().to_python(value) or "")


class TextForm(VoicesForm):
    """The text that the model is to read."""

    text = TextField(
        label=_("A text to read"),
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Up to 2,000 characters. The model reads it from its beginning, with an empty memory."),
    )


class LineForm(VoicesForm):
    """The line with which the course shows the gates. It is short, so that each of its characters can be seen."""

    LONGEST = LINE
    text = TextField(
        label=_("The line that the pictures show"),
        strip=False,
        max_length=LINE,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Up to 160 characters. Whoever has the course’s link can read them."),
    )


class AttributionForm(forms.Form):
    """The prediction whose causes are asked for: that of the symbol with this number, from 0, by those before it."""

    place = forms.IntegerField(min_value=1, max_value=LONGEST)
