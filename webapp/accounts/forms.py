"""The forms of django-allauth, with this site's labels and help texts."""

from datetime import timedelta
from typing import Any

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.socialaccount import forms as social_forms
from django import forms as django_forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.accounts import second_factor
from webapp.names import NameField


class _Plain:
    """A form without placeholders, which vanish while one types. Labels and help texts say the same."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = _("At least 8 characters. Not your name, and not a password that everybody has.")
            elif name in ("password", "oldpassword"):
                field.help_text = ""  # the page has the link to reset the password below the form


class _NewPassword(_Plain):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


class SignupForm(_Plain, forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    field_order = ("username", "password1", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Name")
        self.fields["username"].help_text = _("Letters and digits, and @ . + - _ where you like; no blanks.")
        self.fields["email"].help_text = _("Only to reset a forgotten password.")
        self.order_fields(self.field_order)


class SocialSignupForm(_Plain, social_forms.SignupForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Name")
        self.fields["username"].help_text = _("Letters and digits, and @ . + - _ where you like; no blanks.")


class LoginForm(_Plain, forms.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Name or email address")
        # No account has a longer name or address, and SQLite answers a text of 50,000 characters with an error.
        self.fields["login"].validators.append(MaxLengthValidator(EmailAddress._meta.get_field("email").max_length))


class AddEmailForm(_Plain, forms.AddEmailForm):  # type: ignore[misc]
    def save(self, request: HttpRequest) -> EmailAddress:
        """Send a mail to the old address when the new one replaces it at once.

        This happens when the old one was never confirmed. A confirmed address stays until the new one is confirmed
        too, and allauth then sends this mail.
        """
        addresses = EmailAddress.objects
        old = None if addresses.get_verified(self.user) else addresses.get_new(self.user)
        new: EmailAddress = super().save(request)
        if old:
            change = {"from_email": old.email, "to_email": new.email}
            get_adapter().send_notification_mail("account/email/email_changed", self.user, change, old.email)
        return new


class ChangePasswordForm(_NewPassword, forms.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")


class SetPasswordForm(_NewPassword, forms.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_Plain, forms.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(_NewPassword, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(_Plain, forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class _CodeOnce:
    """A form that takes each code of an authenticator app once, for as long as the code is right."""

    authenticator: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if not second_factor.is_first_use(self.authenticator, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_CodeOnce, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(_CodeOnce, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class TokenForm(django_forms.Form):
    """The name of a new token, and whether it may only read."""

    name = NameField(
        label=_("Name"),
        max_length=80,
        help_text=_("What uses it, so that you know later: a script, a notebook, a machine."),
    )
    read_only = django_forms.BooleanField(
        label=_("It may only read"),
        required=False,
        help_text=_("It lists and downloads, and can change, train and write nothing."),
    )


class LinkForm(django_forms.ModelForm):  # type: ignore[type-arg]
    """The form that makes a link with places and an end. Its subclasses name the table."""

    days = django_forms.IntegerField(
        label=_("Days"), initial=14, min_value=1, max_value=365, help_text=_("How long the link can be used.")
    )
    places = django_forms.IntegerField(
        label=_("Places"), initial=30, min_value=1, max_value=1_000, help_text=_("How many people it lets in.")
    )

    def save(self, commit: bool = True) -> Any:
        self.instance.expires = timezone.now() + timedelta(days=self.cleaned_data["days"])
        return super().save(commit)


class DeleteAccountForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Current password")
