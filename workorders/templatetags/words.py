"""Names in templates that hold the company's own."""

import re

import phonenumbers
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from phonenumbers import ValidationResult

from workorders.history.wording import cause_label, description_of
from workorders.models import Comment, Hold
from workorders.states import Cause, DelayReason
from workorders.templatetags.dates import day

register = template.Library()

_DIGITS = re.compile(r"\+?[0-9][0-9\s().\-\u2010-\u2014/]*")


@register.filter
def hold_cause(hold: Hold) -> str:
    return cause_label(Cause(hold.cause)) if hold.cause else ""


@register.filter
def tel(phone: str) -> str:
    """The address that dials this number, and its extension (RFC 3966)."""
    try:
        number = phonenumbers.parse(phone, "US")  # as `PhoneField` reads it
    except phonenumbers.NumberParseException:
        return f"tel:{_first_digits(phone)}"
    if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
        plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    else:  # that of another country, as it is dialled there, or with words around it
        plain = _first_digits(phone)
    return f"tel:{plain};ext={number.extension}" if number.extension else f"tel:{plain}"


def _first_digits(phone: str) -> str:
    found = _DIGITS.search(phone)
    return re.sub("[^0-9+]", "", found[0]) if found else "".join(phone.split())


@register.filter
def description(reason: str) -> str:
    """What is shown with the name of a reason for delay."""
    return description_of(DelayReason(reason))


@register.simple_tag
def assistance(comment: Comment) -> SafeString | str:
    """What a Request for Assistance asks for: "Site access", "Put on hold until a date (Mon, Mar
    2)".
    """
    label = comment.get_assistance_display()
    return format_html("{} ({})", label, day(comment.until)) if comment.until else label


def reason_with_description(reason: str) -> SafeString:
    """A reason for delay as the admin shows it: its name, never without its description."""
    delay_reason = DelayReason(reason)
    return format_html(
        '{}<small class="about">{}</small>', delay_reason.label, description_of(delay_reason)
    )
