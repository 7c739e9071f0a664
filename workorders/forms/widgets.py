"""Widgets of many choices, without a template of Django's for each choice; drawn once for the
same choices.
"""

import functools
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Choices = tuple[tuple[Any, str], ...]  # the values, each with its label
Attributes = tuple[tuple[str, Any], ...]


class PlainSelect(forms.Select):
    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        return _select(*_drawn_of(self, name, value, attrs))


class PlainCheckboxes(forms.CheckboxSelectMultiple):
    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        return _checkboxes(*_drawn_of(self, name, value, attrs))


def _drawn_of(
    widget: forms.Select | forms.CheckboxSelectMultiple,
    name: str,
    value: Any,
    attrs: dict[str, Any] | None,
) -> tuple[str, Attributes, Choices, frozenset[str]]:
    attributes = widget.build_attrs(widget.attrs, attrs)
    chosen = frozenset(widget.format_value(value))
    choices: Any = widget.choices
    return name, tuple(attributes.items()), tuple(choices), chosen


@functools.lru_cache(200)
def _select(
    name: str, attributes: Attributes, choices: Choices, chosen: frozenset[str]
) -> SafeString:
    options = (
        (value, flatatt({"selected": str(value) in chosen}), label) for value, label in choices
    )
    return format_html(
        '<select name="{}"{}>{}</select>',
        name,
        flatatt(dict(attributes)),
        format_html_join("", '<option value="{}"{}>{}</option>', options),
    )


@functools.lru_cache(200)
def _checkboxes(
    name: str, attributes: Attributes, choices: Choices, chosen: frozenset[str]
) -> SafeString:
    given = dict(attributes)
    group = given.pop("id")
    boxes = (
        (
            f"{group}_{number}",
            name,
            flatatt(
                given | {"value": value, "id": f"{group}_{number}", "checked": str(value) in chosen}
            ),
            label,
        )
        for number, (value, label) in enumerate(choices)
    )
    box = '<div><label for="{}"><input type="checkbox" name="{}"{}> {}</label></div>'
    return format_html('<div id="{}">{}</div>', group, format_html_join("", box, boxes))
