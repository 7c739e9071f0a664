"""Forms of allauth, with our limits."""

from allauth.account.forms import ResetPasswordForm
from allauth.core import context

from portal.people.limits import reset_tries, take


class ResetForm(ResetPasswordForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        take(context.request, reset_tries(context.request, email.lower()))
        return email
