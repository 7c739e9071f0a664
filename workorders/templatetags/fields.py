"""A form's control as the page shows it: described by its help and its errors, marked when it is
wrong.
"""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField, autofocus: object = False) -> SafeString:
    name = field.id_for_label
    attrs: dict[str, str | bool] = {}
    descriptions = {f"{name}_error": field.errors, f"{name}_help": field.help_text}
    if described_by := [key for key, text in descriptions.items() if text]:
        attrs["aria-describedby"] = " ".join(described_by)
    if field.errors:
        css = field.field.widget.attrs.get("class", "")
        attrs |= {"class": f"{css} is-invalid", "aria-invalid": "true"}
    if autofocus:
        attrs["autofocus"] = True
    return field.as_widget(attrs=attrs)
