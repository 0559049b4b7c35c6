"""The form that makes an invitation."""

from django.utils.translation import gettext_lazy as _

from webapp.accounts.forms import LinkForm
from webapp.accounts.models import Invitation


class InvitationForm(LinkForm):
    class Meta:
        model = Invitation
        fields = ("note", "places")
        labels = {"note": _("For whom")}
        help_texts = {"note": _("For your own memory: a class, a course.")}
