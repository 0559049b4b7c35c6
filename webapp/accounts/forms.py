"""Signing up."""

from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Name")
        self.fields["email"].help_text = _("Only to reset a forgotten password.")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
