"""Names in templates that hold the company's own."""

from django import template

from workorders.models import Hold
from workorders.states import Cause
from workorders.wording import cause_label

register = template.Library()


@register.filter
def waits_for(hold: Hold) -> str:
    return cause_label(Cause(hold.cause)) if hold.cause else ""
