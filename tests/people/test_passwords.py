"""Which passwords nobody may choose."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.factories import make_amped, make_user

pytestmark = pytest.mark.once

EASY = {
    "leaked": "password1234",
    "leaked, with figures for letters": "P@ssw0rd1234",
    "the operator and a year": "chargepoint2026",
    "the operator, a year and a sign": "ChargePoint-2026!",
    "the partner": "ampedfieldservices",
    "the partner, as it is written": "Amped Field Services",
    "the partner's domain": "amped.example-1",
    "the portal": "partnerportal1",
    "their own name": "Olga.Whitfield1",
    "a row of keys": "qwertyuiopas",
    "another one": "asdfghjkl;'zx",
    "rows of keys upwards": "1qaz2wsx3edc4rfv",
    "one word again and again": "chargerchargercharger",
    "a date": "welcome-1999-07-04",
    "one letter": "aaaaaaaaaaaaaaaa",
}


@pytest.mark.parametrize("password", EASY.values(), ids=EASY.keys())
def test_what_is_guessed_early_is_refused(db, password):
    person = make_user("olga@amped.example", name="Olga Whitfield", partner=make_amped())
    with pytest.raises(ValidationError):
        validate_password(password, person)


@pytest.mark.parametrize(
    "password",
    ["brass-Kettle-7741", "correct horse battery staple", "x7$Kq!mZp0Wd", "Fahrradkette blau 9",
     "brass kettle " * 40, "Ünicode-ключ-鍵-77"],
)  # fmt: skip
def test_what_is_hard_to_guess_is_taken(dana, password):
    validate_password(password, dana)
    validate_password(password)


def test_each_of_the_two_that_once_passed_is_refused_by_its_sentence(client, dana):
    from tests.people.test_password_reset import choose, link_for

    link = link_for(client, dana.email)
    for easy in ("chargepoint2026", "qwertyuiopas"):
        page = choose(client, link, password1=easy, password2=easy)
        assert "This password is too easy to guess" in page.content.decode()
