"""Widgets of many choices, without a template of Django's for each choice."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = (
            (flatatt({"value": each["value"], **each["attrs"]}), each["label"])
            for each in _choices(widget)
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(widget["attrs"]),
            format_html_join("", "<option{}>{}</option>", options),
        )


class PlainCheckboxes(forms.CheckboxSelectMultiple):
    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        boxes = (
            (
                each["attrs"]["id"],
                name,
                flatatt({"value": each["value"], **each["attrs"]}),
                each["label"],
            )
            for each in _choices(widget)
        )
        box = '<div><label for="{}"><input type="checkbox" name="{}"{}> {}</label></div>'
        return format_html(
            '<div id="{}">{}</div>', widget["attrs"]["id"], format_html_join("", box, boxes)
        )


def _choices(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _, choices, _ in widget["optgroups"]:
        yield from choices
