"""Names in templates that hold the company's own."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workorders.history.wording import cause_label, description_of
from workorders.models import Hold
from workorders.states import Cause, DelayReason

register = template.Library()


@register.filter
def hold_cause(hold: Hold) -> str:
    return cause_label(Cause(hold.cause)) if hold.cause else ""


def reason_with_description(reason: str) -> SafeString:
    """A reason for delay as the admin shows it: its name, never without its description."""
    delay_reason = DelayReason(reason)
    return format_html(
        '{}<small class="about">{}</small>', delay_reason.label, description_of(delay_reason)
    )
