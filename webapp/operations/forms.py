"""The form that makes an invitation."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.accounts.models import Invitation

_MOST_PLACES, _MOST_DAYS = 1_000, 365


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    days = forms.IntegerField(
        label=_("Days"), initial=14, min_value=1, max_value=_MOST_DAYS, help_text=_("How long the link can be used.")
    )
    places = forms.IntegerField(
        label=_("Places"), initial=30, min_value=1, max_value=_MOST_PLACES, help_text=_("How many people may sign up.")
    )

    class Meta:
        model = Invitation
        fields = ("note", "places")
        labels = {"note": _("For whom")}
        help_texts = {"note": _("For your own memory: a class, a course.")}

    def save(self, commit: bool = True) -> Invitation:
        self.instance.expires = timezone.now() + timedelta(days=self.cleaned_data["days"])
        saved: Invitation = super().save(commit)
        return saved
