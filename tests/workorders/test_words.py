"""Words and numbers as pages have them."""

import pytest

from workorders.services import DomainError, comment
from workorders.services.errors import is_blank
from workorders.templatetags.words import tel

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("phone", "dialed"),
    [
        ("+1 415 555 0187", "tel:+14155550187"),
        ("(415) 555-0187 x12", "tel:+14155550187;ext=12"),
        ("+49 30 123456 ext. 7", "tel:+4930123456;ext=7"),
        ("112", "tel:112"),
        ("020 7946 0000 ext 12", "tel:02079460000;ext=12"),
        ("+49 89 123456 Durchwahl 78", "tel:+4989123456"),
        ("+1 415 555 0131 or +1 415 555 0132", "tel:+14155550131"),
        ("555-0131", "tel:5550131"),
        ("the desk", "tel:thedesk"),
    ],
)
def test_a_number_dials_with_its_extension(phone, dialed):
    assert tel(phone) == dialed


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u2060", "\ufeff\u00a0\t", "\u202e\u00ad"])
def test_what_cannot_be_seen_is_no_message(text, work_order, dana):
    assert is_blank(text)
    with pytest.raises(DomainError, match="Enter a comment"):
        comment(work_order, body=text, by=dana)


@pytest.mark.parametrize("text", [".", "\u200b1", "👍", "é"])
def test_what_can_be_seen_is_one(text):
    assert not is_blank(text)
