"""Names in templates that hold the company's own."""

import phonenumbers
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workorders.history.wording import cause_label, description_of
from workorders.models import Comment, Hold
from workorders.states import Cause, DelayReason
from workorders.templatetags.dates import day

register = template.Library()


@register.filter
def hold_cause(hold: Hold) -> str:
    return cause_label(Cause(hold.cause)) if hold.cause else ""


@register.filter
def tel(phone: str) -> str:
    """The address that dials this number, and its extension (RFC 3966)."""
    try:
        number = phonenumbers.parse(phone, "US")  # as `PhoneField` reads it
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return f"tel:{''.join(phone.split())}"
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"tel:{plain};ext={number.extension}" if number.extension else f"tel:{plain}"


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
