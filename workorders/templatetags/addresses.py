"""Addresses in templates: with the way back to the list, and the mark of the page that one
is on.
"""

from urllib.parse import quote, urlencode

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def url_with_back(context: Context, name: str, *args: object, **query: object) -> str:
    """An address as `url` gives it, with a query, and the way back to the list that one came from.

    What is empty in the query is left out.
    """
    query |= {"back": context.get("back")}
    encoded = urlencode({key: value for key, value in query.items() if value}, quote_via=quote)
    return reverse(name, args=args) + (f"?{encoded}" if encoded else "")


@register.simple_tag(takes_context=True)
def aria_current(context: Context, name: str, *, is_section: bool = False) -> SafeString | str:
    """Marks a link on its own page; that of a section on the pages below it too."""
    url, path = reverse(name), context["request"].path
    if path == url:
        return format_html(' aria-current="{}"', "page")
    return format_html(' aria-current="{}"', "true") if is_section and path.startswith(url) else ""
