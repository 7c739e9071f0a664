"""What people type to log in and to set up how they do: forms of allauth, with our limits."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from portal.people.limits import code_tries, give_back, reset_tries, take

VALID_FOR = 90  # seconds, of a code: its own half minute and those beside it
REFUSED = "This device was not recognized. Try again, or use another way."


class ResetForm(ResetPasswordForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        take(context.request, reset_tries(context.request, email.lower()))
        return email


class CodeForm(AuthenticateForm):
    """A code of the authenticator app or a recovery code, each good for one login."""

    def clean_code(self) -> str:
        tries = code_tries(context.request, self.user.email)
        take(context.request, tries)
        code: str = super().clean_code()
        used = f"code-used:{self.user.pk}:{normalize_user_code(code)}"
        if not cache.add(used, True, VALID_FOR):
            raise get_adapter().validation_error("incorrect_code")
        give_back(tries)
        return code


class AppForm(forms.Form):
    """The first code of an app that is being set up."""

    code = forms.CharField(max_length=20)

    def __init__(self, data: Any, *, secret: str) -> None:
        super().__init__(data)
        self.secret = secret

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PasskeyForm(AddWebAuthnForm):
    """What a browser says of a passkey that it has made."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except Exception as error:  # whatever it was that somebody sent
            raise ValidationError(REFUSED) from error


class PasskeyLoginForm(AuthenticateWebAuthnForm):
    """What a browser says of a passkey that it was asked for."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except Exception as error:
            raise ValidationError(REFUSED) from error
