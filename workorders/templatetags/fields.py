"""A form's control as the page shows it: described by its help and its errors, marked when it is
wrong.
"""

from django import template
from django.forms import BoundField
from django.template.context import Context
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def focus_here(context: Context) -> str:
    """The attribute that brings the focus to an element: the browser's own where it loads a page,
    and one for our script where it swaps a part.
    """
    request = context["request"]
    is_swapped = request.htmx or "X-Whole-Page" in request.headers
    return "data-focus" if is_swapped else "autofocus"


@register.simple_tag(takes_context=True)
def control(context: Context, field: BoundField, autofocus: object = False) -> SafeString:
    name = field.id_for_label
    attrs: dict[str, str | bool] = {}
    descriptions = {f"{name}_error": field.errors, f"{name}_help": field.help_text}
    if described_by := [key for key, text in descriptions.items() if text]:
        attrs["aria-describedby"] = " ".join(described_by)
    if field.errors:
        css = field.field.widget.attrs.get("class", "")
        attrs |= {"class": f"{css} is-invalid", "aria-invalid": "true"}
    if autofocus or _is_first_wrong(field):
        attrs[focus_here(context)] = True
    return field.as_widget(attrs=attrs)


def _is_first_wrong(field: BoundField) -> bool:
    """Whether the focus goes here after an error."""
    form = field.form
    wrong = (name for name in form.fields if name in form.errors and not form[name].is_hidden)
    return form.is_bound and next(wrong, None) == field.name
