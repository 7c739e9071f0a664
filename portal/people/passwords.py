"""Passwords that are guessed early, though they are long enough."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from portal.people.models import User

STRONG = 4  # zxcvbn's best: more than 10^10 guesses
JUDGED = 36  # characters at the beginning; some that are longer would take seconds
REFUSED = (
    "This password is too easy to guess: it has been leaked before, or is made of common words, a"
    " name of yours or of your company, dates, or keys beside each other. Take a few words that"
    " have nothing to do with each other."
)


class HardToGuess:
    """Refuses what zxcvbn puts together from its lists of leaked passwords and words, from rows of
    keys, and from the names that stand around this account.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if zxcvbn(password[:JUDGED], user_inputs=_names_around(user))["score"] < STRONG:
            raise ValidationError(REFUSED, code="password_easy_to_guess")

    def get_help_text(self) -> str:
        return "No common password, none of names, dates or keys beside each other."


def _names_around(user: Any) -> list[str]:
    """Of the operator, the person and the partner: as they are written, and word by word."""
    whole = [settings.OPERATOR_NAME, "Partner Portal"]
    if isinstance(user, User):
        whole += [user.name, *user.email.split("@")]
        whole += [user.partner.name, user.partner.email_domain] if user.partner else []
    words = [word for name in whole for word in name.replace(".", " ").split()]
    return [*whole, *("".join(name.split()) for name in whole), *words]
